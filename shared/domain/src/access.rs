//! Who may do what. Roles map to capabilities in one registry; code asks for capabilities and never compares role names.
//!
//! The only way to an [`Entitled`] is [`decide`], and whatever starts, shows or acknowledges for a caller demands one: a forgotten check
//! does not compile, unless it claims to be the system, which nothing that answers a caller does.

use crate::id::{TenantId, WorkspaceId};
use crate::names::names;
use crate::onboarding::OnboardingSession;
use crate::run_header::RunHeader;
use crate::tenant::Tenant;

names! {
    /// A role in a workspace or on a tenant.
    Role: "a role" {
        /// Everything.
        Owner = "owner",
        /// Everything but owning.
        Manager = "manager",
        /// Runs verifications.
        Operator = "operator",
        /// Looks.
        Readonly = "readonly",
    }
}

names! {
    /// Something a caller may be allowed to do.
    Capability: "a capability" {
        /// See runs and reports.
        ViewVerification = "verification.view",
        /// Start a verification.
        RunProvider = "provider.run",
        /// Acknowledge a finding.
        AcknowledgeVerification = "verification.acknowledge",
        /// Onboard a tenant.
        OnboardTenant = "tenant.onboard",
    }
}

impl Role {
    /// The registry: whether this role carries the capability.
    #[must_use]
    pub fn carries(self, capability: Capability) -> bool {
        match capability {
            Capability::ViewVerification => true,
            Capability::RunProvider => matches!(self, Role::Owner | Role::Manager | Role::Operator),
            Capability::AcknowledgeVerification | Capability::OnboardTenant => {
                matches!(self, Role::Owner | Role::Manager)
            }
        }
    }
}

/// What a user holds in one workspace, and on one of its tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    /// Role in the workspace; none for somebody who is not a member.
    pub membership: Option<Role>,
    /// Role on the tenant; none for a member who is not entitled to it.
    pub entitlement: Option<Role>,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What belongs to a workspace alone.
    Workspace(WorkspaceId),
    /// A tenant of a workspace.
    Tenant(WorkspaceId, TenantId),
}

impl Scope {
    /// The scope of a run.
    #[must_use]
    pub fn of_run(run: &RunHeader) -> Self {
        Self::Tenant(run.workspace_id, run.tenant_id)
    }

    /// The scope of an onboarding session: its tenant, once that is identified.
    #[must_use]
    pub fn of_session(session: &OnboardingSession) -> Self {
        session.tenant_id.map_or(Self::Workspace(session.workspace_id), |it| Self::Tenant(session.workspace_id, it))
    }

    /// The scope that a path names, if the tenant belongs to that workspace.
    #[must_use]
    pub fn of_tenant(workspace_id: WorkspaceId, tenant: &Tenant) -> Option<Self> {
        (tenant.workspace_id == workspace_id).then_some(Self::Tenant(workspace_id, tenant.id))
    }

    /// The workspace.
    #[must_use]
    pub fn workspace_id(self) -> WorkspaceId {
        match self {
            Scope::Workspace(workspace_id) | Scope::Tenant(workspace_id, _) => workspace_id,
        }
    }

    /// The tenant, where it is about one.
    #[must_use]
    pub fn tenant_id(self) -> Option<TenantId> {
        match self {
            Scope::Workspace(_) => None,
            Scope::Tenant(_, tenant_id) => Some(tenant_id),
        }
    }
}

/// Proof that a caller may use one capability in one scope. Only [`decide`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entitled {
    scope: Scope,
    capability: Capability,
}

impl Entitled {
    /// What the decision was about.
    #[must_use]
    pub fn scope(self) -> Scope {
        self.scope
    }

    /// What the caller may do there.
    #[must_use]
    pub fn capability(self) -> Capability {
        self.capability
    }
}

/// By whose authority a verification is started. The deployment's own is a word of its own: it is never what is left when nobody is
/// known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// A person's, decided for one scope.
    Entitled(Entitled),
    /// The deployment's own, used in this scope.
    System(Scope),
}

impl Authority {
    /// Whether it is enough to start a verification in this scope.
    #[must_use]
    pub fn starts_in(self, scope: Scope) -> bool {
        match self {
            Authority::Entitled(entitled) => entitled.capability == Capability::RunProvider && entitled.scope == scope,
            Authority::System(own) => own == scope,
        }
    }

    /// Where it counts.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Authority::Entitled(entitled) => entitled.scope,
            Authority::System(scope) => scope,
        }
    }
}

/// Why they may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// They may know that it exists, but not do this.
    Lacks(Capability),
    /// They may not know that it exists.
    Outsider,
}

/// Decides from current rights. Tenant-linked scopes take their capabilities from the entitlement, others from the membership;
/// without a membership an entitlement counts for nothing.
///
/// # Errors
/// [`Denied`] when they may not.
pub fn decide(scope: Scope, rights: Rights, capability: Capability) -> Result<Entitled, Denied> {
    let role = match (rights.membership, scope) {
        (None, _) => None,
        (Some(role), Scope::Workspace(_)) => Some(role),
        (Some(_), Scope::Tenant(..)) => rights.entitlement,
    };
    match role {
        None => Err(Denied::Outsider),
        Some(role) if role.carries(capability) => Ok(Entitled { scope, capability }),
        Some(_) => Err(Denied::Lacks(capability)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(tenant: Option<u64>) -> Scope {
        let workspace_id = WorkspaceId::try_from(1).expect("an id");
        tenant.map_or(Scope::Workspace(workspace_id), |id| Scope::Tenant(workspace_id, id.try_into().expect("an id")))
    }

    #[test]
    fn the_registry_gives_each_role_what_the_specification_says() {
        let carried = |role: Role| -> Vec<&str> {
            Capability::ALL.iter().filter(|wanted| role.carries(**wanted)).map(|held| held.as_str()).collect()
        };
        assert_eq!(carried(Role::Readonly), ["verification.view"]);
        assert_eq!(carried(Role::Operator), ["verification.view", "provider.run"]);
        let all = ["verification.view", "provider.run", "verification.acknowledge", "tenant.onboard"];
        assert_eq!(carried(Role::Manager), all);
        assert_eq!(carried(Role::Owner), all);
    }

    #[test]
    fn every_combination_of_rights_is_decided() {
        let roles = [None, Some(Role::Readonly), Some(Role::Owner)];
        for membership in roles {
            for entitlement in roles {
                for tenant in [None, Some(7)] {
                    let decision = decide(scope(tenant), Rights { membership, entitlement }, Capability::RunProvider);
                    let counts = if tenant.is_some() { entitlement } else { membership };
                    match (membership, counts) {
                        (None, _) | (_, None) => assert_eq!(decision, Err(Denied::Outsider)),
                        (_, Some(Role::Owner)) => assert!(decision.is_ok()),
                        _ => assert_eq!(decision, Err(Denied::Lacks(Capability::RunProvider))),
                    }
                }
            }
        }
    }

    #[test]
    fn a_tenant_of_another_workspace_is_out_of_scope() {
        let workspace_id = WorkspaceId::try_from(1).expect("an id");
        let tenant = Tenant {
            id: TenantId::try_from(7).expect("an id"),
            workspace_id: WorkspaceId::try_from(2).expect("an id"),
            name: "Contoso".to_owned(),
            entra_tenant_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".to_owned(),
            status: crate::tenant::TenantStatus::Active,
        };
        assert_eq!(Scope::of_tenant(workspace_id, &tenant), None);
        assert_eq!(Scope::of_tenant(tenant.workspace_id, &tenant), Some(Scope::Tenant(tenant.workspace_id, tenant.id)));
    }

    #[test]
    fn who_may_start_may_start_there_alone() {
        let rights = Rights { membership: Some(Role::Owner), entitlement: Some(Role::Owner) };
        let (here, elsewhere) = (scope(Some(7)), scope(Some(8)));
        let entitled = |capability| Authority::Entitled(decide(here, rights, capability).expect("an owner may"));
        let starts = [entitled(Capability::RunProvider), Authority::System(here)];
        assert!(starts.iter().all(|authority| authority.starts_in(here) && !authority.starts_in(elsewhere)));
        assert!(!entitled(Capability::ViewVerification).starts_in(here));
        assert_eq!((here.tenant_id(), scope(None).tenant_id()), (TenantId::try_from(7).ok(), None));
    }
}
