//! How many starts one user may ask for within a minute: a counter that is written in the transaction of each start, whatever that comes
//! to, and holds it to the limit. Somebody in a loop costs a bounded number of writes, and nobody else anything.

use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::id::UserId;
use domain::time::Timestamp;

use crate::item::{self, Entity, text};
use crate::key::{self, Key};
use crate::table::Store;
use crate::transaction::Expression;

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

impl StartLimit {
    /// The counter's key.
    pub(crate) fn key(&self) -> Key {
        key::start_counter(&self.user, self.at)
    }

    /// The item that counts one more start, on the condition that it is not one too many.
    pub(crate) fn item(&self, store: &Store) -> TransactWriteItem {
        let update = Expression::new("SET #ttl = :ttl, #entity = :entity ADD #starts :one")
            .name("#ttl", "ttl")
            .name("#entity", "entity")
            .name("#starts", "starts")
            .value(":ttl", item::number((self.at + KEPT).as_seconds()))
            .value(":entity", text(Entity::StartCounter.as_str()))
            .value(":one", item::number(1))
            .value(":most", item::number(self.per_minute));
        store.update(self.key(), &update, Some("attribute_not_exists(#starts) OR #starts < :most"))
    }
}
