//! An alarm of the template, and whether it rings: CloudWatch's rules for "M out of N" datapoints ("Using Amazon CloudWatch alarms", user
//! guide), for the alarms that there are. Stricter in one: where datapoints are missing CloudWatch looks back further than the periods of
//! an alarm, and here it does not.

use std::collections::BTreeMap;

use harness::template::part;
use serde::Deserialize;
use serde_json::Value;

/// A metric's name and, where the template tells several of one name apart, what it says of the difference: `Deliveries failed`.
pub(super) fn metric(name: &str, of: &str) -> String {
    if of.is_empty() { name.to_owned() } else { format!("{name} {of}") }
}

/// What one period of the time measured, by metric. What is not there was not measured.
pub(super) type Period = BTreeMap<String, f64>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Alarm {
    #[serde(skip)]
    pub(super) name: String,
    #[serde(rename = "AlarmDescription")]
    pub(super) description: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    #[serde(default)]
    metrics: Vec<Query>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    period: Option<u32>,
    evaluation_periods: usize,
    #[serde(rename = "DatapointsToAlarm")]
    breaching: usize,
    threshold: f64,
    comparison_operator: String,
    treat_missing_data: String,
    #[serde(rename = "AlarmActions")]
    pub(super) actions: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: String,
    expression: Option<String>,
    metric_stat: Option<MetricStat>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStat {
    metric: Measured,
    period: u32,
    stat: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Measured {
    namespace: String,
    metric_name: String,
    dimensions: Vec<Dimension>,
}

/// What tells metrics of one name apart: the function, the queue, or our own dimension beside the stage. An API and a stage are one each.
fn measured(namespace: &str, name: &str, dimensions: &[Dimension]) -> String {
    let own = dimensions.iter().filter(|it| !["stage", "ApiId"].contains(&it.name.as_str()));
    let of: Vec<_> = own.map(|it| it.value.trim_end_matches(".QueueName")).collect();
    let has_stage = dimensions.iter().any(|it| it.name == "stage" && it.value == "Stage");
    assert_eq!(has_stage, namespace == "tenantcheck", "two stages of an account would add up: {name}");
    metric(name, &of.join(" "))
}

impl Alarm {
    /// Every alarm of the template.
    pub(super) fn all() -> Vec<Self> {
        let resources: serde_json::Map<String, Value> = part("/Resources").unwrap();
        let alarms = resources.into_iter().filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm");
        let alarm = |(name, mut it): (String, Value)| {
            let alarm: Self =
                serde_json::from_value(it["Properties"].take()).unwrap_or_else(|error| panic!("{name}: {error}"));
            Self { name, ..alarm }
        };
        alarms.map(alarm).collect()
    }

    /// The datapoint that a period makes; none where nothing was measured.
    ///
    /// # Panics
    /// At an expression that nobody has taught this yet.
    pub(super) fn datapoint(&self, period: &Period) -> Option<f64> {
        let Some(expression) = self.metrics.iter().find_map(|query| query.expression.as_deref()) else {
            return period.get(&measured(&self.namespace, &self.metric_name, &self.dimensions)).copied();
        };
        let of = |id: &str| {
            let query = self.metrics.iter().find(|query| query.id == id).unwrap_or_else(|| panic!("{id}"));
            let Measured { namespace, metric_name, dimensions } = &query.metric_stat.as_ref().unwrap().metric;
            period.get(&measured(namespace, metric_name, dimensions)).copied()
        };
        match expression {
            "IF(errors >= 5 OR errors == requests, 100 * errors / requests, 0)" => {
                let (errors, requests) = (of("errors")?, of("requests")?);
                let is_trouble = errors >= 5.0 || (requests - errors).abs() < f64::EPSILON;
                Some(if is_trouble { 100.0 * errors / requests } else { 0.0 })
            }
            "IF(requests >= 20, latency, 0)" => {
                let (requests, latency) = (of("requests")?, of("latency")?);
                Some(if requests >= 20.0 { latency } else { 0.0 })
            }
            "IF(FILL(taken, 0) == 0, waiting, 0)" => {
                let waiting = of("waiting")?;
                Some(if of("taken").unwrap_or(0.0) == 0.0 { waiting } else { 0.0 })
            }
            other => panic!("what is {other}?"),
        }
    }

    /// What it compares, over which time: `Sum of Unsent over 300 s`.
    pub(super) fn looks_at(&self) -> String {
        let told = |stat: &str, name: &str, period: u32| format!("{stat} of {name} over {period} s");
        let Some(expression) = self.metrics.iter().find_map(|query| query.expression.as_deref()) else {
            let stat = self.statistic.as_deref().or(self.extended_statistic.as_deref()).unwrap();
            let name = measured(&self.namespace, &self.metric_name, &self.dimensions);
            return told(stat, &name, self.period.unwrap());
        };
        let stats = self.metrics.iter().filter_map(|query| query.metric_stat.as_ref());
        let stats = stats.map(|it| {
            told(&it.stat, &measured(&it.metric.namespace, &it.metric.metric_name, &it.metric.dimensions), it.period)
        });
        format!("{expression}: {}", stats.collect::<Vec<_>>().join(", "))
    }

    /// When it rings: `> 0, 2 of 3`.
    pub(super) fn rings_when(&self) -> String {
        let sign = if self.is_below() { '<' } else { '>' };
        format!("{sign} {}, {} of {}", self.threshold, self.breaching, self.evaluation_periods)
    }

    /// Whether it rings for too little.
    fn is_below(&self) -> bool {
        match (self.comparison_operator.as_str(), self.treat_missing_data.as_str()) {
            ("GreaterThanThreshold", "notBreaching") => false,
            ("LessThanThreshold", "breaching") => true,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    /// Whether it rings after these periods, the newest of which is last.
    pub(super) fn rings(&self, periods: &[Period]) -> bool {
        let is_below = self.is_below();
        let looked_at = periods.iter().rev().take(self.evaluation_periods);
        let breaching = looked_at.filter(|period| match self.datapoint(period) {
            Some(value) => {
                if is_below {
                    value < self.threshold
                } else {
                    value > self.threshold
                }
            }
            None => is_below,
        });
        breaching.count() >= self.breaching
    }

    /// After how many periods that are like this one it rings; none if it never does.
    pub(super) fn rings_after(&self, period: &Period) -> Option<usize> {
        (1..=self.evaluation_periods).find(|count| self.rings(&vec![period.clone(); *count]))
    }
}
