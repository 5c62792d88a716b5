//! Leases: nothing is begun that cannot be finished, no clock can lock a run for long, and who wakes too late changes nothing.

use std::sync::Arc;
use std::time::Duration;

use domain::operation_run::RunState;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, Scene, now};
use runtime::Clock;
use store::Claim;
use tokio::sync::Barrier;

use super::{deliver, deliver_until, delivery, stored};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_begun_that_cannot_be_finished_and_a_past_deadline_wedges_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let app = scene.worker().await;
    for left in [0, 5, 10] {
        assert_eq!(
            deliver_until(&app, [delivery(run, 1)], now() + Duration::from_secs(left)).await.len(),
            1,
            "{left} s are left"
        );
    }
    assert_eq!(deliver_until(&app, [delivery(run, 1)], now() - Duration::from_hours(1)).await.len(), 1);
    assert_eq!(stored(&scene, run).await.run.state, RunState::Queued);
    assert!(deliver(&app, [delivery(run, 2)]).await.is_empty());
    assert_eq!(stored(&scene, run).await.run.attempt_number(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_far_ahead_makes_no_longer_lease_than_the_workers_timeout() {
    let scene = Scene::new(Scenario::Throttled).await;
    let run = scene.queued_run().await.header.id;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let app = scene.worker_on(&sdk_config(proxy.url())).await;
    let gate = Arc::new(Barrier::new(2));
    proxy.inject(Fault::Held { operation: "BatchGetItem", gate: gate.clone() });
    let looking = async {
        gate.wait().await;
        let held = scene.store.load_run(run, now()).await.expect("an answer").expect("the run is there");
        gate.wait().await;
        held
    };
    let (_, held) = tokio::join!(deliver_until(&app, [delivery(run, 1)], now() + Duration::from_hours(24)), looking);
    let RunState::Running(attempt) = held.state else { panic!("{:?}", held.state) };
    assert!(attempt.lease_until <= now() + Duration::from_secs(65), "{}", attempt.lease_until);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_a_clock_wrote_which_is_a_day_ahead_is_not_believed() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let tomorrow = now() + Duration::from_hours(24);
    let claim = scene.store.claim(run, tomorrow, BOUNDS.lease(tomorrow, tomorrow), &BOUNDS).await.expect("an answer");
    assert!(matches!(claim, Claim::Mine(_)));
    assert!(deliver(&scene.worker().await, [delivery(run, 2)]).await.is_empty());
    assert_eq!(stored(&scene, run).await.run.attempt_number(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_paused_past_its_lease_changes_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let paused = scene.worker_on(&sdk_config(proxy.url())).await;
    let gate = Arc::new(Barrier::new(2));
    proxy.inject(Fault::Held { operation: "TransactWriteItems", gate: gate.clone() });
    let later = now() + Duration::from_mins(2);
    let clock = Clock::told_by(move || later);
    let second = worker::App { clock, ..scene.worker().await };
    let meanwhile = async {
        gate.wait().await;
        assert_eq!(deliver_until(&second, [delivery(run, 1)], later + Duration::from_mins(1)).await.len(), 0);
        let ended = stored(&scene, run).await;
        gate.wait().await;
        ended
    };
    let (failed, ended) = tokio::join!(deliver(&paused, [delivery(run, 1)]), meanwhile);
    assert!(failed.is_empty(), "the run has its end, so the message has done its work");
    let after = stored(&scene, run).await;
    assert_eq!((after.run, after.report), (ended.run, ended.report));
}
