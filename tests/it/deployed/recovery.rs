//! Workers that are killed in the middle of a check: the run is taken over by the next delivery of its message, or, where there is
//! none, by whoever looks after runs. Each within its bound, and the connection is free afterwards.

#![allow(clippy::print_stdout, reason = "the figures are printed for whoever wants to see them")]

use std::time::{Duration, Instant};

use domain::time::Timestamp;
use futures_util::future::join_all;
use harness::api::Api;
use harness::customer::{Customer, OPERATOR};
use harness::microsoft::Scenario;
use harness::processes::{self, Function, Signal};
use harness::shared;
use harness::stack::Stack;
use serde_json::{Value, json};

/// The lease of the local stack's worker: its timeout and five seconds.
const LEASE: Duration = Duration::from_secs(25);

/// Starts a check that takes seconds, and where its run is seen.
async fn started(api: &Api, customer: &Customer) -> String {
    let started = api.post(&customer.verifications(), &json!({})).await.unwrap();
    assert_eq!(started.status, 202, "{}", started.text());
    started.header("location").unwrap().to_owned()
}

/// Kills the worker in the middle of this attempt at the run.
async fn kill_at_attempt(stack: &Stack, api: &Api, run: &str, attempt: u64) {
    let begun = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    loop {
        pace.tick().await;
        let shown = api.get(run).await.unwrap().json().unwrap();
        assert_ne!(shown["status"], "completed", "it was done before it could be killed");
        assert!(begun.elapsed() < LEASE + Duration::from_mins(1), "{shown}");
        if shown["status"] != "running" || shown["attempt"] != attempt {
            continue;
        }
        let workers = processes::of(stack.emulator().endpoint(), Function::Worker).unwrap();
        for worker in &workers {
            processes::signal(worker, Signal::Kill).unwrap();
        }
        if !workers.is_empty() {
            return;
        }
    }
}

/// Holds that the run ends within this time and that its connection is free.
async fn assert_recovers(api: &Api, customer: &Customer, run: &str, within: Duration) -> Value {
    let completed = api.completed(run, within).await.unwrap();
    assert!(completed["context"]["verification_report"].is_object());
    let next = api.post(&customer.verifications(), &json!({})).await.unwrap();
    assert_eq!(next.json().unwrap()["start_result"], "accepted");
    completed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_is_made_up_for_by_the_next_delivery_alone() {
    // Nobody looks after runs for an hour, and the third delivery is the last.
    let parameters = [("PatienceSeconds", "3600".to_owned()), ("MaxReceiveCount", "3".to_owned())];
    let stack = shared::own_stack(parameters.into()).await;
    let (api, customer) = (stack.api(OPERATOR), stack.customer(Scenario::Slow).await.unwrap());
    let run = started(&api, &customer).await;
    kill_at_attempt(&stack, &api, &run, 1).await;
    kill_at_attempt(&stack, &api, &run, 2).await;
    let completed = assert_recovers(&api, &customer, &run, LEASE + Duration::from_secs(30)).await;
    assert_eq!(completed["attempt"], 3);
    assert_eq!(completed["freshness"], "terminal_normal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_is_made_up_for_by_the_reconciler_alone() {
    // No message comes back: the first delivery is the last.
    let parameters = [("MaxReceiveCount", "1".to_owned()), ("PatienceSeconds", "5".to_owned())];
    let stack = shared::own_stack(parameters.into()).await;
    let (api, customer) = (stack.api(OPERATOR), stack.customer(Scenario::Slow).await.unwrap());
    let run = started(&api, &customer).await;
    kill_at_attempt(&stack, &api, &run, 1).await;
    let within = LEASE + Duration::from_secs(5) + Duration::from_secs(90);
    let completed = assert_recovers(&api, &customer, &run, within).await;
    assert_eq!(completed["attempt"], 2, "its message was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_healthy_runs_do_not_wait_for_the_slow_one_beside_them() {
    let stack = shared::own_stack([("MaxReceiveCount", "1".to_owned())].into()).await;
    let api = stack.api(OPERATOR);
    let mut customers = vec![stack.customer(Scenario::Slow).await.unwrap()];
    for _ in 0..9 {
        customers.push(stack.customer(Scenario::Healthy).await.unwrap());
    }
    let runs = join_all(customers.iter().map(async |customer| {
        let run = started(&api, customer).await;
        api.completed(&run, Duration::from_mins(1)).await.unwrap()
    }));
    let mut took: Vec<u64> = runs.await.iter().map(milliseconds).collect();
    let slow = took.remove(0);
    took.sort_unstable();
    println!("the slow one took {slow} ms, the others {took:?} ms");
    assert!(took.iter().all(|took| *took < slow), "{took:?} beside {slow} ms");
}

/// From a run's creation to its end.
fn milliseconds(run: &Value) -> u64 {
    let time = |name: &str| run[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    u64::try_from(time("completed_at").since(time("created_at")).as_millis()).unwrap()
}
