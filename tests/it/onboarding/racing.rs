//! Starts from the tenant and from its session at once, and sessions that change in between.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use harness::edge::{Answer, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, Scene};
use serde_json::json;
use tokio::sync::Barrier;

use super::{pointer, session, start};
use crate::table::{self, items, stored};

#[tokio::test]
async fn starts_from_the_tenant_and_from_the_session_at_once_are_one_run_that_the_session_points_to() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let of_tenant = (0..10).map(|_| edge.start(MANAGER, "/workspaces/1/tenants/2/verifications"));
    let (of_tenant, of_session) = tokio::join!(join_all(of_tenant), start(&edge, MANAGER));
    let answers: Vec<&Answer> = of_tenant.iter().chain([&of_session]).collect();
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    let accepted = |answer: &&&Answer| answer.json()["start_result"] == "accepted";
    assert_eq!(answers.iter().filter(accepted).count(), 1);
    assert_eq!(stored(&scene, "run").await.len(), 1);
    assert_eq!(pointer(&scene).await, (of_session.json()["id"].as_u64(), "2".to_owned()));
}

#[tokio::test]
async fn many_starts_from_one_session_end_in_one_run_or_are_told_to_try_again() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let answers = join_all((0..12).map(|_| start(&edge, MANAGER))).await;
    let given: Vec<_> = answers.iter().filter(|answer| answer.status == 202).collect();
    assert!(answers.iter().all(|answer| matches!(answer.status, 202 | 409)), "{answers:?}");
    assert_eq!(stored(&scene, "run").await.len(), 1);
    let (run, version) = pointer(&scene).await;
    assert!(given.iter().all(|answer| answer.json()["id"].as_u64() == run));
    // Each that was given the run moved the session on, and none that was refused.
    assert_eq!(version, (1 + given.len()).to_string());
}

/// Changes the session's version as soon as a start has read it, this many times.
async fn start_while_it_changes(scene: &Scene, times: usize) -> Answer {
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    for _ in 0..times {
        // The condition of the session, which stands behind slot, run and audit event, is refused.
        proxy.inject(Fault::Cancelled { code: "ConditionalCheckFailed", places: &[3] });
    }
    let answer = start(&edge, MANAGER).await;
    assert_eq!(proxy.faults_left(), 0);
    answer
}

#[tokio::test]
async fn a_lost_race_is_decided_again_and_given_up_after_three() {
    let scene = Scene::new(Scenario::Healthy).await;
    session(&scene, |_| {}).await;
    let mut before = items(&scene).await;
    let refused = start_while_it_changes(&scene, 3).await;
    insta::assert_snapshot!("session_changed", refused.print());
    let after = items(&scene).await;
    let counter = after.iter().find(|(key, _)| key.starts_with("CALLER#")).expect("a count");
    assert_eq!(counter.1["starts"], AttributeValue::N("1".to_owned()), "one start, however often it is decided");
    before.insert(counter.0.clone(), counter.1.clone());
    assert!(after == before, "nothing else is written");
    let started = start_while_it_changes(&scene, 2).await;
    assert_eq!((started.status, &started.json()["start_result"]), (202, &json!("accepted")));
    assert_eq!(pointer(&scene).await.0, started.json()["id"].as_u64());
}

#[tokio::test]
async fn a_start_that_follows_an_outdated_version_is_decided_again_from_the_top() {
    let scene = Scene::new(Scenario::Healthy).await;
    super::with_second_connection(&scene).await;
    session(&scene, |_| {}).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    // The session changes after the start has read it and before the start is written.
    let gate = Arc::new(Barrier::new(2));
    proxy.inject(Fault::Held { operation: "TransactWriteItems", gate: gate.clone() });
    let race = async {
        gate.wait().await;
        let mut selected = table::stored(&scene, "onboarding_session").await.remove(0);
        selected.insert("version".to_owned(), AttributeValue::N("9".to_owned()));
        let AttributeValue::M(state) = selected.get_mut("state").unwrap() else { panic!("a map") };
        state.insert("provider_connection_id".to_owned(), AttributeValue::N("4".to_owned()));
        table::put(&scene, selected).await;
        gate.wait().await;
    };
    let ((), started) = tokio::join!(race, start(&edge, MANAGER));
    assert_eq!(proxy.faults_left(), 0);
    let body = started.json();
    assert_eq!(body["context"]["provider_connection_id"], 4, "{body}");
    assert_eq!(pointer(&scene).await, (body["id"].as_u64(), "10".to_owned()));
    assert_eq!(stored(&scene, "run").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_starts_from_a_session_at_once_leave_no_run_without_its_message() {
    let scene = Scene::new(Scenario::Healthy).await;
    session(&scene, |_| {}).await;
    let edge = Edge::of(&scene);
    let answers = join_all((0..64).map(|_| start(&edge, MANAGER))).await;
    assert!(answers.iter().all(|answer| [202, 409].contains(&answer.status)), "{answers:?}");
    let runs = table::stored(&scene, "run").await;
    let sqs = aws_sdk_sqs::Client::new(&scene.sandbox.aws);
    let messages = harness::queue::depth(&sqs, &scene.sandbox.queues.verifications).await.unwrap();
    assert_eq!((runs.len(), messages), (1, 1));
}
