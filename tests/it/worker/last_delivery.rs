//! The last delivery of a message ends its run, whatever the trouble: "could not verify", without a word about the connection.

use domain::cloud::Cloud;
use domain::connection::CredentialKind;
use domain::facts::{Facts, Questions};
use domain::next_step::App;
use domain::operation_run::{Interruption, Outcome, RunState};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::{Scenario, TenantFixture};
use harness::scene::{OPERATOR, Scene, now};
use harness::shared::Sandbox;
use microsoft::{Budget, ClientCredential, Priority};
use store::Claim;

use super::{deliver, deliver_until, delivery, report, stored, wait_is_over};
use crate::table;

const LAST: u32 = 5;

/// More than any client tries.
const EVERY_TRY: usize = 20;

async fn behind_proxy(scene: &Scene) -> (worker::App, FaultProxy) {
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let app = scene.worker_on(&sdk_config(proxy.url())).await;
    (app, proxy)
}

/// Holds that the trouble gives the run back for seconds, or leaves it to its lease, and that the last delivery ends it as interrupted.
async fn assert_ended(scene: &Scene, app: &worker::App, given_back: bool) {
    let run = scene.queued_run().await.header.id;
    assert_eq!(deliver(app, [delivery(run, 1)]).await.len(), 1, "delivered again");
    let waiting = stored(scene, run).await.run;
    assert!(waiting.is_active());
    let RunState::Running(attempt) = &waiting.state else { panic!("{:?}", waiting.state) };
    assert_eq!(attempt.retry_at.is_some(), given_back);
    let Some(retry_at) = attempt.retry_at else {
        // The next delivery waits for the lease's end.
        return end_after_lease(scene, app, run, attempt.lease_until).await;
    };
    assert!(retry_at.since(now()).as_secs() < 10, "not for the queue's visibility");
    wait_is_over(scene, run).await;
    assert!(deliver(app, [delivery(run, LAST)]).await.is_empty(), "its outcome is stored");
    assert_interrupted(scene, run).await;
}

async fn end_after_lease(
    scene: &Scene,
    app: &worker::App,
    run: domain::id::RunId,
    lease_until: domain::time::Timestamp,
) {
    let later = lease_until + std::time::Duration::from_secs(1);
    let app =
        worker::App { clock: runtime::Clock::told_by(move || later), store: app.store.clone(), ..scene.worker().await };
    let deadline = later + std::time::Duration::from_mins(1);
    assert!(deliver_until(&app, [delivery(run, LAST)], deadline).await.is_empty());
    assert_interrupted(scene, run).await;
}

async fn assert_interrupted(scene: &Scene, run: domain::id::RunId) {
    let stored = stored(scene, run).await;
    let RunState::Completed(completion) = &stored.run.state else { panic!("{:?}", stored.run.state) };
    assert!(matches!(completion.outcome, Outcome::Interrupted { why: Interruption::DeliveriesUsedUp, .. }));
    let document = report(&stored);
    assert_eq!(document["summary"]["overall"], "needs_attention");
    assert_eq!(document["checks"][0]["reason_code"], "ext.provider_connection_check.interrupted");
    assert!(!table::stored(scene, "state").await[0].contains_key("health"), "nothing is said of the connection");
    assert!(table::stored(scene, "active_slot").await.is_empty());
    let edge = harness::edge::Edge::of(scene);
    let next = edge.start(OPERATOR, "/workspaces/1/tenants/2/verifications").await;
    assert_eq!(next.json()["start_result"], "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_of_the_parameter_store_to_the_last_ends_the_run() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (app, proxy) = behind_proxy(&scene).await;
    for _ in 0..EVERY_TRY {
        proxy.inject(Fault::Error { operation: "GetParameters", code: "InternalServerError" });
    }
    assert_ended(&scene, &app, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_of_sts_to_the_last_ends_the_run() {
    let fixture = TenantFixture::fresh(Scenario::Healthy, Cloud::Global, CredentialKind::Federated);
    let scene = Scene::of(Sandbox::new().await, fixture).await;
    // Nobody listens there.
    let nowhere = sdk_config("http://127.0.0.1:9");
    let app = worker::App {
        web_identity: worker::WebIdentity::new(aws_sdk_sts::Client::new(&nowhere)),
        ..scene.worker().await
    };
    assert_ended(&scene, &app, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_say_what_a_check_is_decided_from_ends_the_run_to_the_last() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (app, proxy) = behind_proxy(&scene).await;
    for _ in 0..2 {
        proxy.inject(Fault::Error { operation: "BatchGetItem", code: "AccessDeniedException" });
    }
    assert_ended(&scene, &app, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_another_worker_holds_is_kept_among_the_dead_letters() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let lease = now() + std::time::Duration::from_secs(65);
    let claim = scene.store.claim(run, now(), lease, &harness::scene::BOUNDS).await.expect("an answer");
    assert!(matches!(claim, Claim::Mine(_)));
    assert_eq!(deliver(&scene.worker().await, [delivery(run, LAST)]).await.len(), 1, "not acknowledged");
    assert_eq!(stored(&scene, run).await.run.attempt_number(), 1);
}

/// Surprises the worker.
struct Surprise;

impl worker::Provider for Surprise {
    fn check<'a>(
        &'a self,
        _: &'a App,
        _: &'a ClientCredential,
        _: Questions,
        _: Priority,
        _: Budget,
    ) -> BoxFuture<'a, Facts> {
        async { panic!("on purpose") }.boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_to_the_last_ends_the_run() {
    let scene = Scene::new(Scenario::Healthy).await;
    let app = worker::App { provider: Box::new(Surprise), ..scene.worker().await };
    let run = scene.queued_run().await.header.id;
    assert_eq!(deliver(&app, [delivery(run, LAST - 1)]).await.len(), 1, "delivered again");
    let waiting = stored(&scene, run).await.run;
    let RunState::Running(attempt) = &waiting.state else { panic!("{:?}", waiting.state) };
    let later = attempt.lease_until + std::time::Duration::from_secs(1);
    let app = worker::App { clock: runtime::Clock::told_by(move || later), ..app };
    let deadline = later + std::time::Duration::from_mins(1);
    assert!(deliver_until(&app, [delivery(run, LAST)], deadline).await.is_empty(), "its outcome is stored");
    assert_interrupted(&scene, run).await;
}
