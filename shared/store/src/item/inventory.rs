//! A connection's permission inventory as it is stored.

use domain::id::{ConnectionId, RunId, TenantId};
use domain::manifest::{Area, PermissionType};
use domain::operation_run::RunHeader;
use domain::permissions::{GrantSource, PermissionInventory, PermissionRow, PermissionStatus, RowDetails};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::{self, Entity, Item, packed};
use crate::key;

#[derive(Serialize, Deserialize)]
pub(super) struct InventoryItem {
    connection_id: ConnectionId,
    run_id: RunId,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    #[serde(with = "packed")]
    rows: Vec<RowMap>,
    source: GrantSource,
    manifest_version: String,
    last_refreshed_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct RowMap {
    permission_key: String,
    permission_type: PermissionType,
    status: PermissionStatus,
    details: DetailsMap,
    last_checked_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct DetailsMap {
    features: Vec<Area>,
    #[serde(skip_serializing_if = "Option::is_none")]
    satisfied_by: Option<String>,
}

/// The item of a connection's inventory, as this run refreshed it.
pub(crate) fn of_inventory(
    tenant: TenantId,
    connection: ConnectionId,
    run: &RunHeader,
    inventory: &PermissionInventory,
) -> Item {
    let row = |row: &PermissionRow| RowMap {
        permission_key: row.permission_key.clone(),
        permission_type: row.permission_type,
        status: row.status,
        details: DetailsMap { features: row.details.features.clone(), satisfied_by: row.details.satisfied_by.clone() },
        last_checked_at: row.last_checked_at,
    };
    let body = InventoryItem {
        connection_id: connection,
        run_id: run.id,
        module: run.target.module.clone(),
        rows: inventory.rows.iter().map(row).collect(),
        source: inventory.source,
        manifest_version: inventory.manifest_version.clone(),
        last_refreshed_at: inventory.last_refreshed_at,
    };
    item::build(Entity::Inventory, &key::inventory(tenant, connection), &body)
}

/// A connection's inventory with the run that refreshed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInventory {
    /// The connection.
    pub connection_id: ConnectionId,
    /// The run that refreshed it.
    pub run_id: RunId,
    /// What the connection was used for then: its module decided what it needed.
    pub module: Option<String>,
    /// What the connection holds of what it needs.
    pub inventory: PermissionInventory,
}

/// Reads a connection's inventory.
pub(crate) fn to_inventory(item: Item) -> Result<StoredInventory, Damaged> {
    let stored: InventoryItem = item::read(Entity::Inventory, item)?;
    let row = |row: RowMap| PermissionRow {
        permission_key: row.permission_key,
        permission_type: row.permission_type,
        status: row.status,
        details: RowDetails { features: row.details.features, satisfied_by: row.details.satisfied_by },
        last_checked_at: row.last_checked_at,
    };
    Ok(StoredInventory {
        connection_id: stored.connection_id,
        run_id: stored.run_id,
        module: stored.module,
        inventory: PermissionInventory {
            rows: stored.rows.into_iter().map(row).collect(),
            source: stored.source,
            manifest_version: stored.manifest_version,
            last_refreshed_at: stored.last_refreshed_at,
        },
    })
}
