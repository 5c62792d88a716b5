//! Points in time. The product stores and shows UTC in RFC 3339 with milliseconds; more precision is cut when a time comes in, so
//! that what is compared is what was stored.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a text is not a point in time.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a time is written as in RFC 3339, for example 2026-01-31T08:30:00Z")]
pub struct InvalidTimestamp(#[source] jiff::Error);

/// A point in time in UTC, in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z: the unit of DynamoDB's time to live.
    #[must_use]
    pub fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time from `earlier` to this one; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The calendar day, `yyyy-mm-dd`.
    #[must_use]
    pub fn day(self) -> String {
        let mut text = self.to_string();
        text.truncate("yyyy-mm-dd".len());
        text
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, span: Duration) -> Timestamp {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, span: Duration) -> Timestamp {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl From<std::time::SystemTime> for Timestamp {
    /// What the caller's clock says; a clock before 1970 reads as 1970.
    fn from(time: std::time::SystemTime) -> Self {
        let since_1970 = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(0) + since_1970
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let time: jiff::Timestamp = text.parse().map_err(InvalidTimestamp)?;
        Ok(Self(time.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounded = self.0.clamp(jiff::Timestamp::MIN.as_millisecond() + 1, jiff::Timestamp::MAX.as_millisecond());
        let time = jiff::Timestamp::from_millisecond(bounded).map_err(|_| fmt::Error)?;
        write!(f, "{time:.3}")
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> String {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        let time: Timestamp = "2026-11-01T10:00:00.123456+02:00".parse().expect("a time");
        assert_eq!(time.to_string(), "2026-11-01T08:00:00.123Z");
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(time.day(), "2026-11-01");
        assert!("yesterday".parse::<Timestamp>().is_err());
        assert!("2026-11-01".parse::<Timestamp>().is_err());
    }

    #[test]
    fn spans_never_go_below_zero() {
        let early = Timestamp::from_millis(1_000);
        assert_eq!((early + Duration::from_secs(2)).since(early), Duration::from_secs(2));
        assert_eq!(early.since(early + Duration::from_secs(2)), Duration::ZERO);
        assert_eq!((early - Duration::from_secs(1)).as_millis(), 0);
    }
}
