//! The clock and the random numbers of the functions. The domain has neither: both come in as arguments.

use std::time::SystemTime;

use domain::time::Timestamp;

/// The current time.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Random bits for an id. They keep ids of the same millisecond apart and protect nothing, so they need not be unpredictable.
#[must_use]
pub fn random() -> u16 {
    fastrand::u16(..)
}
