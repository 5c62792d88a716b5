//! Metrics in CloudWatch's embedded metric format: a line of the log that CloudWatch counts. No call is made and none can fail.
//! Source: "Specification: Embedded metric format", Amazon CloudWatch user guide.

use domain::time::Timestamp;
use serde_json::{Value, json};

const NAMESPACE: &str = "tenantcheck";

/// One measured value with one dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric<'a> {
    /// What is measured.
    pub name: &'static str,
    /// What the value counts.
    pub unit: Unit,
    /// How much.
    pub value: u64,
    /// Name and value of the dimension. Each value makes a metric of its own, so there must be few: never an id.
    pub dimension: (&'static str, &'a str),
}

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Occurrences.
    Count,
    /// Time.
    Milliseconds,
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Milliseconds => "Milliseconds",
        }
    }
}

impl Metric<'_> {
    /// Counts one occurrence.
    #[must_use]
    pub fn one<'a>(name: &'static str, dimension: &'static str, value: &'a str) -> Metric<'a> {
        Metric { name, unit: Unit::Count, value: 1, dimension: (dimension, value) }
    }

    /// Writes the metric to the log, where there is one that takes anything at all.
    #[expect(clippy::print_stdout, reason = "a metric is a line of its own, not a field of an event")]
    pub fn emit(self, now: Timestamp) {
        if tracing::enabled!(tracing::Level::ERROR) {
            println!("{}", self.document(now));
        }
    }

    fn document(self, now: Timestamp) -> Value {
        let (dimension, value) = self.dimension;
        json!({
            "_aws": {
                "Timestamp": now.as_millis(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [[dimension]],
                    "Metrics": [{ "Name": self.name, "Unit": self.unit.as_str() }],
                }],
            },
            dimension: value,
            self.name: self.value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_a_line_that_cloudwatch_understands() {
        let document = Metric::one("Starts", "result", "accepted").document(Timestamp::from_millis(1_000));
        let expected = json!({
            "_aws": {
                "Timestamp": 1000,
                "CloudWatchMetrics": [{
                    "Namespace": "tenantcheck",
                    "Dimensions": [["result"]],
                    "Metrics": [{ "Name": "Starts", "Unit": "Count" }],
                }],
            },
            "result": "accepted",
            "Starts": 1,
        });
        assert_eq!(document, expected);
    }
}
