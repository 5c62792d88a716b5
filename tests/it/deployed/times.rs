//! The times that can be chosen fit each other: none can be deployed with which no check fits into an invocation, or with which a message
//! comes back while its worker may still hold the run.

use std::collections::BTreeMap;

use harness::template::part;

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Times {
    check_budget: String,
    visibility: String,
}

/// What the worker keeps for storing the outcome of a check.
const WRITING_SECONDS: u32 = 10;

#[test]
fn every_timeout_of_the_worker_has_times_that_fit_it() {
    let allowed: Vec<u32> = part("/Parameters/WorkerTimeoutSeconds/AllowedValues").unwrap();
    let times: BTreeMap<String, Times> = part("/Mappings/Times").unwrap();
    assert_eq!(times.len(), allowed.len());
    for timeout in allowed {
        let times = &times[&timeout.to_string()];
        let (budget, visibility): (u32, u32) = (times.check_budget.parse().unwrap(), times.visibility.parse().unwrap());
        assert!(budget + WRITING_SECONDS <= timeout, "{timeout} s are too few for a check of {budget} s");
        assert!(visibility >= 6 * timeout, "Lambda asks for six times {timeout} s, not {visibility} s");
    }
    let receives: u32 = part("/Parameters/MaxReceiveCount/Default").unwrap();
    assert!(receives >= 5);
}
