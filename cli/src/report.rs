//! A verification report for a person: what is wrong comes first, with what to do about it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::api::Link;
use crate::text::Text;

/// The parts of a stored report that are printed, worst first.
#[derive(Debug, Deserialize)]
pub struct Report {
    summary: Summary,
    checks: Vec<Check>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    overall: Text,
    counts: Counts,
}

#[derive(Debug, Deserialize)]
struct Counts {
    total: u32,
    pass: u32,
    fail: u32,
    warn: u32,
    skip: u32,
}

#[derive(Debug, Deserialize)]
struct Check {
    key: Text,
    title: Text,
    status: Text,
    blocking: bool,
    reason_code: Text,
    message: Text,
    next_steps: Vec<Link>,
}

/// How a check stands, in the order in which people want to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Blocks,
    Fails,
    Warns,
    Runs,
    Skipped,
    Passed,
}

/// Lines that belong beside checks, by the key of the check.
pub(crate) type Notes = BTreeMap<String, Vec<String>>;

impl Report {
    /// What the whole report says: `ready`, `needs_attention`, `blocked`, or a word that is newer than this program.
    #[must_use]
    pub fn overall(&self) -> &Text {
        &self.summary.overall
    }

    /// The report with notes beside its checks; notes on checks that it does not have come last.
    pub(crate) fn with_notes<'a>(&'a self, notes: &'a Notes) -> impl fmt::Display + 'a {
        fmt::from_fn(|f| self.print(f, notes))
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, notes: &Notes) -> fmt::Result {
        let Summary { overall, counts: Counts { total, pass, fail, warn, skip } } = &self.summary;
        writeln!(f, "Overall: {overall} ({total} checks: {pass} pass, {fail} fail, {warn} warn, {skip} skip)")?;
        let mut checks: Vec<&Check> = self.checks.iter().collect();
        // Stable: checks of the same standing keep the report's own order.
        checks.sort_by_key(|check| check.standing());
        for check in &checks {
            check.print(f, notes.get(check.key.as_str()).map_or(&[][..], Vec::as_slice))?;
        }
        for (key, lines) in notes.iter().filter(|(key, _)| checks.iter().all(|check| check.key.as_str() != *key)) {
            writeln!(f, "\n  {key}")?;
            lines.iter().try_for_each(|line| writeln!(f, "          {line}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, &Notes::new())
    }
}

impl Check {
    fn standing(&self) -> Standing {
        match (self.status.as_str(), self.blocking) {
            ("fail", true) => Standing::Blocks,
            ("fail", false) => Standing::Fails,
            ("warn", _) => Standing::Warns,
            ("skip", _) => Standing::Skipped,
            ("pass", _) => Standing::Passed,
            // Running, or a word that is newer than this program: in any case not settled.
            _ => Standing::Runs,
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, notes: &[String]) -> fmt::Result {
        let Self { key, title, reason_code, message, .. } = self;
        let standing = self.standing();
        writeln!(f, "\n  {:<6}  {title}  [{key}]", standing.word())?;
        match standing {
            Standing::Passed => writeln!(f, "          {message}")?,
            Standing::Blocks | Standing::Fails | Standing::Warns | Standing::Runs | Standing::Skipped => {
                writeln!(f, "          {message} ({reason_code})")?;
            }
        }
        self.next_steps.iter().try_for_each(|Link { label, url }| writeln!(f, "          -> {label}: {url}"))?;
        notes.iter().try_for_each(|note| writeln!(f, "          {note}"))
    }
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Standing::Blocks => "BLOCKS",
            Standing::Fails => "FAIL",
            Standing::Warns => "WARN",
            Standing::Runs => "RUNS",
            Standing::Skipped => "skip",
            Standing::Passed => "pass",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn what_blocks_comes_first_and_what_passed_last() {
        let document = include_str!("../../schemas/examples/verification-report.blocked-by-permission.json");
        let report: Report = serde_json::from_str(document).expect("the example is a report");
        insta::assert_snapshot!("blocked_by_permission", report.to_string());
    }

    #[test]
    fn every_example_can_be_printed() {
        for document in [
            include_str!("../../schemas/examples/verification-report.blocked-stub.json"),
            include_str!("../../schemas/examples/verification-report.failed-by-authentication.json"),
            include_str!("../../schemas/examples/verification-report.needs-attention.json"),
            include_str!("../../schemas/examples/verification-report.ready.json"),
            include_str!("../../schemas/examples/verification-report.throttled.json"),
        ] {
            let report: Report = serde_json::from_str(document).expect("the example is a report");
            assert!(report.to_string().starts_with("Overall: "), "{report}");
        }
    }
}
