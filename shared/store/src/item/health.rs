//! A connection's health as it is stored, apart from its configuration because another writer owns it.

use domain::connection::{ConnectionHealth, VerificationStatus};
use domain::id::{ConnectionId, RunId, TenantId};
use domain::reason::ReasonCode;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize, Deserialize)]
pub(super) struct HealthItem {
    connection_id: ConnectionId,
    verification_status: VerificationStatus,
    last_verified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error_reason_code: Option<ReasonCode>,
    run_id: RunId,
}

/// The item of a connection's health.
pub(crate) fn of_health(tenant: TenantId, connection: ConnectionId, health: &ConnectionHealth) -> Item {
    let body = HealthItem {
        connection_id: connection,
        verification_status: health.verification_status,
        last_verified_at: health.last_verified_at,
        last_error_reason_code: health.last_error_reason_code.clone(),
        run_id: health.run_id,
    };
    item::build(Entity::Health, &key::health(tenant, connection), &body)
}

/// Reads a connection's health.
pub(crate) fn to_health(item: Item) -> Result<(ConnectionId, ConnectionHealth), Damaged> {
    let stored: HealthItem = item::read(Entity::Health, item)?;
    let health = ConnectionHealth {
        verification_status: stored.verification_status,
        last_verified_at: stored.last_verified_at,
        last_error_reason_code: stored.last_error_reason_code,
        run_id: stored.run_id,
    };
    Ok((stored.connection_id, health))
}
