//! Many people at once, and answers that are lost.

use futures_util::future::join_all;
use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, Scene};
use serde_json::json;

use super::{CONNECTION_CHECK, acknowledge, blocked_run};
use crate::table::stored;

#[tokio::test]
async fn racing_acknowledgements_of_a_check_store_one() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    let reasons: Vec<_> = (0..8).map(|number| json!({ "ack_reason": format!("reason {number}") })).collect();
    let race = reasons.iter().map(|body| acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, body));
    let mut statuses: Vec<u16> = join_all(race).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(stored(&scene, "acknowledgement").await.len(), 1);
    let acknowledged = |item: &crate::table::Item| crate::table::text(item, "action").ends_with("check_acknowledged");
    assert_eq!(stored(&scene, "audit_event").await.iter().filter(|item| acknowledged(item)).count(), 1);
}

#[tokio::test]
async fn the_same_request_many_times_at_once_is_made_once() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    let known = json!({ "ack_reason": "known" });
    let race = (0..8).map(|_| acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &known));
    let answers = join_all(race).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201) && answer.text == answers[0].text));
}

#[tokio::test]
async fn an_acknowledgement_whose_answer_is_lost_is_made_once_and_told_so() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let run = blocked_run(&scene, &edge).await;
    proxy.forget_tokens();
    proxy.inject(Fault::LostAnswer { operation: "TransactWriteItems" });
    let made = acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &json!({ "ack_reason": "known" })).await;
    assert_eq!((made.status, proxy.faults_left()), (201, 0));
    assert_eq!(stored(&scene, "acknowledgement").await.len(), 1);
}
