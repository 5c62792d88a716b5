//! How many starts one user may ask for within a minute: a counter that is written before each start, whatever that comes to, and holds it
//! to the limit. Somebody in a loop costs a bounded number of writes, and nobody else anything. It is a write of its own: in the start's
//! transaction, a service that starts many verifications at once would be in its own way, because transactions on one item refuse each
//! other where single writes wait in line.

use std::time::Duration;

use domain::id::UserId;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::item::{self, Entity, text};
use crate::key;
use crate::table::Store;
use crate::transaction::{Expression, Updated};

/// A counter is of no use once its minute is over; clocks differ by less than this.
const KEPT: Duration = Duration::from_hours(1);

/// What a user may start within a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartLimit {
    /// Who starts.
    pub user: UserId,
    /// How many starts, whatever they come to.
    pub per_minute: u32,
    /// When: which minute it counts in.
    pub at: Timestamp,
}

impl Store {
    /// Counts one more start, unless it is one too many; says whether it may go on.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn count_start(&self, limit: &StartLimit) -> Result<bool, StoreError> {
        let update = Expression::new("SET #ttl = :ttl, #entity = :entity ADD #starts :one")
            .name("#ttl", "ttl")
            .name("#entity", "entity")
            .name("#starts", "starts")
            .value(":ttl", item::number((limit.at + KEPT).as_seconds()))
            .value(":entity", text(Entity::StartCounter.as_str()))
            .value(":one", item::number(1))
            .value(":most", item::number(limit.per_minute));
        let key = key::start_counter(&limit.user, limit.at);
        match self.update_if(&key, &update, "attribute_not_exists(#starts) OR #starts < :most").await? {
            Updated::Done(_) => Ok(true),
            Updated::Refused(_) => Ok(false),
        }
    }
}
