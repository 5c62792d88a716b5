//! What nobody may look at before it is decided whether they may: the head of it comes out of the table with the rights of whoever asks
//! for it, only a capability opens it, and what else there is, is read by nobody who has not opened it. A forgotten decision does not
//! compile, and what does not exist answers like what is hidden.

use crate::access::{Capability, Denied, Entitled, Rights, Scope, decide};

/// Something of the table, and what the caller holds where it belongs. What is inside cannot be reached without a decision:
///
/// ```compile_fail,E0616
/// fn peek(guarded: domain::guarded::Guarded<u8>) -> bool {
///     guarded.inside.is_some()
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Guarded<T> {
    inside: Option<Inside<T>>,
}

#[derive(Debug, Clone)]
struct Inside<T> {
    scope: Scope,
    rights: Rights,
    value: T,
}

/// Something that its caller may see. What else they may do is decided where it belongs, and nowhere else:
///
/// ```compile_fail,E0616
/// fn elsewhere(mut opened: domain::guarded::Opened<u8>, scope: domain::access::Scope) {
///     opened.scope = scope;
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Opened<T> {
    /// What was guarded.
    pub value: T,
    scope: Scope,
    rights: Rights,
}

impl<T> Guarded<T> {
    /// What belongs to this scope, for somebody with these rights there.
    #[must_use]
    pub fn new(scope: Scope, rights: Rights, value: T) -> Self {
        Self { inside: Some(Inside { scope, rights, value }) }
    }

    /// What does not exist.
    #[must_use]
    pub fn absent() -> Self {
        Self { inside: None }
    }

    /// Opens it for whoever has the capability there.
    ///
    /// # Errors
    /// [`Denied`]; what is absent is so to everybody.
    pub fn open(self, capability: Capability) -> Result<Opened<T>, Denied> {
        let Inside { scope, rights, value } = self.inside.ok_or(Denied::Outsider)?;
        decide(scope, rights, capability)?;
        Ok(Opened { value, scope, rights })
    }

    /// Opens what is about a tenant for whoever has the capability in the tenant's workspace. Whoever may not know of the tenant is not
    /// told what they lack in the workspace.
    ///
    /// # Errors
    /// [`Denied`]; what is absent is so to everybody.
    pub fn open_in_workspace(self, capability: Capability) -> Result<Opened<T>, Denied> {
        let Inside { scope, rights, value } = self.inside.ok_or(Denied::Outsider)?;
        if decide(scope, rights, Capability::ViewVerification) == Err(Denied::Outsider) {
            return Err(Denied::Outsider);
        }
        decide(Scope::Workspace(scope.workspace_id()), rights, capability)?;
        Ok(Opened { value, scope, rights })
    }
}

impl<T> Opened<T> {
    /// What is read with this decision in hand, in place of what was decided about.
    #[must_use]
    pub fn with<U>(self, value: U) -> Opened<U> {
        Opened { value, scope: self.scope, rights: self.rights }
    }

    /// Whether the caller has another capability there.
    ///
    /// # Errors
    /// [`Denied`] when they have not.
    pub fn decide(&self, capability: Capability) -> Result<Entitled, Denied> {
        decide(self.scope, self.rights, capability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    fn guarded(tenant: Option<u64>, membership: Option<Role>, entitlement: Option<Role>) -> Guarded<u8> {
        let workspace_id = "1".parse().expect("an id");
        let scope = tenant
            .map_or(Scope::Workspace(workspace_id), |id| Scope::Tenant(workspace_id, id.try_into().expect("an id")));
        Guarded::new(scope, Rights { membership, entitlement }, 7)
    }

    #[test]
    fn only_the_capability_opens_it_and_nothing_opens_what_is_absent() {
        let view = Capability::ViewVerification;
        let opened = guarded(Some(2), Some(Role::Readonly), Some(Role::Readonly)).open(view).expect("a reader sees");
        assert_eq!(opened.value, 7);
        assert_eq!(opened.decide(Capability::RunProvider), Err(Denied::Lacks(Capability::RunProvider)));
        let outsider = |guarded: Guarded<u8>| guarded.open(view).map(|opened| opened.value);
        assert_eq!(outsider(guarded(Some(2), Some(Role::Owner), None)), Err(Denied::Outsider));
        assert_eq!(outsider(Guarded::absent()), Err(Denied::Outsider));
    }

    #[test]
    fn what_is_about_a_tenant_opens_by_the_workspace_to_who_may_know_the_tenant() {
        let onboard = Capability::OnboardTenant;
        let open = |guarded: Guarded<u8>| guarded.open_in_workspace(onboard).map(|opened| opened.value);
        assert_eq!(open(guarded(Some(2), Some(Role::Owner), Some(Role::Readonly))), Ok(7));
        assert_eq!(open(guarded(Some(2), Some(Role::Operator), Some(Role::Owner))), Err(Denied::Lacks(onboard)));
        assert_eq!(open(guarded(Some(2), Some(Role::Owner), None)), Err(Denied::Outsider));
        assert_eq!(open(guarded(None, Some(Role::Owner), None)), Ok(7));
        assert_eq!(open(guarded(None, None, None)), Err(Denied::Outsider));
        assert_eq!(open(Guarded::absent()), Err(Denied::Outsider));
    }
}
