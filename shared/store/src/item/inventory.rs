//! A connection's permission inventory as it is stored. Nothing reads it back yet.

use domain::id::{ConnectionId, RunId, TenantId};
use domain::permissions::{GrantSource, PermissionInventory, PermissionRow, PermissionStatus};
use domain::time::Timestamp;
use serde::Serialize;

use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize)]
struct InventoryItem {
    connection_id: ConnectionId,
    run_id: RunId,
    rows: Vec<RowMap>,
    source: GrantSource,
    manifest_version: String,
    last_refreshed_at: Timestamp,
}

#[derive(Serialize)]
struct RowMap {
    permission_key: String,
    permission_type: &'static str,
    status: PermissionStatus,
    details: DetailsMap,
    last_checked_at: Timestamp,
}

#[derive(Serialize)]
struct DetailsMap {
    features: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    satisfied_by: Option<String>,
}

/// The item of a connection's inventory, as this run refreshed it.
pub(crate) fn of_inventory(
    tenant: TenantId,
    connection: ConnectionId,
    run: RunId,
    inventory: &PermissionInventory,
) -> Item {
    let row = |row: &PermissionRow| RowMap {
        permission_key: row.permission_key.clone(),
        permission_type: row.permission_type.as_str(),
        status: row.status,
        details: DetailsMap { features: row.details.features.clone(), satisfied_by: row.details.satisfied_by.clone() },
        last_checked_at: row.last_checked_at,
    };
    let body = InventoryItem {
        connection_id: connection,
        run_id: run,
        rows: inventory.rows.iter().map(row).collect(),
        source: inventory.source,
        manifest_version: inventory.manifest_version.clone(),
        last_refreshed_at: inventory.last_refreshed_at,
    };
    item::build(Entity::Inventory, &key::inventory(tenant, connection), &body)
}
