//! A connection's permission inventory as it is stored.

use domain::id::{ConnectionId, RunId};
use domain::manifest::{Area, PermissionType};
use domain::operation_run::RunHeader;
use domain::permissions::{GrantSource, PermissionInventory, PermissionRow, PermissionStatus, RowDetails};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::packed;

/// The inventory in the state of an identity.
#[derive(Serialize, Deserialize)]
pub(crate) struct InventoryPart {
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

impl InventoryPart {
    /// As this run refreshed it.
    pub(crate) fn of(run: &RunHeader, inventory: &PermissionInventory) -> Self {
        let row = |row: &PermissionRow| RowMap {
            permission_key: row.permission_key.clone(),
            permission_type: row.permission_type,
            status: row.status,
            details: DetailsMap {
                features: row.details.features.clone(),
                satisfied_by: row.details.satisfied_by.clone(),
            },
            last_checked_at: row.last_checked_at,
        };
        Self {
            run_id: run.id,
            module: run.target.module.clone(),
            rows: inventory.rows.iter().map(row).collect(),
            source: inventory.source,
            manifest_version: inventory.manifest_version.clone(),
            last_refreshed_at: inventory.last_refreshed_at,
        }
    }

    /// The inventory of this connection.
    pub(super) fn into_stored(self, connection_id: ConnectionId) -> StoredInventory {
        let row = |row: RowMap| PermissionRow {
            permission_key: row.permission_key,
            permission_type: row.permission_type,
            status: row.status,
            details: RowDetails { features: row.details.features, satisfied_by: row.details.satisfied_by },
            last_checked_at: row.last_checked_at,
        };
        StoredInventory {
            connection_id,
            run_id: self.run_id,
            module: self.module,
            inventory: PermissionInventory {
                rows: self.rows.into_iter().map(row).collect(),
                source: self.source,
                manifest_version: self.manifest_version,
                last_refreshed_at: self.last_refreshed_at,
            },
        }
    }
}
