//! The clock and the random numbers of the functions. The domain has neither: both come in as arguments.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use domain::time::Timestamp;

/// Where a function takes the time from.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Milliseconds since 1970, where somebody else moves the hand; none for the system's clock.
    hand: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// A clock that somebody else moves, in milliseconds since 1970: in a simulation minutes pass at once.
    #[must_use]
    pub fn moved_by(hand: Arc<AtomicI64>) -> Self {
        Self { hand: Some(hand) }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.hand {
            Some(hand) => Timestamp::from_millis(hand.load(Ordering::SeqCst)),
            None => Timestamp::from(SystemTime::now()),
        }
    }
}

/// Random bits for an id, the operating system's: processes that start at the same tick must not make the same ids.
#[must_use]
pub fn random() -> u16 {
    // The last two bytes of a version 4 UUID are random throughout.
    let [.., high, low] = uuid::Uuid::new_v4().into_bytes();
    u16::from_be_bytes([high, low])
}
