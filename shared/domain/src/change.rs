//! The change indicator: whether a report says something else than the last one that could see, and which checks do. A report that could
//! not see is compared with none, so that a throttled check between two that agree is no change. Fingerprints decide, and the digests of
//! what the reports name; the checks are looked at only to tell what differs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::finding::{Finding, Findings, Found};
use crate::id::RunId;
use crate::naming::Named;
use crate::operation_run::Completion;

/// How a report differs from the last verified one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ChangeIndicator {
    /// There is none before it, or this one is not verified itself.
    None,
    /// It says the same.
    NoChanges {
        /// The report that it is compared with.
        compared_with: RunId,
    },
    /// It says something else.
    Changed {
        /// The report that it is compared with.
        compared_with: RunId,
        /// The checks that differ, by key; none when that report is not at hand any more.
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
    /// Compares a run's report with the one that it is to be compared with, both as they are stored.
    ///
    /// # Errors
    /// A stored report that is not the JSON of a report.
    pub fn of(completion: &Completion, report: &[u8], compared: Option<&[u8]>) -> Result<Self, serde_json::Error> {
        let Some(before) = completion.compared_with() else { return Ok(Self::None) };
        let (compared_with, digest) = (before.run_id, &completion.report);
        let is_named_alike = match (&before.naming, &digest.naming) {
            (Some(before), Some(after)) => before == after,
            // One of them was written by an earlier program, which did not tell.
            (None, _) | (_, None) => true,
        };
        if before.fingerprint == digest.fingerprint && is_named_alike {
            return Ok(Self::NoChanges { compared_with });
        }
        let (mut checks, mut app) = (None, None);
        if let Some(compared) = compared {
            let (compared, report) = (Findings::read(compared)?, Findings::read(report)?);
            // Not the report that the run is compared with: then there is nothing to tell of it.
            if compared.fingerprint == before.fingerprint {
                app = AppChange::between(&compared, &report);
                checks = Some(differing(compared, report)).filter(|checks| !checks.is_empty() || app.is_some());
            }
        }
        Ok(Self::Changed { compared_with, checks, app })
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
    use crate::operation_run::{Outcome, ReportDigest, RunHeader};
    use crate::reason::Reason;
    use crate::report::{Report, SealedReport};
    use crate::testing;

    /// The end of a run with this report, which follows the end of one with that.
    fn after(previous: Option<&Completion>, report: &SealedReport) -> Completion {
        let outcome = Outcome::of(report);
        let previous = previous.map(|previous| previous.as_previous(testing::run_id(40)));
        let report = ReportDigest { previous, ..report.into() };
        Completion { outcome, attempts: 1, started_at: None, completed_at: testing::now(), report }
    }

    fn completed(report: &SealedReport, previous: Option<&SealedReport>) -> Completion {
        after(previous.map(|previous| after(None, previous)).as_ref(), report)
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
        let indicator = ChangeIndicator::of(&completed(&report, None), report.json(), None).expect("readable");
        assert_eq!(indicator, ChangeIndicator::None);
    }

    #[test]
    fn what_could_not_see_is_compared_with_none_and_is_not_what_others_are_compared_with() {
        let mut throttled = testing::passing_checks();
        throttled[0].verdict = Verdict::Fail(Reason::Throttled);
        let (ready, throttled) = (earlier(testing::passing_checks()), earlier(throttled));
        let first = after(None, &ready);
        let second = after(Some(&first), &throttled);
        let unseen = ChangeIndicator::of(&second, throttled.json(), Some(ready.json())).expect("readable");
        assert_eq!(unseen, ChangeIndicator::None);
        assert_eq!(
            second.as_previous(testing::run_id(41)).last_verified,
            first.as_previous(testing::run_id(40)).last_verified
        );
        let again = testing::seal(testing::passing_checks());
        let third = ChangeIndicator::of(&after(Some(&second), &again), again.json(), Some(ready.json()));
        assert_eq!(third.expect("readable"), ChangeIndicator::NoChanges { compared_with: testing::run_id(40) });
    }

    #[test]
    fn the_same_fingerprint_is_no_change_even_when_the_earlier_report_is_gone() {
        let (before, after) = (earlier(testing::passing_checks()), testing::seal(testing::passing_checks()));
        let indicator = ChangeIndicator::of(&completed(&after, Some(&before)), after.json(), None).expect("readable");
        assert_eq!(indicator, ChangeIndicator::NoChanges { compared_with: testing::run_id(40) });
    }

    #[test]
    fn the_checks_that_differ_are_named_while_the_earlier_report_exists() {
        let (before, after) = (earlier(testing::passing_checks()), testing::seal(worse()));
        let completed = completed(&after, Some(&before));
        let with = ChangeIndicator::of(&completed, after.json(), Some(before.json())).expect("readable");
        insta::assert_json_snapshot!("changed_check", with);
        let without = ChangeIndicator::of(&completed, after.json(), None).expect("readable");
        assert_eq!(without, ChangeIndicator::Changed { compared_with: testing::run_id(40), checks: None, app: None });
    }

    #[test]
    fn a_check_that_only_one_report_has_is_a_change() {
        let (before, after) =
            (earlier(testing::passing_checks()), testing::seal(testing::passing_checks()[..2].to_vec()));
        let indicator = ChangeIndicator::of(&completed(&after, Some(&before)), after.json(), Some(before.json()));
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
        ChangeIndicator::of(&completed(after, Some(before)), after.json(), Some(before.json())).expect("readable")
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
        let compared_with = testing::run_id(40);
        let told = indicated(&before, &after);
        assert_eq!(told, ChangeIndicator::Changed { compared_with, checks: None, app: None });
    }

    #[test]
    fn the_same_app_and_names_are_no_change() {
        let same = indicated(&naming(40, APP, &["A", "B"]), &naming(41, APP, &["B", "A"]));
        assert_eq!(same, ChangeIndicator::NoChanges { compared_with: testing::run_id(40) });
    }

    #[test]
    fn with_a_report_of_an_earlier_program_the_fingerprint_alone_decides() {
        let (before, after) = (naming(40, APP, &["A"]), naming(41, APP, &["B"]));
        let mut completed = completed(&after, Some(&before));
        let previous = completed.report.previous.as_mut().expect("the earlier report");
        previous.last_verified.as_mut().expect("it could see").naming = None;
        let indicator = ChangeIndicator::of(&completed, after.json(), Some(before.json())).expect("readable");
        assert_eq!(indicator, ChangeIndicator::NoChanges { compared_with: testing::run_id(40) });
    }
}
