//! The directory: workspaces, who may do what in them, their tenants with their connections, and the onboarding sessions. It belongs to
//! the host SaaS, comes in as one file that is the whole truth of each workspace that it names (but for the sessions, which stay), and
//! is compared here with what is stored.

mod app_reservations;
mod changes;
mod compare;
mod edit;
mod entry;
mod limits;
mod plan;
mod refusal;
mod reservations;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::access::Role;
use crate::connection::ProviderConnection;
use crate::id::{ConnectionId, EntraTenantId, SessionId, TenantId, UserId, WorkspaceId};
use crate::onboarding::OnboardingSession;
use crate::tenant::Tenant;

pub use app_reservations::{AppInTenant, AppMoves, AppReservation};
pub use changes::{AppMove, Counts, DirectoryChanges, GrantChange};
pub use edit::Edit;
pub use entry::{Action, Entity, Line};
pub use plan::{EntraReservation, Plan, Removals, TenantEdits, WorkspaceEdits};
pub use refusal::Refusal;

/// A workspace: one MSP or one team of a SaaS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// A name for people.
    pub name: String,
}

/// That a user belongs to a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The user.
    pub user_id: UserId,
    /// What the user is there.
    pub role: Role,
}

/// That a member may work on a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// The workspace that the tenant belongs to.
    pub workspace_id: WorkspaceId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The user.
    pub user_id: UserId,
    /// What the user may do for the tenant.
    pub role: Role,
}

/// What a directory file says of one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedWorkspace {
    /// The workspace.
    pub workspace: Workspace,
    /// All of its members.
    pub memberships: Vec<Membership>,
    /// All of its tenants that are not to be archived.
    pub tenants: Vec<WantedTenant>,
    /// Onboarding sessions; others of the workspace stay as they are. Their `version` is that of a session that is new now, and they
    /// never point to a run: the plan carries both on from what is stored.
    pub sessions: Vec<OnboardingSession>,
}

/// What a directory file says of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// Everybody's role on it.
    pub entitlements: Vec<Entitlement>,
    /// All of its connections. `updated_at` and `version` are those of a connection that is new now; the plan carries on from what
    /// is stored.
    pub connections: Vec<ProviderConnection>,
}

/// Something stored, with the version of its item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// What is stored.
    pub value: T,
    /// Counts the writes of the item; a write states which one it follows.
    pub version: u64,
}

/// What is stored of the workspaces and tenants that a file is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredDirectory {
    /// The workspaces.
    pub workspaces: BTreeMap<WorkspaceId, Versioned<Workspace>>,
    /// Their members.
    pub memberships: Vec<Versioned<Membership>>,
    /// Their tenants, and tenants of other workspaces whose ids the file uses.
    pub tenants: BTreeMap<TenantId, StoredTenant>,
    /// Which tenant holds an Entra tenant that the file wants.
    pub entra_reservations: BTreeMap<EntraTenantId, TenantId>,
    /// Which tenant holds a connection id that the file wants.
    pub connection_reservations: BTreeMap<ConnectionId, TenantId>,
    /// Which workspace has an app in an Entra tenant that the file's connections use.
    pub app_reservations: BTreeMap<AppInTenant, WorkspaceId>,
    /// The onboarding sessions that the file names, in whichever workspace they are.
    pub sessions: BTreeMap<SessionId, OnboardingSession>,
}

/// What is stored of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTenant {
    /// The tenant. Its version counts the writes of anything that belongs to it, so two writers never both succeed.
    pub tenant: Versioned<Tenant>,
    /// Everybody's role on it.
    pub entitlements: Vec<Versioned<Entitlement>>,
    /// Its connections; their version is their own.
    pub connections: Vec<ProviderConnection>,
}
