//! A healthy stretch: tenants that are in order and tenants that are not, Microsoft throttling one of them, people looking and
//! acknowledging, and somebody who asks for what does not exist. All of it is one period, as if it had happened at once, and it lasts.

use futures_util::future::join_all;
use harness::customer::{MANAGER, OPERATOR, READER};
use harness::microsoft::Scenario;
use harness::shared;
use serde_json::json;

use super::alarm::{Alarm, Period};
use super::{add_answers, add_counted};
use crate::deployed::PATIENCE;

/// Of each as many runs; what is wrong with a tenant is no trouble of ours.
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
    let stack = shared::own_stack([("MaxReceiveCount", "3".to_owned())].into()).await;
    let verified = TENANTS.map(async |scenario| {
        let customer = stack.customer(scenario).await.unwrap();
        let (api, mut statuses) = (stack.api(OPERATOR), Vec::new());
        for _ in 0..RUNS {
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
    add_counted(&stack.logs().await.unwrap(), &mut period);
    for queue in ["Queue", "DeadLetterQueue"] {
        let waiting = stack.trouble(&["waiting", queue]).await.unwrap();
        period.insert(format!("ApproximateNumberOfMessagesVisible {queue}"), waiting);
    }
    assert!(period["Starts accepted"] >= 20.0 && period["5xx"] < 1.0, "{period:?}");
    let ringing: Vec<_> = Alarm::all().into_iter().filter(|alarm| alarm.rings_after(&period).is_some()).collect();
    assert!(ringing.is_empty(), "{:?} {period:?}", ringing.iter().map(|alarm| &alarm.name).collect::<Vec<_>>());
}
