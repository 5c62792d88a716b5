//! `GET /workspaces/{workspace_id}/tenants/{tenant_id}/permissions`: what each connection of a tenant holds of what it needs, as it
//! was last found out, and which features lack something.

use domain::access::Capability;
use domain::connection::ProviderConnection;
use domain::id::{ConnectionId, RunId, TenantId, UserId, WorkspaceId};
use domain::manifest::{Area, PermissionType};
use domain::permission_standing::{Impact, Standing};
use domain::permissions::{GrantSource, PermissionRow, PermissionStatus};
use domain::report::Overall;
use domain::time::Timestamp;
use serde::Serialize;
use store::StoredInventory;
use web::{Problem, Reply};

use crate::app::App;

#[derive(Debug, Serialize)]
struct PermissionsBody<'a> {
    connections: Vec<ConnectionPermissionsBody<'a>>,
}

#[derive(Debug, Serialize)]
struct ConnectionPermissionsBody<'a> {
    provider_connection_id: ConnectionId,
    is_default: bool,
    module: &'a str,
    overall: Overall,
    is_stale: bool,
    /// This and the next three are null before the first refresh.
    last_refreshed_at: Option<Timestamp>,
    source: Option<GrantSource>,
    manifest_version: Option<&'a str>,
    run_id: Option<RunId>,
    permissions: Vec<PermissionBody<'a>>,
    features: Vec<FeatureBody>,
}

#[derive(Debug, Serialize)]
struct PermissionBody<'a> {
    permission_key: &'a str,
    permission_type: PermissionType,
    status: PermissionStatus,
    details: DetailsBody<'a>,
    last_checked_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct DetailsBody<'a> {
    features: &'a [Area],
    #[serde(skip_serializing_if = "Option::is_none")]
    satisfied_by: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct FeatureBody {
    /// The check that answers for it.
    key: &'static str,
    title: &'static str,
    missing_application: Vec<String>,
    missing_delegated: Vec<String>,
    blocked: bool,
}

pub(crate) async fn show(
    app: &App,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    user: &UserId,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let opened = app.store.load_tenant(workspace_id, tenant_id, user).await?.open(Capability::ViewVerification)?;
    let view = app.store.load_permission_view(&opened).await?;
    let connections = view.connections.iter().map(|connection| {
        // What another module needed says nothing of this one.
        let stored = view
            .inventories
            .iter()
            .find(|stored| stored.connection_id == connection.id && stored.module.as_ref() == Some(&connection.module));
        ConnectionPermissionsBody::of(connection, stored, now)
    });
    Ok(Reply::shown(&PermissionsBody { connections: connections.collect() }))
}

impl<'a> ConnectionPermissionsBody<'a> {
    fn of(connection: &'a ProviderConnection, stored: Option<&'a StoredInventory>, now: Timestamp) -> Self {
        let inventory = stored.map(|stored| &stored.inventory);
        let Standing { overall, is_stale, impacts } = Standing::of(inventory, now);
        let rows = inventory.map(|inventory| inventory.rows.as_slice()).unwrap_or_default();
        Self {
            provider_connection_id: connection.id,
            is_default: connection.is_default,
            module: &connection.module,
            overall,
            is_stale,
            last_refreshed_at: inventory.map(|inventory| inventory.last_refreshed_at),
            source: inventory.map(|inventory| inventory.source),
            manifest_version: inventory.map(|inventory| inventory.manifest_version.as_str()),
            run_id: stored.map(|stored| stored.run_id),
            permissions: rows.iter().map(PermissionBody::from).collect(),
            features: impacts.into_iter().map(FeatureBody::from).collect(),
        }
    }
}

impl<'a> From<&'a PermissionRow> for PermissionBody<'a> {
    fn from(row: &'a PermissionRow) -> Self {
        Self {
            permission_key: &row.permission_key,
            permission_type: row.permission_type,
            status: row.status,
            details: DetailsBody { features: &row.details.features, satisfied_by: row.details.satisfied_by.as_deref() },
            last_checked_at: row.last_checked_at,
        }
    }
}

impl From<Impact> for FeatureBody {
    fn from(impact: Impact) -> Self {
        let blocked = impact.is_blocked();
        let Impact { cluster, missing_application, missing_delegated } = impact;
        let title = cluster.definition().title;
        Self { key: cluster.as_str(), title, missing_application, missing_delegated, blocked }
    }
}
