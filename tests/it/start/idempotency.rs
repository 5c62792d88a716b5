//! A start that is repeated with its key is given the same run again.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use harness::edge::{Answer, Call, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, OPERATOR, READER, Scene};
use serde_json::{Value, json};

use super::{VERIFICATIONS, messages, run_id};
use crate::aws_calls::steps;
use crate::table::{self, items, stored};
use crate::worker::{deliver, delivery};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

async fn start(edge: &Edge, user: &str, key: &str, body: &str) -> Answer {
    edge.send(Call::new("POST", VERIFICATIONS).by(user).with_header("idempotency-key", key).with_json(body)).await
}

fn without_progress(mut body: Value) -> Value {
    for name in ["status", "outcome", "attempt", "version", "started_at", "completed_at", "summary_counts", "verified"]
    {
        body[name].take();
    }
    body["context"]["verification_report"].take();
    body
}

#[tokio::test]
async fn the_same_request_again_is_given_the_same_run_whatever_became_of_it() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let first = start(&edge, OPERATOR, KEY, "{}").await;
    assert_eq!((first.status, &first.json()["start_result"]), (202, &json!("accepted")));
    let before = items(&scene).await;
    let again = start(&edge, OPERATOR, KEY, "{}").await;
    assert_eq!((again.status, again.json(), again.header("location")), (202, first.json(), first.header("location")));
    // However the same body is written.
    assert_eq!(start(&edge, OPERATOR, KEY, r#"{ "provider_connection_id": null }"#).await.text, first.text);
    assert_eq!((items(&scene).await, messages(&scene).await), (before, 1));

    let (run, worker) = (run_id(&first.json()).try_into().unwrap(), scene.worker().await);
    assert!(deliver(&worker, [delivery(run, 1)]).await.is_empty());
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let later = start(&edge, OPERATOR, KEY, "{}").await;
    let body = later.json();
    assert_eq!((later.status, &body["status"]), (202, &json!("completed")));
    assert_eq!(body["context"]["verification_report"]["report_id"], json!(run.get()));
    assert_eq!(without_progress(body), without_progress(first.json()));
}

#[tokio::test]
async fn a_deduplicated_and_a_blocked_start_are_remembered_too() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    start(&edge, OPERATOR, "first", "{}").await;
    let second = start(&edge, OPERATOR, "second", "{}").await;
    assert_eq!(second.json()["start_result"], "deduplicated");
    let run = run_id(&second.json()).try_into().unwrap();
    assert!(deliver(&scene.worker().await, [delivery(run, 1)]).await.is_empty());
    let again = start(&edge, OPERATOR, "second", "{}").await.json();
    assert_eq!((&again["start_result"], &again["id"]), (&json!("deduplicated"), &second.json()["id"]));

    scene.change_connection(|connection| connection.is_enabled = false).await;
    let blocked = start(&edge, OPERATOR, "third", "{}").await;
    assert_eq!(blocked.json()["start_result"], "blocked");
    scene.change_connection(|_| {}).await;
    assert_eq!(start(&edge, OPERATOR, "third", "{}").await.text, blocked.text);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_caller() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let first = start(&edge, OPERATOR, KEY, "{}").await.json();
    let before = items(&scene).await;
    let other = start(&edge, OPERATOR, KEY, r#"{"provider_connection_id":3}"#).await;
    insta::assert_snapshot!("key_reused", other.print());
    // The order of a request stays: no rights, no word of the key.
    assert_eq!(start(&edge, READER, KEY, "{}").await.status, 403);
    assert_eq!(start(&edge, READER, "not a key", "{}").await.status, 403);
    assert_eq!(start(&edge, OPERATOR, KEY, "nonsense").await.status, 400);
    assert_eq!(items(&scene).await, before);
    let of_another = start(&edge, MANAGER, KEY, "{}").await.json();
    assert_eq!((&of_another["start_result"], &of_another["id"]), (&json!("deduplicated"), &first["id"]));
    insta::assert_snapshot!("no_key", start(&edge, OPERATOR, "not a key", "{}").await.print());
}

#[tokio::test]
async fn a_refused_start_is_not_remembered() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = scene.queued_run().await;
    let mut slot = stored(&scene, "active_slot").await.remove(0);
    slot.insert("type".to_owned(), AttributeValue::S("another.operation".to_owned()));
    slot.insert("run_identity_hash".to_owned(), AttributeValue::S("0".repeat(64)));
    table::put(&scene, slot).await;
    let busy = start(&edge, OPERATOR, KEY, "{}").await;
    assert_eq!((busy.status, &busy.json()["active_run"]["id"]), (409, &json!(run.header.id)));
    assert!(stored(&scene, "idempotency").await.is_empty());
}

#[tokio::test]
async fn racing_requests_with_one_key_are_given_one_answer() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let answers = join_all((0..20).map(|_| start(&edge, OPERATOR, KEY, "{}"))).await;
    assert!(answers.iter().all(|answer| answer.status == 202 && answer.text == answers[0].text));
    assert_eq!(answers[0].json()["start_result"], "accepted");
    assert_eq!((stored(&scene, "run").await.len(), messages(&scene).await), (1, 1));
    let events = stored(&scene, "audit_event").await;
    let of_runs = events.iter().filter(|event| event.contains_key("run_id"));
    assert_eq!(of_runs.count(), 1, "nobody was given somebody else's run");

    scene.change_connection(|connection| connection.is_enabled = false).await;
    let blocked = join_all((0..20).map(|_| start(&edge, OPERATOR, "blocked", "{}"))).await;
    assert!(blocked.iter().all(|answer| answer.status == 202 && answer.text == blocked[0].text));
    assert_eq!(stored(&scene, "run").await.len(), 2);
}

#[tokio::test]
async fn racing_requests_with_one_key_for_different_things_are_told_so() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let bodies = ["{}", r#"{"provider_connection_id":3}"#].into_iter().cycle().take(10);
    let answers = join_all(bodies.map(|body| start(&edge, OPERATOR, KEY, body))).await;
    let accepted: Vec<_> = answers.iter().filter(|answer| answer.status == 202).collect();
    assert_eq!(accepted.len(), 5, "those of one body");
    assert!(accepted.iter().all(|answer| answer.text == accepted[0].text));
    assert!(answers.iter().all(|answer| matches!(answer.status, 202 | 422)));
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let first = start(&edge, OPERATOR, KEY, "{}").await.json();
    let mut remembered = stored(&scene, "idempotency").await.remove(0);
    let created: domain::time::Timestamp = first["created_at"].as_str().unwrap().parse().unwrap();
    let ttl = remembered["ttl"].as_n().unwrap().parse::<i64>().unwrap();
    assert_eq!(ttl, created.as_seconds() + 24 * 60 * 60);
    // DynamoDB removes it hours late; until then it counts as absent, and may be written over.
    remembered.insert("ttl".to_owned(), AttributeValue::N(harness::scene::now().as_seconds().to_string()));
    table::put(&scene, remembered).await;
    let later = start(&edge, OPERATOR, KEY, "{}").await.json();
    assert_eq!((&later["start_result"], &later["id"]), (&json!("deduplicated"), &first["id"]));
    assert_eq!(start(&edge, OPERATOR, KEY, "{}").await.json()["start_result"], "deduplicated");
}

#[tokio::test]
async fn a_replay_takes_two_steps_and_a_lost_answer_is_no_other_request() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    proxy.forget_tokens();
    proxy.inject(Fault::LostAnswer { operation: "TransactWriteItems" });
    assert_eq!(start(&edge, OPERATOR, KEY, "{}").await.json()["start_result"], "accepted");
    assert_eq!((proxy.faults_left(), messages(&scene).await), (0, 1));
    drop(proxy.calls());
    assert_eq!(start(&edge, OPERATOR, KEY, "{}").await.json()["start_result"], "accepted");
    insta::assert_snapshot!("calls_of_a_replay", steps(&proxy.calls(), &[2, 1]));
}
