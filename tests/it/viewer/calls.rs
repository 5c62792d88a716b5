//! The AWS calls of the viewer are those of the design, and no more.

use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, OUTSIDER, Scene};

use crate::aws_calls::steps;
use crate::worker::{deliver, delivery};

#[tokio::test]
async fn the_viewer_makes_the_calls_of_the_design() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge =
        Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications).unhurried();
    let worker = scene.worker().await;
    let verified = async || {
        let run = edge.start(OPERATOR, "/workspaces/1/tenants/2/verifications").await.json()["id"].as_u64().unwrap();
        assert!(deliver(&worker, [delivery(run.try_into().unwrap(), 1)]).await.is_empty());
        format!("/runs/{run}")
    };
    verified().await;
    let run = verified().await;
    drop(proxy.calls());

    edge.get(OPERATOR, &run).await;
    insta::assert_snapshot!("calls_of_a_run", steps(&proxy.calls(), &[1, 1, 2]));
    edge.get(OPERATOR, &format!("{run}/report")).await;
    insta::assert_snapshot!("calls_of_a_report", steps(&proxy.calls(), &[1, 1, 1]));
    edge.get(OPERATOR, "/workspaces/1/tenants/2/verification").await;
    insta::assert_snapshot!("calls_of_the_embedded_view", steps(&proxy.calls(), &[1, 1, 2]));
    edge.get(OPERATOR, "/workspaces/1/tenants/2/connections").await;
    insta::assert_snapshot!("calls_of_connections", steps(&proxy.calls(), &[1, 1]));
    edge.get(OPERATOR, "/workspaces/1/tenants/2/permissions").await;
    insta::assert_snapshot!("calls_of_permissions", steps(&proxy.calls(), &[1, 1]));
    edge.get(OPERATOR, "/workspaces/1/tenants/2/runs").await;
    insta::assert_snapshot!("calls_of_a_tenants_runs", steps(&proxy.calls(), &[1, 1]));
    edge.get(OPERATOR, "/workspaces/1/runs").await;
    insta::assert_snapshot!("calls_of_a_workspaces_runs", steps(&proxy.calls(), &[1, 1]));
}

#[tokio::test]
async fn an_absent_run_costs_the_same_calls_as_a_foreign_one() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let run = scene.queued_run().await;
    let mut seen = Vec::new();
    for path in [format!("/runs/{}", run.header.id), "/runs/9007199254740991".to_owned()] {
        for path in [format!("{path}/report"), path] {
            assert_eq!(edge.get(OUTSIDER, &path).await.status, 404);
            seen.push(proxy.calls().into_iter().map(|call| call.operation).collect::<Vec<_>>());
        }
    }
    assert!(seen.iter().all(|calls| calls[..] == ["GetItem", "BatchGetItem"]), "{seen:?}");
}
