//! What is said of a stored item that cannot be read: a line of the log that names it and nothing that it holds, and a count by kind.

use store::{Damaged, StoreError};

use crate::clock::Clock;
use crate::logs::Chain;
use crate::metric::Metric;

/// Says which item cannot be read, and counts it.
pub fn tell(damaged: &Damaged) {
    tracing::error!(
        item.key = %damaged.key(),
        item.entity = damaged.entity,
        error = %Chain(damaged),
        "a stored item cannot be read"
    );
    Metric::one("DamagedItems", "entity", damaged.entity).emit(Clock::default().now());
}

/// The same of the item that a request cannot do without, if that is why it failed.
pub fn tell_of(error: &StoreError) {
    if let Some(damaged) = error.damaged() {
        tell(damaged);
    }
}
