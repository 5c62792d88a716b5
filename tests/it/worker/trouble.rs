//! Trouble that passes by itself: the run goes back to its queue, and on the last delivery it ends as "could not verify".

use std::time::Duration;

use domain::operation_run::{OperationRun, RunState};
use domain::time::Timestamp;
use harness::microsoft::{RETRY_AFTER_SECONDS, Scenario};
use harness::scene::{BOUNDS, Scene, now};
use store::Claim;

use super::{deliver, delivery, report, stored, wait_is_over};

fn waiting(run: &OperationRun) -> (Timestamp, Timestamp) {
    match &run.state {
        RunState::Running(attempt) => (attempt.lease_until, attempt.retry_at.expect("it waits for the provider")),
        state => panic!("{state:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_run_gives_its_lease_back_and_waits_as_long_as_microsoft_asks() {
    let scene = Scene::new(Scenario::Throttled).await;
    let run = scene.queued_run().await.header.id;
    let before = now();
    let failed = deliver(&scene.worker().await, [delivery(run, 1)]).await;
    assert_eq!(failed.len(), 1, "reported as failed, so that the queue delivers it again");
    let stored = stored(&scene, run).await;
    assert_eq!(stored.report, None, "no report of an active run");
    let (lease_until, retry_at) = waiting(&stored.run);
    assert!(lease_until <= now(), "another worker may claim it");
    assert!(retry_at >= before + Duration::from_secs(RETRY_AFTER_SECONDS));
    assert!(retry_at <= now() + Duration::from_secs(RETRY_AFTER_SECONDS));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_delivery_of_a_throttled_run_ends_it_without_blaming_the_connection() {
    let scene = Scene::new(Scenario::Throttled).await;
    let run = scene.queued_run().await;
    let app = scene.worker().await;
    deliver(&app, [delivery(run.header.id, 1)]).await;
    wait_is_over(&scene, run.header.id).await;
    let failed = deliver(&app, [delivery(run.header.id, 5)]).await;
    assert!(failed.is_empty(), "{failed:?}");
    let stored = stored(&scene, run.header.id).await;
    assert_eq!(stored.run.attempt_number(), 2);
    let document = report(&stored);
    assert_eq!(document["summary"]["overall"], "needs_attention");
    assert_eq!(document["checks"][0]["reason_code"], "throttled");
    assert_eq!(document["checks"][0]["blocking"], false);
    assert_eq!(scene.health().await, None, "nothing is known of the connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_message_does_not_ask_while_microsoft_wants_to_be_left_alone() {
    let scene = Scene::new(Scenario::Throttled).await;
    let run = scene.queued_run().await.header.id;
    let app = scene.worker().await;
    deliver(&app, [delivery(run, 1)]).await;
    let asked = harness::scene::stand_in().await.calls(&scene.fixture.entra_tenant_id).len();
    let before = stored(&scene, run).await.run;
    for receive in [1, 2, 5] {
        assert_eq!(deliver(&app, [delivery(run, receive)]).await.len(), 1, "the queue keeps it");
    }
    assert_eq!(harness::scene::stand_in().await.calls(&scene.fixture.entra_tenant_id).len(), asked);
    assert_eq!(stored(&scene, run).await.run, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_run_leaves_a_healthy_connection_healthy() {
    let scene = Scene::new(Scenario::Healthy).await;
    let first = scene.queued_run().await;
    deliver(&scene.worker().await, [delivery(first.header.id, 1)]).await;
    let healthy = scene.health().await;
    assert!(healthy.is_some());
    // The same connection, now to a tenant that Entra throttles.
    let throttled = harness::scene::stand_in().await.tenant(Scenario::ThrottledWithoutRetryAfter);
    let scene = scene.retarget(throttled).await;
    let second = scene.queued_run().await;
    assert!(deliver(&scene.worker().await, [delivery(second.header.id, 5)]).await.is_empty());
    assert_eq!(scene.health().await, healthy);
    assert_eq!(report(&stored(&scene, second.header.id).await)["previous_report_id"], first.header.id.get());
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_that_passes_within_the_attempt_is_not_seen() {
    let scene = Scene::new(Scenario::ThrottledOnce).await;
    let run = scene.queued_run().await.header.id;
    assert!(deliver(&scene.worker().await, [delivery(run, 1)]).await.is_empty());
    assert_eq!(report(&stored(&scene, run).await)["summary"]["overall"], "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_given_back_can_be_claimed_when_its_wait_is_over() {
    let scene = Scene::new(Scenario::Down).await;
    let run = scene.queued_run().await.header.id;
    deliver(&scene.worker().await, [delivery(run, 1)]).await;
    let later = waiting(&stored(&scene, run).await.run).1;
    let claim =
        scene.store.claim(run, later, later + Duration::from_secs(65), &BOUNDS).await.expect("the table answers");
    assert!(matches!(claim, Claim::Mine(run) if run.attempt_number() == 2));
}
