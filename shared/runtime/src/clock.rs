//! The clock and the random numbers of the functions. The domain has neither: both come in as arguments.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use domain::time::Timestamp;

/// Where a function takes the time from.
#[derive(Clone, Default)]
pub struct Clock {
    /// Whoever tells the time; none for the system's clock.
    told_by: Option<Arc<dyn Fn() -> Timestamp + Send + Sync>>,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

impl Clock {
    /// A clock that somebody else moves: in a simulation minutes pass at once.
    #[must_use]
    pub fn told_by(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { told_by: Some(Arc::new(now)) }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.told_by {
            Some(now) => now(),
            None => Timestamp::from(SystemTime::now()),
        }
    }
}

thread_local! {
    static IS_REPEATABLE: Cell<bool> = const { Cell::new(false) };
}

/// From now on this thread draws its random bits from its own generator, which whoever wants to repeat a simulation has seeded.
pub fn be_repeatable() {
    IS_REPEATABLE.set(true);
}

/// Random bits for an id, the operating system's: processes that start at the same tick must not make the same ids.
#[must_use]
pub fn random() -> u16 {
    if IS_REPEATABLE.get() {
        return fastrand::u16(..);
    }
    // The last two bytes of a version 4 UUID are random throughout.
    let [.., high, low] = uuid::Uuid::new_v4().into_bytes();
    u16::from_be_bytes([high, low])
}
