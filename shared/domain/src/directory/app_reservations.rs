//! Apps in Entra tenants belong to a workspace for good. An Entra tenant is free again when its tenant is archived, but consent to an app
//! stays there: whoever named the same app next would see the customer's data without being asked for anything. So the workspace that
//! first has a connection of an app in an Entra tenant keeps it, until an operator says that it moves.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edit, Refusal, StoredDirectory, Versioned};
use crate::connection::ProviderConnection;
use crate::id::{ClientId, EntraTenantId, WorkspaceId};

/// Whether a file may take an app from another workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppMoves {
    /// What another workspace has stays there.
    Refused,
    /// The operator said so.
    Allowed,
}

/// An app in an Entra tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppInTenant {
    /// The app.
    pub client_id: ClientId,
    /// The Entra tenant that it signs in to.
    pub entra_tenant_id: EntraTenantId,
}

impl AppInTenant {
    /// The app of a connection; none where its ids can name none, which no verification goes beyond.
    #[must_use]
    pub fn of(connection: &ProviderConnection) -> Option<Self> {
        let (client_id, entra_tenant_id) =
            (connection.client_id.parse().ok()?, connection.entra_tenant_id.parse().ok()?);
        Some(Self { client_id, entra_tenant_id })
    }
}

/// That an app in an Entra tenant belongs to a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppReservation {
    /// What belongs to it.
    pub app: AppInTenant,
    /// The workspace.
    pub workspace_id: WorkspaceId,
}

/// Which workspace has which app.
pub(super) type Holders = BTreeMap<AppInTenant, WorkspaceId>;

/// The reservations that a tenant's connections need, with what becomes of each.
pub(super) fn needed(
    connections: &[ProviderConnection],
    workspace_id: WorkspaceId,
    holders: &Holders,
) -> Vec<Edit<AppReservation>> {
    let apps: BTreeSet<AppInTenant> = connections.iter().filter_map(AppInTenant::of).collect();
    let edit = |app: AppInTenant| {
        let held = holders.get(&app).map(|holder| AppReservation { app: app.clone(), workspace_id: *holder });
        // Nothing counts the writes of a reservation: whose it is is all that it says.
        Edit::of(held.map(|value| Versioned { value, version: 0 }), AppReservation { app, workspace_id })
    };
    apps.into_iter().map(edit).collect()
}

/// Connections whose app belongs to another workspace: by what is stored, or by the same file.
pub(super) fn elsewhere<'a>(
    connections: impl Iterator<Item = &'a ProviderConnection>,
    stored: &StoredDirectory,
    moves: AppMoves,
) -> Vec<Refusal> {
    let mut named = Holders::new();
    let mut refusals = Vec::new();
    for connection in connections {
        let Some(app) = AppInTenant::of(connection) else { continue };
        let is_another = |holder: &WorkspaceId| *holder != connection.workspace_id;
        let held = stored.app_reservations.get(&app).copied().filter(|_| moves == AppMoves::Refused);
        let first = *named.entry(app.clone()).or_insert(connection.workspace_id);
        let held = held.filter(is_another).map(|holder| (holder, true));
        let Some((holder, is_movable)) = held.or(Some(first).filter(is_another).map(|holder| (holder, false))) else {
            continue;
        };
        let (connection_id, AppInTenant { client_id, entra_tenant_id }) = (connection.id, app);
        refusals.push(Refusal::AppElsewhere { connection_id, client_id, entra_tenant_id, holder, is_movable });
    }
    refusals
}
