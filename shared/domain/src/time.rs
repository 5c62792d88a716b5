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

    /// The whole seconds until the next minute, 1 to 60.
    #[must_use]
    pub fn left_of_minute(self) -> Duration {
        Duration::from_secs(60 - self.as_seconds().rem_euclid(60).unsigned_abs())
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
        let time = text.parse::<jiff::Timestamp>();
        time.map(|time| Self(time.as_millisecond())).or_else(|error| at_the_end(text).ok_or(InvalidTimestamp(error)))
    }
}

/// A time of jiff's in milliseconds, without its fraction of a second: it writes none of its last second.
fn whole(time: jiff::Timestamp) -> i64 {
    time.as_second() * 1000
}

/// What RFC 3339 can write and jiff cannot hold: the last day of its last year. It is cut to the last time that can be written again.
fn at_the_end(text: &str) -> Option<Timestamp> {
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    let complete = pieces.time().is_some() && pieces.to_numeric_offset().is_some();
    (complete && pieces.date().year() > 0).then_some(Timestamp(whole(jiff::Timestamp::MAX)))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounded = self.0.clamp(whole(jiff::Timestamp::MIN), whole(jiff::Timestamp::MAX));
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
    fn every_time_that_can_be_written_can_be_read() {
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+14:00"] {
            let time: Timestamp = text.parse().expect(text);
            assert!(time.to_string().starts_with("9999-12-3"), "{text}: {time}");
            assert_eq!(time.to_string().parse::<Timestamp>().ok(), Some(time), "{text} stays what it is");
        }
        for millis in [i64::MIN, i64::MAX] {
            let text = Timestamp::from_millis(millis).to_string();
            assert!(text.parse::<Timestamp>().is_ok(), "{text}");
        }
        for text in ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00+14:00", "0001-01-01T00:00:00-14:00"] {
            let time: Timestamp = text.parse().expect(text);
            assert_eq!(time.to_string().parse::<Timestamp>().ok(), Some(time), "{text} stays what it is");
        }
        for text in ["9999-12-31T23:59:59", "9999-12-32T00:00:00Z", "10000-01-01T00:00:00Z", "9999-12-31"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn spans_never_go_below_zero() {
        let early = Timestamp::from_millis(1_000);
        assert_eq!((early + Duration::from_secs(2)).since(early), Duration::from_secs(2));
        assert_eq!(early.since(early + Duration::from_secs(2)), Duration::ZERO);
        assert_eq!((early - Duration::from_secs(1)).as_millis(), 0);
    }

    #[test]
    fn seconds_are_whole_and_go_down() {
        for (millis, seconds) in [(0, 0), (999, 0), (1_000, 1), (-1, -1), (1_793_520_000_999, 1_793_520_000)] {
            assert_eq!(Timestamp::from_millis(millis).as_seconds(), seconds);
        }
    }

    #[test]
    fn a_clock_is_read_in_milliseconds_since_1970() {
        let epoch = std::time::SystemTime::UNIX_EPOCH;
        let read = |time: std::time::SystemTime| Timestamp::from(time).as_millis();
        assert_eq!(read(epoch + Duration::from_millis(1_500)), 1_500);
        assert_eq!(read(epoch - Duration::from_secs(1)), 0);
    }
}
