//! Starts whose calls are not answered: each has its invocation's time for all of them, and what is recorded is never left unsaid.

use std::time::{Duration, Instant};

use harness::edge::{Answer, Call, Edge};
use harness::emulator::REGION;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, Scene};
use runtime::Environment;
use serde_json::json;

use super::{VERIFICATIONS, messages};

/// The timeout of the template.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a start asks of AWS.
const CALLS: [&str; 5] = ["BatchGetItem", "Query", "UpdateItem", "TransactWriteItems", "SendMessage"];

/// More than any client tries.
const EVERY_TRY: usize = 40;

/// The functions behind a fault proxy, with the product's own times.
async fn behind_proxy(scene: &Scene) -> (FaultProxy, Edge) {
    let endpoint = scene.sandbox.aws.endpoint_url().expect("the emulator has an address");
    let proxy = FaultProxy::in_front_of(endpoint).await.expect("a port is free");
    let url = proxy.url().to_owned();
    let environment = Environment::new(move |name| match name {
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        "AWS_REGION" => Some(REGION.to_owned()),
        "AWS_ENDPOINT_URL" => Some(url.clone()),
        _ => None,
    });
    let aws = runtime::aws::config(&environment).expect("everything is set");
    let edge = Edge::on(&aws, &scene.sandbox.table, &scene.sandbox.queues.verifications);
    (proxy, edge)
}

/// A start in an invocation that Lambda ends after this, which it must not have to.
async fn start(edge: &Edge, within: Duration) -> Answer {
    let begun = Instant::now();
    let answer = edge.send(Call::new("POST", VERIFICATIONS).by(OPERATOR).within(within)).await;
    assert!(begun.elapsed() < within, "answered after {:?}", begun.elapsed());
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_loses_two_tries_of_every_call_is_accepted_and_sent_in_its_time() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (proxy, edge) = behind_proxy(&scene).await;
    for operation in CALLS {
        proxy.inject(Fault::Unanswered { operation });
        proxy.inject(Fault::Unanswered { operation });
    }
    let answer = start(&edge, TIMEOUT).await;
    assert_eq!((answer.status, &answer.json()["start_result"]), (202, &json!("accepted")), "{}", answer.text);
    assert_eq!(proxy.faults_left(), 0);
    // The queue took all three: to deliver one message more often than once does no harm.
    assert!(messages(&scene).await >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_the_table_does_not_answer_is_answered_in_its_time_and_found_by_the_next() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (proxy, edge) = behind_proxy(&scene).await;
    for _ in 0..EVERY_TRY {
        proxy.inject(Fault::Unanswered { operation: "TransactWriteItems" });
    }
    let answer = start(&edge, Duration::from_secs(3)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert_eq!(messages(&scene).await, 0, "a 503 means that nothing was sent");
    let again = Edge::of(&scene).start(OPERATOR, VERIFICATIONS).await;
    assert_eq!((again.status, &again.json()["start_result"]), (202, &json!("deduplicated")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_run_is_answered_in_its_time_although_the_queue_does_not_answer() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (proxy, edge) = behind_proxy(&scene).await;
    for _ in 0..EVERY_TRY {
        proxy.inject(Fault::Unanswered { operation: "SendMessage" });
    }
    let answer = start(&edge, Duration::from_secs(3)).await;
    assert_eq!((answer.status, &answer.json()["start_result"]), (202, &json!("accepted")));
}
