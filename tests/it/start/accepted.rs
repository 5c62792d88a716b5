//! Starts that lead to a queued run, and those that meet one.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, Scene, now};
use serde_json::json;

use super::{VERIFICATIONS, messages, run_id};

#[tokio::test]
async fn a_start_records_a_run_and_queues_one_message() {
    let scene = Scene::new(Scenario::Healthy).await;
    let answer = Edge::of(&scene).start(OPERATOR, VERIFICATIONS).await;
    let body = answer.json();
    let id = run_id(&body);
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_eq!(answer.header("location"), format!("/runs/{id}"));
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.header("x-request-id"), "request-1");
    let mut pinned = body;
    pinned["id"] = json!("[id]");
    pinned["created_at"] = json!("[time]");
    pinned["context"]["target_scope"]["entra_tenant_id"] = json!("[tenant]");
    insta::assert_json_snapshot!("accepted", pinned);

    let queue = aws_sdk_sqs::Client::new(&scene.sandbox.aws);
    let received = queue.receive_message().queue_url(&scene.sandbox.queues.verifications).max_number_of_messages(10);
    let received = received.send().await.unwrap();
    let bodies: Vec<_> = received.messages().iter().filter_map(|message| message.body()).collect();
    assert_eq!(bodies, [format!(r#"{{"v":1,"run_id":{id}}}"#)]);
}

#[tokio::test]
async fn the_connection_that_is_named_is_the_one_that_is_verified() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let mut other = scene.connection.clone();
    other.id = "4".parse().unwrap();
    other.is_default = false;
    scene.change(|workspace| workspace.tenants[0].connections.push(other)).await;
    let named = |id: &'static str| Call::new("POST", VERIFICATIONS).by(OPERATOR).with_json(id);
    let second = edge.send(named(r#"{"provider_connection_id":4}"#)).await.json();
    let first = edge.send(named(r#"{"provider_connection_id":3}"#)).await.json();
    assert_eq!(second["context"]["provider_connection_id"], 4);
    assert_eq!(first["context"]["provider_connection_id"], 3);
    assert_ne!(first["run_identity_hash"], second["run_identity_hash"]);
    assert_eq!((&first["start_result"], &second["start_result"]), (&json!("accepted"), &json!("accepted")));
    // The default is the first one: named or not, it is the same verification.
    let again = edge.start(OPERATOR, VERIFICATIONS).await.json();
    assert_eq!((run_id(&again), &again["start_result"]), (run_id(&first), &json!("deduplicated")));
    assert_eq!(messages(&scene).await, 2);
}

#[tokio::test]
async fn a_second_start_is_given_the_active_run_and_sends_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let first = edge.start(OPERATOR, VERIFICATIONS).await.json();
    let second = edge.send(Call::new("POST", VERIFICATIONS).by(OPERATOR).with_json("{}")).await;
    assert_eq!(second.status, 202);
    assert_eq!(second.header("location"), format!("/runs/{}", run_id(&first)));
    assert_eq!(second.header("retry-after"), "2");
    let mut expected = first;
    expected["start_result"] = json!("deduplicated");
    assert_eq!(second.json(), expected);
    assert_eq!(messages(&scene).await, 1);
}

#[tokio::test]
async fn racing_starts_create_one_run() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let answers = join_all((0..50).map(|_| edge.start(OPERATOR, VERIFICATIONS))).await;
    assert!(answers.iter().all(|answer| answer.status == 202));
    let bodies: Vec<_> = answers.iter().map(harness::edge::Answer::json).collect();
    let runs: BTreeSet<u64> = bodies.iter().map(run_id).collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    let accepted = bodies.iter().filter(|body| body["start_result"] == "accepted").count();
    let deduplicated = bodies.iter().filter(|body| body["start_result"] == "deduplicated").count();
    assert_eq!((accepted, deduplicated), (1, 49));
    assert_eq!(messages(&scene).await, 1);
}

#[tokio::test]
async fn a_message_that_cannot_be_sent_does_not_fail_the_start() {
    let scene = Scene::new(Scenario::Healthy).await;
    let sandbox = &scene.sandbox;
    let nowhere = format!("{}-gone", sandbox.queues.verifications);
    let answer = Edge::on(&sandbox.aws, &sandbox.table, &nowhere).start(OPERATOR, VERIFICATIONS).await;
    assert_eq!((answer.status, &answer.json()["start_result"]), (202, &json!("accepted")));
    let stored = scene.store.load_run(run_id(&answer.json()).try_into().unwrap(), now()).await.unwrap();
    assert!(stored.is_some_and(|run| run.is_active()));
}
