//! The AWS calls of the worker are those of the design, and no more.

use harness::emulator::sdk_config;
use harness::fault_proxy::{Call, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::Scene;

use super::{deliver, delivery};
use crate::aws_calls::steps;

/// A scene whose worker's AWS calls are recorded.
async fn recorded(scenario: Scenario) -> (Scene, worker::App, FaultProxy) {
    let scene = Scene::new(scenario).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let app = scene.worker_on(&sdk_config(proxy.url())).await;
    (scene, app, proxy)
}

/// The calls but those that hide the message until the lease ends, which go side by side with the others: one for each delivery.
fn without_hiding(proxy: &FaultProxy, deliveries: usize) -> Vec<Call> {
    let (hiding, others): (Vec<_>, Vec<_>) =
        proxy.calls().into_iter().partition(|call| call.operation == "ChangeMessageVisibility");
    assert_eq!(hiding.len(), deliveries);
    others
}

fn operations(calls: Vec<Call>) -> Vec<String> {
    calls.into_iter().map(|call| call.operation).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_makes_the_calls_of_the_design() {
    let (scene, app, proxy) = recorded(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    deliver(&app, [delivery(run, 1)]).await;
    insta::assert_snapshot!("calls_of_an_execution", steps(&without_hiding(&proxy, 1), &[1, 1, 1, 1]));
    deliver(&app, [delivery(run, 2)]).await;
    assert_eq!(
        operations(without_hiding(&proxy, 1)),
        ["UpdateItem"],
        "a message that comes again costs its claim alone"
    );
    let next = scene.queued_run().await.header.id;
    deliver(&app, [delivery(next, 1)]).await;
    assert_eq!(
        operations(without_hiding(&proxy, 1)),
        ["UpdateItem", "BatchGetItem", "TransactWriteItems"],
        "the secret is kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_at_execution_asks_for_no_secret() {
    let (scene, app, proxy) = recorded(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    scene.change_connection(|connection| connection.is_enabled = false).await;
    deliver(&app, [delivery(run, 1)]).await;
    insta::assert_snapshot!("calls_of_a_block_at_execution", steps(&without_hiding(&proxy, 1), &[1, 1, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_microsoft_is_given_back_and_its_message_hidden() {
    let (scene, app, proxy) = recorded(Scenario::Throttled).await;
    let run = scene.queued_run().await.header.id;
    deliver(&app, [delivery(run, 1)]).await;
    let calls = proxy.calls();
    let hidden = calls.iter().filter(|call| call.operation == "ChangeMessageVisibility");
    let hidden: Vec<_> = hidden.map(|call| call.keys.concat()).collect();
    // Until the lease has ended, and then for as long as Microsoft asks: a second more each, for SQS counts whole ones.
    assert!(
        matches!(&hidden[..], [lease, wait] if ["65 s", "66 s"].contains(&&**lease) && wait == "6 s"),
        "{hidden:?}"
    );
    let calls = operations(calls);
    assert_eq!(calls.last().map(String::as_str), Some("ChangeMessageVisibility"), "what the run waits for comes last");
    let calls: Vec<_> = calls.into_iter().filter(|call| call != "ChangeMessageVisibility").collect();
    assert_eq!(calls, ["UpdateItem", "BatchGetItem", "GetParameters", "UpdateItem"]);
}
