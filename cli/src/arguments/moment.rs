//! Points in time as people type them.

use std::str::FromStr;
use std::time::Duration;

use domain::time::{InvalidTimestamp, Timestamp};
use jiff::{Span, SpanRelativeTo};

/// A point in time, or how long ago it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// This one.
    At(Timestamp),
    /// So long before now.
    Ago(Duration),
}

impl Moment {
    /// The point in time, as seen from now.
    #[must_use]
    pub fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Moment::At(time) => time,
            Moment::Ago(span) => now - span,
        }
    }
}

/// Why a text is no point in time.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a time is 2026-01-31T08:30:00Z, a day is 2026-01-31, a time ago is 36h or 7d")]
pub struct InvalidMoment(#[source] InvalidTimestamp);

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        if let Some(span) = ago(text) {
            return Ok(Moment::Ago(span));
        }
        // A day begins at midnight UTC.
        let day = format!("{text}T00:00:00Z").parse();
        day.or_else(|_| text.parse()).map(Moment::At).map_err(InvalidMoment)
    }
}

/// Spans of weeks, days, hours, minutes and seconds; months have no length.
fn ago(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let span = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    span.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_type_times_days_and_spans() {
        let now: Timestamp = "2026-11-08T08:00:00Z".parse().expect("a time");
        for (text, time) in [
            ("2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00.000Z"),
            ("2026-11-01", "2026-11-01T00:00:00.000Z"),
            ("7d", "2026-11-01T08:00:00.000Z"),
            ("36h", "2026-11-06T20:00:00.000Z"),
            ("1d 12h", "2026-11-06T20:00:00.000Z"),
        ] {
            let moment: Moment = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(moment.seen_from(now).to_string(), time, "{text}");
        }
        for text in ["", "yesterday", "-7d", "1 month", "2026-13-01", "7"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
