//! A start from a session is the same start, and the session points to its run.

use domain::onboarding::{OnboardingSession, Progress};
use harness::edge::{Call, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, OPERATOR, Scene};
use serde_json::json;

use super::{START, end, pointer, session, start, with_second_connection, without_tenant};
use crate::aws_calls::steps;
use crate::table::{items, stored};

/// What is done to a session.
type Change = fn(&mut OnboardingSession);

#[tokio::test]
async fn a_start_verifies_the_selected_connection_and_moves_the_pointer() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    with_second_connection(&scene).await;
    session(&scene, |session| session.state.provider_connection_id = Some("4".parse().unwrap())).await;
    let started = start(&edge, MANAGER).await;
    let body = started.json();
    assert_eq!((started.status, &body["start_result"]), (202, &json!("accepted")));
    assert_eq!(body["context"]["provider_connection_id"], 4);
    assert_eq!(started.header("location"), format!("/runs/{}", body["id"]));
    assert_eq!(pointer(&scene).await, (body["id"].as_u64(), "2".to_owned()));
}

#[tokio::test]
async fn without_a_selection_the_default_is_verified() {
    let scene = Scene::new(Scenario::Healthy).await;
    session(&scene, |session| session.state.provider_connection_id = None).await;
    let body = start(&Edge::of(&scene), MANAGER).await.json();
    assert_eq!(body["context"]["provider_connection_id"], 3);
    assert_eq!(pointer(&scene).await.0, body["id"].as_u64());
}

#[tokio::test]
async fn a_deduplicated_and_a_blocked_start_move_the_pointer_too() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let active = scene.queued_run().await.header.id.get();
    assert_eq!(start(&edge, MANAGER).await.json()["start_result"], "deduplicated");
    assert_eq!(pointer(&scene).await, (Some(active), "2".to_owned()));

    scene.change_connection(|connection| connection.is_enabled = false).await;
    let blocked = start(&edge, MANAGER).await.json();
    assert_eq!(blocked["start_result"], "blocked");
    assert_eq!(pointer(&scene).await, (blocked["id"].as_u64(), "3".to_owned()));
}

#[tokio::test]
async fn a_selected_connection_that_is_gone_is_missing_and_not_replaced_by_the_default() {
    let scene = Scene::new(Scenario::Healthy).await;
    session(&scene, |session| session.state.provider_connection_id = Some("99".parse().unwrap())).await;
    let blocked = start(&Edge::of(&scene), MANAGER).await.json();
    assert_eq!(blocked["start_result"], "blocked");
    assert_eq!(blocked["context"]["reason_code"], "provider_connection_missing");
    assert_eq!(pointer(&scene).await.0, blocked["id"].as_u64());
}

#[tokio::test]
async fn a_session_that_is_not_ready_starts_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let mut refusals = String::new();
    let cases: [(&str, Change); 3] = [
        ("without a tenant", without_tenant),
        ("completed", |session| session.progress = Progress::Completed(end())),
        ("cancelled", |session| session.progress = Progress::Cancelled(end())),
    ];
    for (case, change) in cases {
        session(&scene, change).await;
        let before = items(&scene).await;
        refusals += &format!("# {case}\n{}\n", start(&edge, MANAGER).await.print());
        assert_eq!(items(&scene).await, before, "{case}");
    }
    insta::assert_snapshot!("sessions_not_ready", refusals);
}

#[tokio::test]
async fn a_body_says_nothing_that_the_session_does_not() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let named = Call::new("POST", START).by(MANAGER).with_json(r#"{"provider_connection_id":3}"#);
    assert_eq!(edge.send(named).await.status, 422);
    assert!(stored(&scene, "run").await.is_empty());
    // An empty body counts as {}.
    assert_eq!(edge.send(Call::new("POST", START).by(MANAGER)).await.status, 202);
}

#[tokio::test]
async fn a_repeated_key_is_a_replay_and_leaves_the_session_alone() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let with_key = || edge.send(Call::new("POST", START).by(MANAGER).with_header("idempotency-key", "k"));
    let first = with_key().await;
    let before = items(&scene).await;
    assert_eq!((with_key().await.text, items(&scene).await), (first.text.clone(), before));
    session(&scene, |session| session.progress = Progress::Completed(end())).await;
    assert_eq!(with_key().await.json()["id"], first.json()["id"], "whatever became of the session");
    let elsewhere = Call::new("POST", "/workspaces/1/tenants/2/verifications");
    let elsewhere = edge.send(elsewhere.by(MANAGER).with_header("idempotency-key", "k")).await;
    assert_eq!(elsewhere.status, 422, "another path is another request");
}

#[tokio::test]
async fn a_start_from_a_session_makes_the_calls_of_the_design() {
    let scene = Scene::new(Scenario::Healthy).await;
    session(&scene, |_| {}).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    assert_eq!(start(&edge, MANAGER).await.json()["start_result"], "accepted");
    insta::assert_snapshot!("calls_of_a_start_from_a_session", steps(&proxy.calls(), &[1, 2, 1, 1, 1]));
    assert_eq!(start(&edge, MANAGER).await.json()["start_result"], "deduplicated");
    insta::assert_snapshot!("calls_of_a_deduplicated_start_from_a_session", steps(&proxy.calls(), &[1, 2, 1, 2]));
    assert_eq!(edge.start(OPERATOR, START).await.status, 403);
    insta::assert_snapshot!("calls_of_a_refused_start_from_a_session", steps(&proxy.calls(), &[1, 2]));
    edge.get(MANAGER, super::SESSION).await;
    insta::assert_snapshot!("calls_of_a_session", steps(&proxy.calls(), &[1, 3]));
}
