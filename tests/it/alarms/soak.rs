//! A healthy stretch: tenants that are in order and tenants that are not, Microsoft throttling one of them, people looking and
//! acknowledging, and somebody who asks for what does not exist. All of it is one period, as if it had happened at once, and it lasts.

use futures_util::future::join_all;
use harness::customer::{MANAGER, OPERATOR, READER};
use harness::microsoft::Scenario;
use harness::shared;
use serde_json::{Value, json};

use super::alarm::{Alarm, Period};
use super::{add_answers, add_counted};
use crate::deployed::PATIENCE;

/// Of most as many runs; what is wrong with a tenant is no trouble of ours.
const RUNS: usize = 3;

const TENANTS: [Scenario; 7] = [
    Scenario::Healthy,
    Scenario::MissingScripts,
    Scenario::DangerousGrant,
    Scenario::ExpiredSecret,
    Scenario::WrongSecret,
    Scenario::Throttled,
    Scenario::Down,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_soak_rings_no_alarm() {
    let stack = shared::own_stack([("MaxReceiveCount", "2".to_owned())].into()).await;
    let verified = TENANTS.map(async |scenario| {
        let customer = stack.customer(scenario).await.unwrap();
        let (api, mut statuses) = (stack.api(OPERATOR), Vec::new());
        // Where Microsoft is in trouble a run waits for half a minute.
        let runs = if matches!(scenario, Scenario::Throttled | Scenario::Down) { 1 } else { RUNS };
        for _ in 0..runs {
            let started = api.post(&customer.verifications(), &json!({})).await.unwrap();
            let location = started.header("location").unwrap().to_owned();
            let run = api.completed(&location, PATIENCE).await.unwrap();
            statuses.extend([started.status, 200]);
            let acknowledged = run["context"]["verification_report"]["checks"]
                .as_array()
                .unwrap()
                .iter()
                .find(|check| check["status"] == "warn");
            if let Some(check) = acknowledged {
                let path = format!("{location}/checks/{}/acknowledgement", check["key"].as_str().unwrap());
                statuses.push(stack.api(MANAGER).post(&path, &json!({ "ack_reason": "known" })).await.unwrap().status);
            }
        }
        for path in [customer.verification(), customer.runs(), customer.permissions(), "/runs/1".to_owned()] {
            statuses.push(stack.api(READER).get(&path).await.unwrap().status);
        }
        statuses
    });
    let mut period = Period::new();
    for statuses in join_all(verified).await {
        add_answers(&statuses, &mut period);
    }
    stack.trouble(&["look-after"]).await.unwrap();
    let logs = stack.logs().await.unwrap();
    add_counted(&logs, &mut period);
    let rounds =
        logs.matches("every active run was heard of lately").count() + logs.matches("looked after active runs").count();
    period.insert("Invocations ReconcilerFunction".to_owned(), count(rounds));
    // What the functions say of their own time; the gateway adds some milliseconds.
    period.insert("Latency".to_owned(), slowest(&logs));
    period.insert("NumberOfMessagesReceived Queue".to_owned(), period["Starts accepted"]);
    for queue in ["Queue", "DeadLetterQueue"] {
        let waiting = stack.trouble(&["waiting", queue]).await.unwrap();
        period.insert(format!("ApproximateNumberOfMessagesVisible {queue}"), waiting);
    }
    assert!(period["Starts accepted"] >= 15.0 && period["5xx"] < 1.0, "{period:?}");
    for alarm in Alarm::all() {
        // Of a function that ends or is refused only AWS tells, and of what did not happen there is nothing.
        let untold =
            ["Crashes", "Throttles", "FailedDeliveries", "InterruptedRuns"].iter().any(|it| alarm.name.ends_with(it));
        assert_eq!(alarm.datapoint(&period).is_none(), untold, "{} {period:?}", alarm.name);
        assert_eq!(alarm.rings_after(&period), None, "{} {period:?}", alarm.name);
    }
    assert!(!logs.contains("a panic") && !logs.contains("the function cannot run"));
}

/// The longest time in which a function answered, in milliseconds.
fn slowest(logs: &str) -> f64 {
    let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let times =
        lines.filter(|line| line["message"] == "answered a request").filter_map(|line| line["duration_ms"].as_f64());
    times.fold(0.0, f64::max)
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap())
}
