//! The prices, and what is assumed of times that only AWS and Microsoft know.

use super::Units;

pub(super) const ABOUT: &str = "Prices are those of us-east-1 on 2026-11-27, without free tiers and taxes.";

/// What is charged, how many dollars, and for how much.
pub(super) const PRICES: [(&str, f64, &str); 9] = [
    ("API Gateway, HTTP API", 1.00, "million requests"),
    ("Lambda, requests", 0.20, "million requests"),
    ("Lambda, time (x86_64)", 0.000_016_666_7, "GB-second"),
    ("SQS, standard queue", 0.40, "million requests"),
    ("DynamoDB on demand, writes", 0.625, "million units"),
    ("DynamoDB on demand, reads", 0.125, "million units"),
    ("DynamoDB, storage", 0.25, "GB-month"),
    ("DynamoDB, point-in-time recovery", 0.20, "GB-month"),
    ("CloudWatch Logs, ingestion", 0.50, "GB"),
];

pub(super) const ASSUMED: &str = "\
Assumed, because nobody here can measure it: Microsoft answers all that a check asks within 1 s, a start takes 20 ms and a look 15 ms of a
function with 256 MB. One by one, a verification is started through the API and looked at twice, and each message is a batch. In bulk,
nobody looks, ten messages are a batch, and their checks wait for Microsoft side by side. Runs are kept for 90 days with their reports, audit
events for 400. An item below 4 KB is one unit to read. A look reads five
units and logs 350 bytes; the gateway logs 300 of each request.

Not in the table is what a deployment costs that verifies nothing: the poller asks the queue all the time, each metric that an alarm looks at is
$0.10 a month, and each value of a custom metric's dimension that occurs (a reason, a result) $0.30.
";

/// What was saved beside the writes.
pub(super) const SAVED_OTHERWISE: &str = "
Metrics of each route are off unless `RouteMetrics` says otherwise; the calls of a check are one line of the log; Lambda's own lines of what
went well are left out.
";

/// What a look at a run reads and logs, and what the gateway logs of a request: units and bytes, not measured here.
const LOOK_READS: f64 = 5.0;
const LOOK_LOG: f64 = 350.0;
const ACCESS_LOG: f64 = 300.0;

/// What DynamoDB adds to each item that it stores, in bytes.
const OVERHEAD: usize = 100;

fn price(what: &str) -> f64 {
    PRICES.iter().find(|(name, ..)| *name == what).unwrap_or_else(|| panic!("{what}")).1
}

/// The dollars of a million verifications, row by row.
pub(super) struct Bill {
    pub(super) rows: Vec<(&'static str, f64)>,
}

impl Bill {
    pub(super) fn one_by_one(start: &Units, execution: &Units, log: usize) -> Self {
        // A POST and two GETs, each of which reads about five items.
        Self::of(start, execution, log, &Way { looks: 2.0, batch: 1.0 })
    }

    pub(super) fn in_bulk(start: &Units, execution: &Units, log: usize) -> Self {
        Self::of(start, execution, log, &Way { looks: 0.0, batch: 10.0 })
    }

    fn of(start: &Units, execution: &Units, log: usize, way: &Way) -> Self {
        let memory_gb = 0.25;
        let number = |count: usize| f64::from(u32::try_from(count).unwrap());
        let seconds = 0.020 + 0.015 * way.looks + 1.0 / way.batch;
        // One sends; receiving and deleting are of a batch; each message is hidden until its lease ends.
        let queue = 2.0 + 2.0 / way.batch;
        let bytes = |units: &Units, name: &str| -> usize {
            units.writes.iter().filter(|it| it.name() == name).map(|it| it.bytes() + OVERHEAD).sum()
        };
        // The run's end replaces its start.
        let (run, report) = (bytes(execution, "PutItem RUN"), bytes(execution, "PutItem REPORT"));
        let events = bytes(start, "PutItem AUDIT") + bytes(execution, "PutItem AUDIT");
        let gb_months = |of_run: usize| (number(of_run) * 90.0 + number(events) * 400.0) / 30.0 * 1e6 / 1e9;
        // The run stands in two indexes as well, which backups leave out.
        let kept = gb_months(3 * run + report) * price("DynamoDB, storage")
            + gb_months(run + report) * price("DynamoDB, point-in-time recovery");
        let logged = number(log) + ACCESS_LOG * (1.0 + way.looks) + LOOK_LOG * way.looks;
        let reads = number(start.reads + execution.reads) + LOOK_READS * way.looks;
        let rows = vec![
            ("API Gateway", price("API Gateway, HTTP API") * (1.0 + way.looks)),
            ("Lambda, requests", price("Lambda, requests") * (1.0 + way.looks + 1.0 / way.batch)),
            ("Lambda, time", price("Lambda, time (x86_64)") * memory_gb * seconds * 1e6),
            ("SQS", price("SQS, standard queue") * queue),
            ("DynamoDB, writes", price("DynamoDB on demand, writes") * number(start.written() + execution.written())),
            ("DynamoDB, reads", price("DynamoDB on demand, reads") * reads),
            ("DynamoDB, until it expires", kept),
            ("CloudWatch Logs", price("CloudWatch Logs, ingestion") * logged * 1e6 / 1e9),
        ];
        Self { rows }
    }

    pub(super) fn total(&self) -> f64 {
        self.rows.iter().map(|(_, dollars)| dollars).sum()
    }
}

/// How verifications are made.
struct Way {
    /// How often each is looked at.
    looks: f64,
    /// How many messages Lambda takes at once.
    batch: f64,
}
