//! Runs that nothing can finish any more are ended, and slots that no run needs are freed. Whoever comes late changes nothing.

use std::sync::Arc;
use std::time::Duration;

use domain::look::MAX_ATTEMPTS;
use domain::operation_run::{Interruption, Outcome, RunState};
use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, OPERATOR, READER, Scene, now};
use reconciler::{App, Tick};
use serde_json::json;
use store::Claim;
use tokio::sync::Barrier;

use super::{at, later, stored, tick, tick_at};
use crate::table;
use crate::worker::{deliver, delivery};

const VERIFICATIONS: &str = "/workspaces/1/tenants/2/verifications";

/// Why a run was ended from outside.
fn why(run: &domain::operation_run::OperationRun) -> Interruption {
    match &run.state {
        RunState::Completed(completion) => match &completion.outcome {
            Outcome::Interrupted { why, .. } => *why,
            other => panic!("{other:?}"),
        },
        state => panic!("{state:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_past_its_deadline_is_ended_with_a_report_that_blames_nobody_and_the_next_start_is_accepted() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    assert_eq!(tick_at(&scene, later(360)).await, Tick { seen: 1, interrupted: 1, ..Tick::default() });
    assert_eq!(why(&stored(&scene, run).await), Interruption::DeadlinePassed);
    assert!(table::stored(&scene, "active_slot").await.is_empty());
    let edge = Edge::of(&scene);
    let shown = edge.get(READER, &format!("/runs/{run}")).await.json();
    assert_eq!((&shown["outcome"], &shown["freshness"]), (&json!("failed"), &json!("reconciled_failed")));
    assert_eq!(shown["context"]["reconciliation"]["reason"], "deadline_passed");
    let report = &shown["context"]["verification_report"];
    assert_eq!(report["summary"]["overall"], "needs_attention");
    let check = &report["checks"][0];
    assert_eq!(check["reason_code"], "ext.provider_connection_check.interrupted");
    assert_eq!(
        (&check["status"], &check["blocking"], &check["severity"]),
        (&json!("fail"), &json!(false), &json!("critical"))
    );
    let connections = edge.get(READER, "/workspaces/1/tenants/2/connections").await.json();
    assert_eq!(connections["connections"][0]["verification_status"], "unknown", "nothing is said of the connection");
    let events = table::stored(&scene, "audit_event").await;
    let ended =
        events.iter().find(|event| table::text(event, "action") == "verification.reconciled").expect("it is on record");
    assert_eq!((table::text(ended, "outcome"), table::text(ended, "actor")), ("failed", ""));
    assert_eq!(edge.start(OPERATOR, VERIFICATIONS).await.json()["start_result"], "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_eight_workers_could_not_finish_is_ended() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let mut time = now();
    for _ in 0..MAX_ATTEMPTS {
        let claimed = scene.store.claim(run, time, time + Duration::from_secs(65), &BOUNDS).await.expect("an answer");
        assert!(matches!(claimed, Claim::Mine(_)));
        time = time + Duration::from_secs(66);
    }
    assert_eq!(tick_at(&scene, time).await.interrupted, 0, "the last of them may be at it");
    let tick = tick_at(&scene, time + BOUNDS.patience + BOUNDS.patience).await;
    assert_eq!(tick, Tick { seen: 1, interrupted: 1, ..Tick::default() });
    assert_eq!(why(&stored(&scene, run).await), Interruption::AttemptsUsedUp);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_wakes_after_its_run_was_ended_changes_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let sleeper = scene.worker_on(&sdk_config(proxy.url())).await;
    let gate = Arc::new(Barrier::new(2));
    proxy.inject(Fault::Held { operation: "TransactWriteItems", gate: gate.clone() });
    let late = async {
        let failed = deliver(&sleeper, [delivery(run, 1)]).await;
        assert!(failed.is_empty(), "the run is ended: its message has done its work");
    };
    let meanwhile = async {
        gate.wait().await;
        assert_eq!(tick_at(&scene, later(365)).await.interrupted, 1);
        let ended = stored(&scene, run).await;
        gate.wait().await;
        ended
    };
    let ((), ended) = tokio::join!(late, meanwhile);
    assert_eq!(stored(&scene, run).await, ended);
    let state = table::stored(&scene, "state").await.remove(0);
    assert!(!state.contains_key("health") && !state.contains_key("inventory"), "{state:?}");
    assert_eq!(table::stored(&scene, "report").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_worker_takes_in_the_last_moment_is_the_workers() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let app = App { clock: at(later(360)), ..scene.reconciler_on(&sdk_config(proxy.url())) };
    let gate = Arc::new(Barrier::new(2));
    proxy.inject(Fault::Held { operation: "TransactWriteItems", gate: gate.clone() });
    let taking = async {
        gate.wait().await;
        let claimed = scene.store.claim(run, now(), now() + Duration::from_secs(65), &BOUNDS).await.expect("an answer");
        assert!(matches!(claimed, Claim::Mine(_)));
        gate.wait().await;
    };
    let (tick, ()) = tokio::join!(tick(&app, later(360)), taking);
    assert_eq!(tick, Tick { seen: 1, ..Tick::default() });
    assert!(stored(&scene, run).await.is_active());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_was_left_over_is_freed_and_the_slot_of_the_next_run_is_not() {
    let scene = Scene::new(Scenario::Healthy).await;
    let first = scene.queued_run().await.header.id;
    let left_over = table::stored(&scene, "active_slot").await.remove(0);
    assert!(deliver(&scene.worker().await, [delivery(first, 1)]).await.is_empty());
    table::put(&scene, left_over).await;
    assert_eq!(tick_at(&scene, later(2)).await, Tick { seen: 1, freed: 1, ..Tick::default() });
    assert!(table::stored(&scene, "active_slot").await.is_empty());

    // The index shows an entry that is another run's by now.
    let second = scene.queued_run().await.header.id;
    let entries = scene.store.unheard_runs(later(1), 10).await.expect("an answer");
    let slot = table::stored(&scene, "active_slot").await.remove(0);
    assert!(deliver(&scene.worker().await, [delivery(second, 1)]).await.is_empty());
    let third = scene.queued_run().await.header.id;
    assert_eq!(entries.len(), 1);
    assert_eq!(scene.store.move_on(&entries[0], now()).await.expect("an answer"), store::Moved::Lost);
    scene.store.free(&entries[0], now()).await.expect("an answer");
    assert_eq!(table::stored(&scene, "active_slot").await.len(), 1, "the slot of run {third} stays");
    assert_ne!(table::stored(&scene, "active_slot").await[0], slot);
}
