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
    #[serde(default)]
    evidence: Vec<Evidence>,
    next_steps: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    kind: Text,
    value: Value,
}

/// A text or a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Number(u64),
    Text(Text),
}

/// How a check stands, in the order in which people want to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Blocks,
    Fails,
    Warns,
    Unverified,
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
        for check in checks.iter().filter(|check| check.stopped_by().is_none()) {
            check.print(f, notes.get(check.key.as_str()).map_or(&[][..], Vec::as_slice))?;
        }
        // What a gate stopped says nothing of its own.
        let stopped: Vec<_> = checks.iter().filter(|check| check.stopped_by().is_some()).collect();
        if let Some(first) = stopped.first() {
            writeln!(f, "\n  skip    {} checks: {}", stopped.len(), first.message)?;
        }
        let is_printed =
            |key: &str| checks.iter().any(|check| check.stopped_by().is_none() && check.key.as_str() == key);
        for (key, lines) in notes.iter().filter(|(key, _)| !is_printed(key)) {
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
            ("fail", false) | ("warn", _) if self.could_not_verify() => Standing::Unverified,
            ("fail", false) => Standing::Fails,
            ("warn", _) => Standing::Warns,
            ("skip", _) => Standing::Skipped,
            ("pass", _) => Standing::Passed,
            // Running, or a word that is newer than this program: in any case not settled.
            _ => Standing::Runs,
        }
    }

    /// Whether nothing is known to be wrong: it could not be seen.
    fn could_not_verify(&self) -> bool {
        let reason = self.reason_code.as_str();
        matches!(reason, "throttled" | "dependency_unreachable" | "permission_denied")
            || reason.ends_with(".interrupted")
    }

    /// The key of the check that stopped it.
    fn stopped_by(&self) -> Option<&Evidence> {
        self.evidence.iter().find(|evidence| evidence.kind.as_str() == "stopped_by")
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, notes: &[String]) -> fmt::Result {
        let Self { key, title, reason_code, message, .. } = self;
        let standing = self.standing();
        writeln!(f, "\n  {:<6}  {title}  [{key}]", standing.word())?;
        match standing {
            Standing::Passed => writeln!(f, "          {message}")?,
            Standing::Blocks
            | Standing::Fails
            | Standing::Warns
            | Standing::Unverified
            | Standing::Runs
            | Standing::Skipped => {
                writeln!(f, "          {message} ({reason_code})")?;
                self.evidence.iter().try_for_each(|evidence| evidence.print(f))?;
            }
        }
        self.next_steps.iter().try_for_each(|Link { label, url }| writeln!(f, "          -> {label}: {url}"))?;
        notes.iter().try_for_each(|note| writeln!(f, "          {note}"))
    }
}

impl Evidence {
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, value } = self;
        match kind.as_str() {
            "entra_error_code" => {
                writeln!(f, "          AADSTS{value}: https://login.microsoftonline.com/error?code={value}")
            }
            // What belongs to the permission before it.
            "permission_type" | "feature" | "operation" | "danger" | "why" => {
                writeln!(f, "            {kind}: {value}")
            }
            _ => writeln!(f, "          {kind}: {value}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "{text}"),
        }
    }
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Standing::Blocks => "BLOCKS",
            Standing::Fails => "FAIL",
            Standing::Warns => "WARN",
            Standing::Unverified => "UNSURE",
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

    #[test]
    fn a_note_on_a_check_that_a_gate_stopped_is_not_lost() {
        let document = include_str!("../../schemas/examples/verification-report.throttled.json");
        let report: Report = serde_json::from_str(document).expect("the example is a report");
        let notes = [("permissions.excessive".to_owned(), vec!["Acknowledged by Grace".to_owned()])].into();
        let printed = report.with_notes(&notes).to_string();
        assert!(printed.ends_with("\n  permissions.excessive\n          Acknowledged by Grace\n"), "{printed}");
    }

    #[test]
    fn what_could_not_be_verified_is_no_failure_and_an_error_code_has_its_address() {
        let printed = |document: &str| {
            let report: Report = serde_json::from_str(document).expect("the example is a report");
            report.to_string()
        };
        let throttled = printed(include_str!("../../schemas/examples/verification-report.throttled.json"));
        let refused = printed(include_str!("../../schemas/examples/verification-report.failed-by-authentication.json"));
        insta::assert_snapshot!("could_not_verify", format!("{throttled}\n{refused}"));
    }
}
