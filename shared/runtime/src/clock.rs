//! The clock and the random numbers of the functions. The domain has neither: both come in as arguments.

use std::time::SystemTime;

use domain::time::Timestamp;

/// The current time.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Random bits for an id, the operating system's: processes that start at the same tick must not make the same ids.
#[must_use]
pub fn random() -> u16 {
    // The last two bytes of a version 4 UUID are random throughout.
    let [.., high, low] = uuid::Uuid::new_v4().into_bytes();
    u16::from_be_bytes([high, low])
}
