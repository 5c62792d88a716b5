//! Starts while the table or the queue is in trouble.

use std::time::Duration;

use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, OPERATOR, Scene, now};
use runtime::Clock;
use serde_json::json;

use super::{VERIFICATIONS, items, messages};

/// More than any client tries.
const EVERY_TRY: usize = 40;

/// The scene with the functions behind a fault proxy.
async fn behind_proxy() -> (Scene, FaultProxy, Edge) {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("the emulator has an address"))
        .await
        .expect("a port is free");
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    (scene, proxy, edge)
}

#[tokio::test]
async fn a_throttled_table_is_worth_another_try_in_five_seconds() {
    let (scene, proxy, edge) = behind_proxy().await;
    let before = items(&scene).await;
    for _ in 0..EVERY_TRY {
        proxy.inject(Fault::Error { operation: "Query", code: "ProvisionedThroughputExceededException" });
    }
    insta::assert_snapshot!("throttled", edge.start(OPERATOR, VERIFICATIONS).await.print());
    assert_eq!(items(&scene).await, before);
}

#[tokio::test]
async fn a_refused_request_is_our_fault_and_nothing_of_it_is_told() {
    let (_scene, proxy, edge) = behind_proxy().await;
    proxy.inject(Fault::Error { operation: "BatchGetItem", code: "AccessDeniedException" });
    insta::assert_snapshot!("internal", edge.start(OPERATOR, VERIFICATIONS).await.print());
}

#[tokio::test]
async fn a_lost_answer_of_the_table_is_no_second_run() {
    let (scene, proxy, edge) = behind_proxy().await;
    proxy.inject(Fault::LostAnswer { operation: "TransactWriteItems" });
    let answer = edge.start(OPERATOR, VERIFICATIONS).await;
    assert_eq!((answer.status, &answer.json()["start_result"]), (202, &json!("accepted")));
    assert_eq!(messages(&scene).await, 1);
}

#[tokio::test]
async fn a_queue_in_trouble_does_not_fail_the_start() {
    let (scene, proxy, edge) = behind_proxy().await;
    for _ in 0..EVERY_TRY {
        proxy.inject(Fault::Error { operation: "SendMessage", code: "ServiceUnavailable" });
    }
    let answer = edge.start(OPERATOR, VERIFICATIONS).await;
    assert_eq!((answer.status, &answer.json()["start_result"]), (202, &json!("accepted")));
    assert_eq!(messages(&scene).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_start_was_answered_503_is_found_by_the_next_start_and_sent_by_the_reconciler() {
    let (scene, proxy, edge) = behind_proxy().await;
    for _ in 0..EVERY_TRY {
        proxy.inject(Fault::LostAnswer { operation: "TransactWriteItems" });
    }
    let answer = edge.start(OPERATOR, VERIFICATIONS).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert_eq!(messages(&scene).await, 0, "a 503 means that nothing was sent");
    let again = Edge::of(&scene).start(OPERATOR, VERIFICATIONS).await;
    assert_eq!((again.status, &again.json()["start_result"]), (202, &json!("deduplicated")));
    let later = now() + BOUNDS.patience;
    let clock = Clock::told_by(move || later);
    let reconciler = reconciler::App { clock, ..scene.reconciler() };
    let tick = reconciler::tick(&reconciler, later + Duration::from_secs(50)).await.expect("the table answers");
    assert_eq!((tick.sent_again, messages(&scene).await), (1, 1));
}
