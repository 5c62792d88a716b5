//! The change indicator: whether a report says something else than the one before it, and which checks do. Fingerprints decide, and the
//! digests of what the reports name; the checks are looked at only to tell what differs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::finding::{Finding, Findings, Found};
use crate::id::RunId;
use crate::naming::Named;
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
        /// The app that was verified before, when it was another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        app: Option<AppChange>,
    },
}

/// Another app was verified than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppChange {
    /// Its client id, a GUID.
    pub before: String,
    /// That of this report.
    pub after: String,
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
    /// What it names and the report before did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Named>,
    /// What the report before named and it does not any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Named>,
}

impl ChangeIndicator {
    /// Compares a run's report with the one before it, both as they are stored.
    ///
    /// # Errors
    /// A stored report that is not the JSON of a report.
    pub fn of(digest: &ReportDigest, report: &[u8], previous: Option<&[u8]>) -> Result<Self, serde_json::Error> {
        let Some(before) = &digest.previous else { return Ok(Self::None) };
        let previous_report_id = before.run_id;
        let is_named_alike = match (&before.naming, &digest.naming) {
            (Some(before), Some(after)) => before == after,
            // One of them was written by an earlier program, which did not tell.
            (None, _) | (_, None) => true,
        };
        if before.fingerprint == digest.fingerprint && is_named_alike {
            return Ok(Self::NoChanges { previous_report_id });
        }
        let (mut checks, mut app) = (None, None);
        if let Some(previous) = previous {
            let (previous, report) = (Findings::read(previous)?, Findings::read(report)?);
            // Not the report that the run was compared with: then there is nothing to tell of it.
            if previous.fingerprint == before.fingerprint {
                app = AppChange::between(&previous, &report);
                checks = Some(differing(previous, report)).filter(|checks| !checks.is_empty() || app.is_some());
            }
        }
        Ok(Self::Changed { previous_report_id, checks, app })
    }
}

impl AppChange {
    fn between(before: &Findings, after: &Findings) -> Option<Self> {
        // A run that was interrupted does not say which app it was: that is no other one.
        let (before, after) = (before.client_id.clone()?, after.client_id.clone()?);
        (before != after).then_some(Self { before, after })
    }
}

/// The checks that differ, by key.
fn differing(before: Findings, after: Findings) -> Vec<CheckChange> {
    let mut pairs: BTreeMap<String, (Option<Found>, Option<Found>)> = BTreeMap::new();
    for (key, found) in before.checks {
        pairs.entry(key).or_default().0 = Some(found);
    }
    for (key, found) in after.checks {
        pairs.entry(key).or_default().1 = Some(found);
    }
    pairs.into_iter().filter(|(_, (before, after))| before != after).map(CheckChange::between).collect()
}

impl CheckChange {
    fn between((key, (before, after)): (String, (Option<Found>, Option<Found>))) -> Self {
        let names = |found: &Option<Found>| found.as_ref().map(|it| it.named.clone()).unwrap_or_default();
        // What was left out of a report that would be too large was not taken away by anybody.
        let is_whole = [&before, &after].into_iter().flatten().all(|found| found.is_whole);
        let (old, new) = if is_whole { (names(&before), names(&after)) } else { Default::default() };
        let only = |these: &BTreeSet<Named>, others| these.difference(others).cloned().collect();
        let (added, removed) = (only(&new, &old), only(&old, &new));
        let finding = |found: Option<Found>| found.map(|it| it.finding);
        Self { key, before: finding(before), after: finding(after), added, removed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Verdict};
    use crate::evidence::{Evidence, EvidenceKind};
    use crate::operation_run::RunHeader;
    use crate::reason::Reason;
    use crate::report::{PreviousReport, Report, SealedReport};
    use crate::testing;

    fn digest(report: &SealedReport, previous: Option<&SealedReport>) -> ReportDigest {
        ReportDigest { previous: previous.map(PreviousReport::from), ..report.into() }
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
        assert_eq!(
            without,
            ChangeIndicator::Changed { previous_report_id: testing::run_id(40), checks: None, app: None }
        );
    }

    #[test]
    fn a_check_that_only_one_report_has_is_a_change() {
        let (before, after) =
            (earlier(testing::passing_checks()), testing::seal(testing::passing_checks()[..2].to_vec()));
        let indicator = ChangeIndicator::of(&digest(&after, Some(&before)), after.json(), Some(before.json()));
        let ChangeIndicator::Changed { checks: Some(checks), app: None, .. } = indicator.expect("readable") else {
            panic!("the reports differ")
        };
        assert_eq!(checks.len(), 1);
        assert!(checks[0].before.is_some() && checks[0].after.is_none());
    }

    const APP: &str = "11111111-2222-4333-8444-555555555555";
    const OTHER_APP: &str = "99999999-2222-4333-8444-555555555555";

    /// A report of this app with a check that names these permissions.
    fn naming(run: u64, app: &str, permissions: &[&str]) -> SealedReport {
        let mut checks = testing::passing_checks();
        let evidence = |name: &&str| Evidence::text(EvidenceKind::ExcessivePermission, *name);
        checks[2].evidence = permissions.iter().map(evidence).collect();
        let (header, app) = (RunHeader { id: testing::run_id(run), ..testing::header() }, app.parse().expect("a GUID"));
        let report =
            Report { run: &header, client_id: Some(&app), generated_at: testing::now(), previous: None, checks };
        report.seal().expect("valid")
    }

    fn indicated(before: &SealedReport, after: &SealedReport) -> ChangeIndicator {
        ChangeIndicator::of(&digest(after, Some(before)), after.json(), Some(before.json())).expect("readable")
    }

    #[test]
    fn a_new_grant_is_a_change_although_the_fingerprint_is_the_same() {
        let (before, after) = (naming(40, APP, &["A", "B"]), naming(41, APP, &["B", "C"]));
        assert_eq!(before.fingerprint(), after.fingerprint());
        insta::assert_json_snapshot!("changed_names", indicated(&before, &after));
    }

    #[test]
    fn another_app_is_a_change_although_nothing_else_is() {
        insta::assert_json_snapshot!(
            "changed_app",
            indicated(&naming(40, APP, &["A"]), &naming(41, OTHER_APP, &["A"]))
        );
    }

    #[test]
    fn a_report_that_does_not_say_its_app_is_of_no_other_one() {
        let interrupted = testing::seal_for(&testing::header(), worse());
        let ChangeIndicator::Changed { app: None, checks: Some(_), .. } =
            indicated(&naming(40, APP, &["A"]), &interrupted)
        else {
            panic!("it is changed, and the app is unknown")
        };
        // Nothing else is: then there is nothing to tell.
        let (before, after) = (naming(40, APP, &[]), testing::seal_for(&testing::header(), testing::passing_checks()));
        let previous_report_id = testing::run_id(40);
        let told = indicated(&before, &after);
        assert_eq!(told, ChangeIndicator::Changed { previous_report_id, checks: None, app: None });
    }

    #[test]
    fn the_same_app_and_names_are_no_change() {
        let same = indicated(&naming(40, APP, &["A", "B"]), &naming(41, APP, &["B", "A"]));
        assert_eq!(same, ChangeIndicator::NoChanges { previous_report_id: testing::run_id(40) });
    }

    #[test]
    fn with_a_report_of_an_earlier_program_the_fingerprint_alone_decides() {
        let (before, after) = (naming(40, APP, &["A"]), naming(41, APP, &["B"]));
        let mut digest = digest(&after, Some(&before));
        digest.previous.as_mut().expect("the earlier report").naming = None;
        let indicator = ChangeIndicator::of(&digest, after.json(), Some(before.json())).expect("readable");
        assert_eq!(indicator, ChangeIndicator::NoChanges { previous_report_id: testing::run_id(40) });
    }
}
