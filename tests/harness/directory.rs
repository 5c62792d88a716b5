//! The directory of a test, brought into the table on the way of `tenantcheck apply`: compared with what is stored, planned, and written
//! in the same transactions. So a scene stands on the conditions and claims that a real customer's tenants stand on.

use domain::access::Role;
use domain::audit::{AppliedFile, FileDigest, OperatorArn};
use domain::connection::ProviderConnection;
use domain::directory::{
    AppMoves, Entitlement, Membership, Plan, Removals, StoredTenant, Versioned, WantedTenant, WantedWorkspace,
    Workspace,
};
use domain::id::{SessionId, WorkspaceId};
use domain::onboarding::{OnboardingSession, Progress, SessionState};
use domain::tenant::Tenant;
use domain::time::Timestamp;
use store::Store;

use crate::customer::OWNER;
use crate::scene::user;

/// The workspace of a tenant with these connections, in which each of these people has this role, and on the tenant too.
#[must_use]
pub fn workspace(tenant: &Tenant, connections: &[ProviderConnection], people: &[(&str, Role)]) -> WantedWorkspace {
    let workspace = Workspace { id: tenant.workspace_id, name: "Example MSP".to_owned() };
    let memberships = people.iter().map(|(name, role)| membership(workspace.id, name, *role)).collect();
    let tenants = vec![self::tenant(tenant, connections, people)];
    WantedWorkspace { workspace, memberships, tenants, sessions: vec![] }
}

/// That this person is a member of the workspace.
#[must_use]
pub fn membership(workspace_id: WorkspaceId, name: &str, role: Role) -> Membership {
    Membership { workspace_id, user_id: user(name), role }
}

/// A tenant with these connections, on which each of these people has this role.
#[must_use]
pub fn tenant(tenant: &Tenant, connections: &[ProviderConnection], people: &[(&str, Role)]) -> WantedTenant {
    let Tenant { id: tenant_id, workspace_id, .. } = *tenant;
    let entitlement =
        |(name, role): &(&str, Role)| Entitlement { workspace_id, tenant_id, user_id: user(name), role: *role };
    WantedTenant {
        tenant: tenant.clone(),
        entitlements: people.iter().map(entitlement).collect(),
        connections: connections.to_vec(),
    }
}

/// An onboarding session of a tenant that waits to be verified, with nothing selected.
///
/// # Panics
/// When the tenant's Entra tenant is not named by a GUID.
#[must_use]
pub fn session(id: SessionId, tenant: &Tenant) -> OnboardingSession {
    OnboardingSession {
        id,
        workspace_id: tenant.workspace_id,
        tenant_id: Some(tenant.id),
        entra_tenant_id: tenant.entra_tenant_id.parse().expect("an Entra tenant's id"),
        current_step: "verify".parse().expect("a step"),
        state: SessionState::default(),
        started_by: user(OWNER),
        updated_by: user(OWNER),
        progress: Progress::Open,
        version: 1,
    }
}

/// Makes what is stored of a workspace equal to this, as a file does that is applied at this time.
///
/// # Panics
/// When it does not fit what is stored, or the table does not take it.
pub async fn apply(store: &Store, wanted: WantedWorkspace, at: Timestamp) {
    let wanted = vec![wanted];
    let stored = store.load_directory(&wanted).await.expect("the directory can be read");
    let plan = Plan::make(wanted, stored, Removals::Allowed, AppMoves::Refused, at)
        .expect("the workspace fits what is stored");
    store.apply_directory(&plan, &file(), at).await.expect("the table takes the workspace");
}

/// The file that tests apply, and who does it.
///
/// # Panics
/// Never.
#[must_use]
pub fn file() -> AppliedFile {
    AppliedFile { operator: operator(), digest: FileDigest::of(b"a test's") }
}

/// Whoever works at the table of a test.
///
/// # Panics
/// Never.
#[must_use]
pub fn operator() -> OperatorArn {
    "arn:aws:iam::000000000000:user/test".parse().expect("an ARN")
}

/// Changes a workspace, as the file does that says what is stored of it with this change.
///
/// # Panics
/// When it does not exist, or as `apply`.
pub async fn change(store: &Store, workspace: WorkspaceId, at: Timestamp, change: impl FnOnce(&mut WantedWorkspace)) {
    let mut wanted = stored(store, workspace).await;
    change(&mut wanted);
    apply(store, wanted, at).await;
}

/// What is stored of a workspace, but for its onboarding sessions: a file that does not name them leaves them alone.
async fn stored(store: &Store, id: WorkspaceId) -> WantedWorkspace {
    let nothing = Workspace { id, name: String::new() };
    let nothing = WantedWorkspace { workspace: nothing, memberships: vec![], tenants: vec![], sessions: vec![] };
    let mut stored = store.load_directory(&[nothing]).await.expect("the directory can be read");
    let tenants = stored.tenants.into_values().map(|StoredTenant { tenant, entitlements, connections }| WantedTenant {
        tenant: tenant.value,
        entitlements: values(entitlements),
        connections,
    });
    WantedWorkspace {
        workspace: stored.workspaces.remove(&id).expect("the workspace is stored").value,
        memberships: values(stored.memberships),
        tenants: tenants.collect(),
        sessions: vec![],
    }
}

fn values<T>(stored: Vec<Versioned<T>>) -> Vec<T> {
    stored.into_iter().map(|it| it.value).collect()
}
