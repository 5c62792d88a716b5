//! A verification report for a person: what is wrong comes first, with what to do about it.

use std::fmt;

use serde::Deserialize;

/// The parts of a stored report that are printed, worst first.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    summary: Summary,
    checks: Vec<Check>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    overall: String,
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
    key: String,
    title: String,
    status: Status,
    blocking: bool,
    reason_code: String,
    message: String,
    next_steps: Vec<NextStep>,
}

/// In the order in which people want to read them; a failed check that blocks comes before all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Fail,
    Warn,
    Running,
    Skip,
    Pass,
}

#[derive(Debug, Deserialize)]
struct NextStep {
    label: String,
    url: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { overall, counts: Counts { total, pass, fail, warn, skip } } = &self.summary;
        writeln!(f, "Overall: {overall} ({total} checks: {pass} pass, {fail} fail, {warn} warn, {skip} skip)")?;
        let mut checks: Vec<&Check> = self.checks.iter().collect();
        // Stable: checks of the same standing keep the report's own order.
        checks.sort_by_key(|check| (check.status != Status::Fail || !check.blocking, check.status));
        checks.into_iter().try_for_each(|check| check.fmt(f))
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = match (self.status, self.blocking) {
            (Status::Fail, true) => "BLOCKS",
            (Status::Fail, false) => "FAIL",
            (Status::Warn, _) => "WARN",
            (Status::Running, _) => "RUNS",
            (Status::Skip, _) => "skip",
            (Status::Pass, _) => "pass",
        };
        let Self { key, title, reason_code, message, .. } = self;
        writeln!(f, "\n  {standing:<6}  {title}  [{key}]")?;
        match self.status {
            Status::Pass => writeln!(f, "          {message}")?,
            Status::Fail | Status::Warn | Status::Running | Status::Skip => {
                writeln!(f, "          {message} ({reason_code})")?;
            }
        }
        self.next_steps.iter().try_for_each(|NextStep { label, url }| writeln!(f, "          -> {label}: {url}"))
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
