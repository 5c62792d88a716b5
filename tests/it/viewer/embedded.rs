//! The view of a tenant's newest verification.

use domain::connection::ProviderConnection;
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, READER, Scene};
use serde_json::{Value, json};

use crate::table;
use crate::worker::{deliver, delivery};

const VIEW: &str = "/workspaces/1/tenants/2/verification";
const VERIFICATIONS: &str = "/workspaces/1/tenants/2/verifications";

fn yes() -> Value {
    json!({ "allowed": true, "reason": null })
}

fn no(reason: &str) -> Value {
    json!({ "allowed": false, "reason": reason })
}

#[tokio::test]
async fn a_tenant_that_was_never_verified_is_empty() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let view = edge.get(OPERATOR, VIEW).await;
    assert_eq!((view.status, view.header("retry-after")), (200, ""));
    assert_eq!(view.json(), json!({ "state": "empty", "run": null, "can_start": yes() }));
    assert_eq!(edge.get(READER, VIEW).await.json()["can_start"], no("missing_capability"));
}

#[tokio::test]
async fn right_after_a_start_the_view_shows_its_run() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let started = edge.start(OPERATOR, VERIFICATIONS).await.json();
    let view = edge.get(OPERATOR, VIEW).await;
    assert_eq!(view.header("retry-after"), "2");
    let body = view.json();
    assert_eq!((&body["state"], &body["run"]["id"]), (&json!("in_progress"), &started["id"]));
    assert_eq!(body["can_start"], no("run_active"));
    assert_eq!(edge.get(READER, VIEW).await.json()["can_start"], no("missing_capability"));
}

#[tokio::test]
async fn a_completed_run_is_shown_with_its_report_and_a_failing_preflight_does_not_forbid_a_start() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene).unhurried();
    scene.change_connection(|connection| connection.is_enabled = false).await;
    edge.start(OPERATOR, VERIFICATIONS).await;
    let newest = edge.start(OPERATOR, VERIFICATIONS).await.json();
    let body = edge.get(OPERATOR, VIEW).await.json();
    assert_eq!((&body["state"], &body["run"]["id"]), (&json!("completed"), &newest["id"]));
    assert_eq!(body["run"]["context"]["verification_report"]["report_id"], newest["id"]);
    assert_eq!(body["run"]["change_indicator"]["state"], "none", "a blocked run is compared with none");
    assert_eq!(body["can_start"], yes());
}

#[tokio::test]
async fn an_active_run_of_any_connection_comes_before_completed_ones_but_only_the_default_decides_about_a_start() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let disabled = ProviderConnection { is_enabled: false, ..scene.connection.clone() };
    let other = ProviderConnection { id: "4".parse().unwrap(), is_default: false, ..scene.connection.clone() };
    scene.change(|workspace| workspace.tenants[0].connections = vec![disabled, other]).await;
    let named = Call::new("POST", VERIFICATIONS).by(OPERATOR).with_json(r#"{"provider_connection_id":4}"#);
    let active = edge.send(named).await.json();
    assert_eq!(edge.start(OPERATOR, VERIFICATIONS).await.json()["start_result"], "blocked");
    let body = edge.get(OPERATOR, VIEW).await.json();
    assert_eq!((&body["state"], &body["run"]["id"]), (&json!("in_progress"), &active["id"]));
    assert_eq!(body["can_start"], yes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ended_after_its_slot_was_read_does_not_forbid_a_start() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = scene.queued_run().await.header.id;
    let slot = table::stored(&scene, "active_slot").await.remove(0);
    assert!(deliver(&scene.worker().await, [delivery(run, 1)]).await.is_empty());
    // The slot as it was read a moment before.
    table::put(&scene, slot).await;
    let body = edge.get(OPERATOR, VIEW).await.json();
    assert_eq!((&body["state"], &body["run"]["id"]), (&json!("completed"), &json!(run)));
    assert_eq!(body["can_start"], yes());
}
