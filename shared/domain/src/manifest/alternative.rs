//! A permission that Graph accepts for an operation beside the one to ask for. Microsoft changes over time what it accepts, and not in
//! every cloud at once: a row may say from when, until when and where it counts.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use crate::cloud::Cloud;
use crate::time::Timestamp;

/// What ends within this time is warned about.
const NOTICE: Duration = Duration::from_hours(60 * 24);

/// Where and when Graph is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The cloud.
    pub cloud: Cloud,
    /// The present, as one reading of the clock.
    pub now: Timestamp,
}

/// A permission that Graph accepts in place of the one to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Form")]
pub struct Alternative {
    /// Its name.
    pub name: String,
    dates: Dates,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
struct Dates {
    since: Option<Day>,
    until: Option<Day>,
    replaced_by: Option<String>,
    clouds: Option<BTreeSet<Cloud>>,
}

/// The beginning of a day in UTC, written `yyyy-mm-dd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Day(Timestamp);

impl TryFrom<String> for Day {
    type Error = crate::time::InvalidTimestamp;

    fn try_from(day: String) -> Result<Self, Self::Error> {
        format!("{day}T00:00:00Z").parse().map(Self)
    }
}

/// How a row is written: a name alone, or with what limits it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Name(String),
    Dated {
        permission: String,
        #[serde(flatten)]
        dates: Dates,
    },
}

impl From<Form> for Alternative {
    fn from(form: Form) -> Self {
        match form {
            Form::Name(name) => Self { name, dates: Dates::default() },
            Form::Dated { permission, dates } => Self { name: permission, dates },
        }
    }
}

/// The end of what Graph accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending<'a> {
    /// From when it is not accepted any more.
    pub until: Timestamp,
    /// What takes its place, where it is another than the one to ask for.
    pub replaced_by: Option<&'a str>,
}

impl Alternative {
    /// Whether Graph accepts it.
    #[must_use]
    pub fn is_accepted(&self, at: Moment) -> bool {
        let Dates { since, until, clouds, .. } = &self.dates;
        since.is_none_or(|Day(since)| since <= at.now)
            && until.is_none_or(|Day(until)| at.now < until)
            && clouds.as_ref().is_none_or(|clouds| clouds.contains(&at.cloud))
    }

    /// When it ends, if that is soon.
    #[must_use]
    pub fn ending(&self, at: Moment) -> Option<Ending<'_>> {
        let Day(until) = self.dates.until.filter(|Day(until)| until.since(at.now) <= NOTICE)?;
        Some(Ending { until, replaced_by: self.dates.replaced_by.as_deref() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::now;

    fn alternative(json: &str) -> Alternative {
        serde_json::from_str(json).expect("a row")
    }

    #[test]
    fn a_row_counts_in_its_time_and_its_clouds() {
        let day = Duration::from_hours(24);
        let row = alternative(
            r#"{"permission":"A","since":"2026-11-01","until":"2027-01-31","replaced_by":"B","clouds":["global"]}"#,
        );
        let since: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
        let until: Timestamp = "2027-01-31T00:00:00Z".parse().expect("a time");
        let at = |cloud, now| {
            let moment = Moment { cloud, now };
            (row.is_accepted(moment), row.ending(moment).is_some())
        };
        let millisecond = Duration::from_millis(1);
        assert_eq!(at(Cloud::Global, since - millisecond), (false, false));
        assert_eq!(at(Cloud::Global, since), (true, false));
        assert_eq!(at(Cloud::Global, until - day * 61), (true, false));
        assert_eq!(at(Cloud::Global, until - day * 60), (true, true));
        assert_eq!(at(Cloud::Global, until - millisecond), (true, true));
        assert!(!at(Cloud::Global, until).0);
        assert!(!at(Cloud::China, since).0);
        assert_eq!(row.ending(Moment { cloud: Cloud::Global, now: until }).and_then(|end| end.replaced_by), Some("B"));
    }

    #[test]
    fn a_name_alone_always_counts() {
        for cloud in Cloud::ALL {
            let moment = Moment { cloud: *cloud, now: now() };
            let row = alternative(r#""A""#);
            assert!(row.is_accepted(moment) && row.ending(moment).is_none());
        }
    }
}
