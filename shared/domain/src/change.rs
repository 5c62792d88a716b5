//! The change indicator: whether a report says something else than the one before it, and which checks do. Fingerprints decide;
//! the checks are looked at only to name those that differ.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::{Finding, Findings};
use crate::fingerprint::Fingerprint;
use crate::id::RunId;
use crate::operation_run::ReportDigest;

/// How a report differs from the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ChangeIndicator {
    /// There is none before it.
    None,
    /// It says the same.
    NoChanges {
        /// The report before it.
        previous_report_id: RunId,
    },
    /// It says something else.
    Changed {
        /// The report before it.
        previous_report_id: RunId,
        /// The checks that differ, by key; none when the report before it is not at hand any more.
        #[serde(skip_serializing_if = "Option::is_none")]
        checks: Option<Vec<CheckChange>>,
    },
}

/// One check that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckChange {
    /// The check.
    pub key: String,
    /// What the report before said of it; none when it had no such check.
    pub before: Option<Finding>,
    /// What this report says of it; none when it has no such check.
    pub after: Option<Finding>,
}

impl ChangeIndicator {
    /// Compares a run's report with the one before it, both as they are stored.
    ///
    /// # Errors
    /// A stored report that is not the JSON of a report.
    pub fn of(digest: &ReportDigest, report: &[u8], previous: Option<&[u8]>) -> Result<Self, serde_json::Error> {
        let Some(before) = &digest.previous else { return Ok(Self::None) };
        let previous_report_id = before.run_id;
        if before.fingerprint == digest.fingerprint {
            return Ok(Self::NoChanges { previous_report_id });
        }
        let checks = previous.map(|previous| differing(previous, report, &before.fingerprint)).transpose()?;
        Ok(Self::Changed { previous_report_id, checks: checks.flatten() })
    }
}

/// The checks that differ; none when `before` is not the report that the run was compared with.
fn differing(
    before: &[u8],
    after: &[u8],
    expected: &Fingerprint,
) -> Result<Option<Vec<CheckChange>>, serde_json::Error> {
    let (before, after) = (Findings::read(before)?, Findings::read(after)?);
    if before.fingerprint != *expected {
        return Ok(None);
    }
    let mut pairs: BTreeMap<String, (Option<Finding>, Option<Finding>)> = BTreeMap::new();
    for (key, finding) in before.checks {
        pairs.entry(key).or_default().0 = Some(finding);
    }
    for (key, finding) in after.checks {
        pairs.entry(key).or_default().1 = Some(finding);
    }
    let changes = pairs.into_iter().filter(|(_, (before, after))| before != after);
    Ok(Some(changes.map(|(key, (before, after))| CheckChange { key, before, after }).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Verdict};
    use crate::operation_run::RunHeader;
    use crate::reason::Reason;
    use crate::report::{PreviousReport, SealedReport};
    use crate::testing;

    fn digest(report: &SealedReport, previous: Option<&SealedReport>) -> ReportDigest {
        let previous = previous
            .map(|previous| PreviousReport { run_id: previous.run_id(), fingerprint: previous.fingerprint().clone() });
        ReportDigest { previous, ..report.into() }
    }

    fn earlier(checks: Vec<Check>) -> SealedReport {
        testing::seal_for(&RunHeader { id: testing::run_id(40), ..testing::header() }, checks)
    }

    fn worse() -> Vec<Check> {
        let mut checks = testing::passing_checks();
        checks[1].verdict = Verdict::Fail(Reason::ProviderTenantMismatch);
        checks
    }

    #[test]
    fn without_an_earlier_report_there_is_no_change() {
        let report = testing::seal(testing::passing_checks());
        let indicator = ChangeIndicator::of(&digest(&report, None), report.json(), None).expect("readable");
        assert_eq!(indicator, ChangeIndicator::None);
    }

    #[test]
    fn the_same_fingerprint_is_no_change_even_when_the_earlier_report_is_gone() {
        let (before, after) = (earlier(testing::passing_checks()), testing::seal(testing::passing_checks()));
        let indicator = ChangeIndicator::of(&digest(&after, Some(&before)), after.json(), None).expect("readable");
        assert_eq!(indicator, ChangeIndicator::NoChanges { previous_report_id: testing::run_id(40) });
    }

    #[test]
    fn the_checks_that_differ_are_named_while_the_earlier_report_exists() {
        let (before, after) = (earlier(testing::passing_checks()), testing::seal(worse()));
        let digest = digest(&after, Some(&before));
        let with = ChangeIndicator::of(&digest, after.json(), Some(before.json())).expect("readable");
        insta::assert_json_snapshot!("changed_check", with);
        let without = ChangeIndicator::of(&digest, after.json(), None).expect("readable");
        assert_eq!(without, ChangeIndicator::Changed { previous_report_id: testing::run_id(40), checks: None });
    }

    #[test]
    fn a_check_that_only_one_report_has_is_a_change() {
        let (before, after) =
            (earlier(testing::passing_checks()), testing::seal(testing::passing_checks()[..2].to_vec()));
        let indicator = ChangeIndicator::of(&digest(&after, Some(&before)), after.json(), Some(before.json()));
        let ChangeIndicator::Changed { checks: Some(checks), .. } = indicator.expect("readable") else {
            panic!("the reports differ")
        };
        assert_eq!(checks.len(), 1);
        assert!(checks[0].before.is_some() && checks[0].after.is_none());
    }
}
