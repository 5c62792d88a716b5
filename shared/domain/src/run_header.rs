//! What never changes about a run: who started it, what it is about, and what makes it the same as another.

use crate::connection::{Provider, ProviderConnection};
use crate::id::{ConnectionId, RunId, SessionId, TenantId, UserId, WorkspaceId};
use crate::identity::RunIdentityHash;
use crate::operation::Operation;
use crate::plain_text;
use crate::tenant::Tenant;
use crate::time::Timestamp;

/// The most characters of an initiator's name.
const MAX_INITIATOR_NAME: usize = 200;

/// Who started a run. That it was nobody but the system is said in so many words, never by leaving the user out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Initiator {
    /// A person.
    User {
        /// As memberships and entitlements name them.
        id: UserId,
        /// Their name when they started it, at most 200 characters.
        name: Option<String>,
    },
    /// The deployment itself, by its own authority.
    System,
}

impl Initiator {
    /// A person, with the name that their token carries.
    #[must_use]
    pub fn user(id: UserId, name: Option<&str>) -> Self {
        let name = name.map(|name| plain_text::of_claim(name, MAX_INITIATOR_NAME));
        Self::User { id, name }
    }

    /// The person, if it was one.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Initiator::User { id, .. } => Some(id),
            Initiator::System => None,
        }
    }

    /// The person's name, if it is known.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Initiator::User { name, .. } => name.as_deref(),
            Initiator::System => None,
        }
    }
}

/// What a run is about. It stays as it was when the run was made, whatever becomes of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTarget {
    /// Whose API.
    pub provider: Provider,
    /// The connection's module; none without a connection.
    pub module: Option<String>,
    /// The connection; none when the tenant has none to use.
    pub connection_id: Option<ConnectionId>,
    /// The Entra tenant of the connection, else of the tenant.
    pub entra_tenant_id: String,
    /// Its name, if the connection's operator gave one.
    pub entra_tenant_name: Option<String>,
}

impl RunTarget {
    /// The target for a tenant and the connection that was chosen in it, if any.
    #[must_use]
    pub fn of(tenant: &Tenant, connection: Option<&ProviderConnection>) -> Self {
        Self {
            provider: connection.map_or(Provider::Microsoft, |connection| connection.provider),
            module: connection.map(|connection| connection.module.clone()),
            connection_id: connection.map(|connection| connection.id),
            entra_tenant_id: connection.map_or(&tenant.entra_tenant_id, |it| &it.entra_tenant_id).clone(),
            entra_tenant_name: connection.and_then(|connection| connection.entra_tenant_name.clone()),
        }
    }
}

/// What never changes about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHeader {
    /// Its id.
    pub id: RunId,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// What it does.
    pub operation: Operation,
    /// Hash of what makes two runs the same.
    pub identity_hash: RunIdentityHash,
    /// Who started it.
    pub initiator: Initiator,
    /// What it is about.
    pub target: RunTarget,
    /// The onboarding session that it was started from.
    pub session_id: Option<SessionId>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initiators_name_is_cut_at_200_characters() {
        let user = UserId::try_from("u".to_owned()).expect("a user id");
        let initiator = Initiator::user(user, Some(&"ä".repeat(300)));
        assert_eq!(initiator.name().map(|name| name.chars().count()), Some(200));
    }

    #[test]
    fn only_a_person_has_a_user_id() {
        let user = UserId::try_from("u".to_owned()).expect("a user id");
        assert_eq!(Initiator::user(user.clone(), None).user_id(), Some(&user));
        assert_eq!(Initiator::System.user_id(), None);
    }
}
