//! What is remembered of a start with an idempotency key.

use domain::id::{RunId, TenantId};
use domain::idempotency::{KEPT, Remembered, RequestHash, StartResult};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::run::WRITTEN_BY;
use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize, Deserialize)]
pub(super) struct RememberedItem {
    request_hash: String,
    run_id: RunId,
    start_result: StartResult,
}

/// The item of a start, as the call with this token writes it, under the caller's name for the request.
pub(crate) fn of_remembered(
    tenant: TenantId,
    caller: &str,
    remembered: &Remembered,
    now: Timestamp,
    token: &str,
) -> Item {
    let body = RememberedItem {
        request_hash: remembered.request.as_str().to_owned(),
        run_id: remembered.run_id,
        start_result: remembered.start_result,
    };
    let mut item = item::build(Entity::Idempotency, &key::idempotency(tenant, caller), &body);
    item.insert(WRITTEN_BY.to_owned(), item::text(token));
    item::expire(&mut item, now, KEPT);
    item
}

/// Reads what is remembered.
pub(crate) fn to_remembered(item: Item) -> Result<Remembered, Damaged> {
    let RememberedItem { request_hash, run_id, start_result } = item::read(Entity::Idempotency, item)?;
    Ok(Remembered { request: RequestHash::stored(request_hash), run_id, start_result })
}
