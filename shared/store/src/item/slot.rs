//! The active slot of a connection: while it exists, its run is the only one of that connection.

use domain::id::{ConnectionId, RunId, TenantId};
use domain::identity::RunIdentityHash;
use domain::operation_run::RunHeader;
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::{self, Entity, Item};
use crate::key;

/// A connection's active run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The connection.
    pub connection_id: ConnectionId,
    /// Its active run.
    pub run_id: RunId,
    /// What makes another start the same run.
    pub identity_hash: RunIdentityHash,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SlotItem {
    connection_id: ConnectionId,
    run_id: RunId,
    /// What that run does, for people who look at the table.
    #[serde(rename = "type")]
    operation: String,
    run_identity_hash: RunIdentityHash,
    /// Token of the transaction that put it: tells a retry after a lost answer from another start with the same run id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written_by: Option<String>,
}

/// The slot's item for a new run of this connection.
pub(crate) fn of_run(run: &RunHeader, tenant: TenantId, connection: ConnectionId, token: &str) -> Item {
    let body = SlotItem {
        connection_id: connection,
        run_id: run.id,
        operation: run.operation.as_str().to_owned(),
        run_identity_hash: run.identity_hash.clone(),
        written_by: Some(token.to_owned()),
    };
    let mut item = item::build(Entity::Slot, &key::slot(tenant, connection), &body);
    item::enter(&mut item, &key::unheard_since(run.id, run.created_at));
    item
}

/// Reads a slot.
pub(crate) fn to_slot(item: Item) -> Result<Slot, Damaged> {
    let stored: SlotItem = item::read(Entity::Slot, item)?;
    Ok(Slot { connection_id: stored.connection_id, run_id: stored.run_id, identity_hash: stored.run_identity_hash })
}
