//! The AWS calls of an acknowledgement are those of the design, and no more.

use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, OUTSIDER, READER, Scene};
use serde_json::json;

use super::{CONNECTION_CHECK, acknowledge, blocked_run};
use crate::aws_calls::steps;

#[tokio::test]
async fn an_acknowledgement_makes_the_calls_of_the_design() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let run = blocked_run(&scene, &edge).await;
    drop(proxy.calls());
    let known = json!({ "ack_reason": "known" });
    assert_eq!(acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &known).await.status, 201);
    insta::assert_snapshot!("calls_of_an_acknowledgement", steps(&proxy.calls(), &[1, 1, 2, 1]));
    assert_eq!(acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &known).await.status, 200);
    insta::assert_snapshot!("calls_of_a_repeated_acknowledgement", steps(&proxy.calls(), &[1, 1, 2]));
    for (user, run, status) in [(READER, run, 403), (OUTSIDER, run, 404), (MANAGER, 9_007_199_254_740_991, 404)] {
        assert_eq!(acknowledge(&edge, user, run, CONNECTION_CHECK, &known).await.status, status);
        let operations: Vec<_> = proxy.calls().into_iter().map(|call| call.operation).collect();
        let rest: &[&str] = if user == READER { &["BatchGetItem", "Query"] } else { &[] };
        assert_eq!(operations[..2], ["GetItem", "BatchGetItem"], "{user}");
        let mut others = operations[2..].to_vec();
        others.sort();
        assert_eq!(others, rest, "{user}");
    }
}
