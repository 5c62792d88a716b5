//! The AWS calls of a start are those of the design, and no more.

use harness::edge::{Call, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, OUTSIDER, READER, Scene};

use super::VERIFICATIONS;
use crate::aws_calls::steps;

#[tokio::test]
async fn a_start_makes_the_calls_of_the_design() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);

    assert_eq!(edge.start(OPERATOR, VERIFICATIONS).await.json()["start_result"], "accepted");
    insta::assert_snapshot!("calls_of_an_accepted_start", steps(&proxy.calls(), &[2, 1, 1, 1]));
    assert_eq!(edge.start(OPERATOR, VERIFICATIONS).await.json()["start_result"], "deduplicated");
    insta::assert_snapshot!("calls_of_a_deduplicated_start", steps(&proxy.calls(), &[2, 1, 2]));
    scene.change_connection(|connection| connection.is_enabled = false).await;
    assert_eq!(edge.start(OPERATOR, VERIFICATIONS).await.json()["start_result"], "blocked");
    insta::assert_snapshot!("calls_of_a_blocked_start", steps(&proxy.calls(), &[2, 1, 1, 1]));
}

#[tokio::test]
async fn a_start_that_names_its_connection_reads_no_other() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let naming =
        async |body: &'static str| edge.send(Call::new("POST", VERIFICATIONS).by(OPERATOR).with_json(body)).await;
    assert_eq!(naming(r#"{"provider_connection_id": 3}"#).await.json()["start_result"], "accepted");
    insta::assert_snapshot!("calls_of_a_start_that_names_its_connection", steps(&proxy.calls(), &[1, 1, 1, 1]));
    assert_eq!(naming(r#"{"provider_connection_id": 3}"#).await.json()["start_result"], "deduplicated");
    assert_eq!(naming(r#"{"provider_connection_id": 4}"#).await.status, 404);
}

#[tokio::test]
async fn a_refused_start_only_reads() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let mut seen = Vec::new();
    for (path, user) in
        [(VERIFICATIONS, OUTSIDER), (VERIFICATIONS, READER), ("/workspaces/1/tenants/9/verifications", OPERATOR)]
    {
        assert!(matches!(edge.start(user, path).await.status, 403 | 404));
        seen.push(proxy.calls().into_iter().map(|call| call.operation).collect::<Vec<_>>());
    }
    for mut operations in seen {
        operations.sort();
        assert_eq!(operations, ["BatchGetItem", "Query"]);
    }
}
