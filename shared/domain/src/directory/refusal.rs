//! Why a valid file cannot be applied to what is stored: what belongs to somebody else stays there.

use super::{StoredDirectory, TenantEdits, WantedWorkspace, reservations};
use crate::id::{ClientId, ConnectionId, EntraTenantId, SessionId, TenantId, WorkspaceId};
use crate::onboarding::OnboardingSession;

/// Why a valid file cannot be applied to what is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The id is taken.
    #[error("tenant {tenant_id} belongs to workspace {holder}, and a tenant never moves to another workspace")]
    TenantElsewhere {
        /// The tenant.
        tenant_id: TenantId,
        /// Where it is.
        holder: WorkspaceId,
    },
    /// The id is taken.
    #[error("connection {connection_id} belongs to tenant {holder}, and a connection never moves to another tenant")]
    ConnectionElsewhere {
        /// The connection.
        connection_id: ConnectionId,
        /// Where the file has it.
        tenant_id: TenantId,
        /// Where it is.
        holder: TenantId,
    },
    /// The id is taken.
    #[error(
        "onboarding session {session_id} belongs to workspace {holder}, and a session never moves to another workspace"
    )]
    SessionElsewhere {
        /// The session.
        session_id: SessionId,
        /// Where it is.
        holder: WorkspaceId,
    },
    /// The session is about another tenant.
    #[error(
        "onboarding session {session_id} is about tenant {tenant_id}, and a session never changes the tenant it has"
    )]
    SessionOfTenant {
        /// The session.
        session_id: SessionId,
        /// Its tenant.
        tenant_id: TenantId,
    },
    /// The app is another workspace's, in this Entra tenant.
    #[error(
        "the app {client_id} in the Entra tenant {entra_tenant_id} belongs to workspace {holder}, for good{}",
        if *is_movable { "; --move-apps takes it from there" } else { " by this very file" }
    )]
    AppElsewhere {
        /// Which connection uses it.
        connection_id: ConnectionId,
        /// The app.
        client_id: ClientId,
        /// The Entra tenant.
        entra_tenant_id: EntraTenantId,
        /// Whose it is.
        holder: WorkspaceId,
        /// Whether an operator may move it: a file cannot give one app to two workspaces.
        is_movable: bool,
    },
    /// Another live tenant, which the file does not change, has it.
    #[error("the Entra tenant {entra_tenant_id} is held by tenant {holder}; archiving that one frees it")]
    EntraTenantHeld {
        /// Who wants it.
        tenant_id: TenantId,
        /// What it wants.
        entra_tenant_id: EntraTenantId,
        /// Who has it.
        holder: TenantId,
    },
    /// None of them can be written first.
    #[error("tenants {} pass their Entra tenants round in a circle; archive one of them first", list(.tenants))]
    EntraTenantsSwapped {
        /// The circle.
        tenants: Vec<TenantId>,
    },
    /// More than the limit.
    #[error(
        "{removed} of {stored} memberships, entitlements and connections would be removed, more than 20 %; \
         --allow-removals permits it"
    )]
    TooManyRemovals {
        /// From which workspace.
        workspace_id: WorkspaceId,
        /// How many would go.
        removed: usize,
        /// Of how many.
        stored: usize,
    },
}

fn list(tenants: &[TenantId]) -> String {
    tenants.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Tenants, connections and sessions whose ids live somewhere else.
pub(super) fn elsewhere(wanted: &[WantedWorkspace], stored: &StoredDirectory) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for tenant in wanted.iter().flat_map(|workspace| &workspace.tenants) {
        let tenant_id = tenant.tenant.id;
        let holder = stored.tenants.get(&tenant_id).map(|stored| stored.tenant.value.workspace_id);
        if let Some(holder) = holder.filter(|holder| *holder != tenant.tenant.workspace_id) {
            refusals.push(Refusal::TenantElsewhere { tenant_id, holder });
        }
        for connection in &tenant.connections {
            let holder = stored.connection_reservations.get(&connection.id).copied();
            if let Some(holder) = holder.filter(|holder| *holder != tenant_id) {
                refusals.push(Refusal::ConnectionElsewhere { connection_id: connection.id, tenant_id, holder });
            }
        }
    }
    refusals.extend(wanted.iter().flat_map(|workspace| &workspace.sessions).filter_map(|it| moved(it, stored)));
    refusals
}

/// A session keeps its workspace, and its tenant once it has one.
fn moved(session: &OnboardingSession, stored: &StoredDirectory) -> Option<Refusal> {
    let before = stored.sessions.get(&session.id)?;
    if before.workspace_id != session.workspace_id {
        return Some(Refusal::SessionElsewhere { session_id: session.id, holder: before.workspace_id });
    }
    let tenant_id = before.tenant_id.filter(|_| before.tenant_id != session.tenant_id)?;
    Some(Refusal::SessionOfTenant { session_id: session.id, tenant_id })
}

/// Tenants that want an Entra tenant whose holder does not let go of it.
pub(super) fn held(tenants: &[TenantEdits], holders: &reservations::Holders) -> Vec<Refusal> {
    let frees = |holder: TenantId, reservation: &EntraTenantId| {
        tenants.iter().any(|edits| edits.tenant_id() == holder && edits.entra.frees.as_ref() == Some(reservation))
    };
    let mut refusals = Vec::new();
    for edits in tenants {
        let Some(entra_tenant_id) = &edits.entra.takes else { continue };
        let tenant_id = edits.tenant_id();
        let holder = holders.get(entra_tenant_id).copied().filter(|holder| *holder != tenant_id);
        if let Some(holder) = holder.filter(|holder| !frees(*holder, entra_tenant_id)) {
            refusals.push(Refusal::EntraTenantHeld { tenant_id, entra_tenant_id: entra_tenant_id.clone(), holder });
        }
    }
    refusals
}
