//! Metrics in CloudWatch's embedded metric format: a line of the log that CloudWatch counts. No call is made and none can fail.
//! Source: "Specification: Embedded metric format", Amazon CloudWatch user guide.

use std::sync::OnceLock;

use domain::time::Timestamp;
use serde_json::{Value, json};

const NAMESPACE: &str = "tenantcheck";

/// The stage that this process belongs to: the first dimension of every metric, so that two stages of an account are counted apart.
static STAGE: OnceLock<String> = OnceLock::new();

/// One measured value of the stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric<'a> {
    /// What is measured.
    pub name: &'static str,
    /// What the value counts.
    pub unit: Unit,
    /// How much.
    pub value: u64,
    /// Name and value of a dimension beside the stage. Each value makes a metric of its own, so there must be few: never an id.
    pub dimension: Option<(&'static str, &'a str)>,
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

/// Has the metrics of this process written for a stage. Nothing is written before, nor without one.
pub fn init(stage: Option<String>) {
    if let Some(stage) = stage {
        STAGE.get_or_init(|| stage);
    }
}

impl Metric<'_> {
    /// Counts one occurrence.
    #[must_use]
    pub fn one<'a>(name: &'static str, dimension: &'static str, value: &'a str) -> Metric<'a> {
        Metric { name, unit: Unit::Count, value: 1, dimension: Some((dimension, value)) }
    }

    /// Counts so many occurrences of what has no dimension beside the stage.
    #[must_use]
    pub fn count(name: &'static str, value: u64) -> Metric<'static> {
        Metric { name, unit: Unit::Count, value, dimension: None }
    }

    /// Writes the metric to the log, where one is counted.
    pub fn emit(self, now: Timestamp) {
        emit(&[self], now);
    }

    fn dimensions(&self) -> impl Iterator<Item = &'static str> {
        ["stage"].into_iter().chain(self.dimension.map(|(name, _)| name))
    }
}

/// Writes several metrics to the log in one line, where metrics are counted. What two of them call alike must have one value.
#[expect(clippy::print_stdout, reason = "a metric is a line of its own, not a field of an event")]
pub fn emit(metrics: &[Metric<'_>], now: Timestamp) {
    if let Some(stage) = STAGE.get() {
        println!("{}", document(metrics, stage, now));
    }
}

fn document(metrics: &[Metric<'_>], stage: &str, now: Timestamp) -> Value {
    let described = |metric: &Metric<'_>| {
        json!({
            "Namespace": NAMESPACE,
            "Dimensions": [metric.dimensions().collect::<Vec<_>>()],
            "Metrics": [{ "Name": metric.name, "Unit": metric.unit.as_str() }],
        })
    };
    let described: Vec<Value> = metrics.iter().map(described).collect();
    let mut document =
        json!({ "stage": stage, "_aws": { "Timestamp": now.as_millis(), "CloudWatchMetrics": described } });
    for metric in metrics {
        document[metric.name] = metric.value.into();
        if let Some((dimension, value)) = metric.dimension {
            document[dimension] = value.into();
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_a_line_that_cloudwatch_understands() {
        let metrics = [Metric::one("Starts", "result", "accepted"), Metric::count("Unsent", 2)];
        let expected = json!({
            "_aws": {
                "Timestamp": 1000,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "tenantcheck",
                        "Dimensions": [["stage", "result"]],
                        "Metrics": [{ "Name": "Starts", "Unit": "Count" }],
                    },
                    {
                        "Namespace": "tenantcheck",
                        "Dimensions": [["stage"]],
                        "Metrics": [{ "Name": "Unsent", "Unit": "Count" }],
                    },
                ],
            },
            "stage": "test",
            "result": "accepted",
            "Starts": 1,
            "Unsent": 2,
        });
        assert_eq!(document(&metrics, "test", Timestamp::from_millis(1_000)), expected);
    }
}
