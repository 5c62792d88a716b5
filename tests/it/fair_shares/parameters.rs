//! The parameter store, whose limit is the account's: throttled because of one workspace, it lets the runs of another wait as well, but
//! ends none, and whose secret is kept does not wait.

use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::scene::{OPERATOR, Scene};

use super::{QUIET, QUIET_VERIFICATIONS, Street, accepted, flood};
use crate::worker::{deliver, delivery, wait_is_over};

/// More than any client tries.
const EVERY_TRY: usize = 20;

/// A worker whose parameter store can be throttled.
async fn worker(scene: &Scene) -> (worker::App, FaultProxy) {
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    (scene.worker_on(&sdk_config(proxy.url())).await, proxy)
}

fn throttle(proxy: &FaultProxy) {
    for _ in 0..EVERY_TRY {
        proxy.inject(Fault::Error { operation: "GetParameters", code: "ThrottlingException" });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_parameter_store_throttles_a_kept_secret_is_used_and_nobody_elses_run_is_ended() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    let (worker, proxy) = worker(&street.scene).await;
    let first = accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    assert!(deliver(&worker, [delivery(first, 1)]).await.is_empty());
    let flooding = flood(&edge, OPERATOR, 0..3).await;
    let quiet = accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    throttle(&proxy);
    let batch = flooding.iter().chain([&quiet]).map(|run| delivery(*run, 1));
    assert_eq!(deliver(&worker, batch).await.len(), flooding.len(), "delivered again");
    assert_eq!((street.active(&flooding).await, street.is_active(quiet).await), (flooding.len(), false));
}

/// The records of a batch ask with one call: throttled, it is so for all that it names.
#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_read_of_several_lets_all_of_them_wait_and_none_fail() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    let runs = [flood(&edge, OPERATOR, 0..1).await[0], accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await)];
    let (throttled, proxy) = worker(&street.scene).await;
    throttle(&proxy);
    assert_eq!(deliver(&throttled, runs.map(|run| delivery(run, 1))).await.len(), 2, "delivered again");
    assert_eq!(street.active(&runs).await, 2, "nothing is said of either");
    for run in runs {
        wait_is_over(&street.scene, run).await;
    }
    let (worker, _proxy) = worker(&street.scene).await;
    assert!(deliver(&worker, runs.map(|run| delivery(run, 2))).await.is_empty());
    assert_eq!(street.active(&runs).await, 0);
}
