//! What a run is compared with: the last one that could see what it asked for.

use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, Scene};
use serde_json::{Value, json};

use crate::worker::{deliver, delivery};

#[tokio::test]
async fn a_check_that_could_not_see_is_no_change_and_neither_is_the_one_after_it() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let (edge, worker) = (Edge::of(&scene), scene.worker_on(&sdk_config(proxy.url())).await);
    let verified = async |receives| -> Value {
        let run = edge.start(MANAGER, "/workspaces/1/tenants/2/verifications").await.json()["id"].as_u64().unwrap();
        assert!(deliver(&worker, [delivery(run.try_into().unwrap(), receives)]).await.is_empty());
        edge.get(MANAGER, &format!("/runs/{run}")).await.json()
    };
    let seen = |run: &Value| (run["verified"].clone(), run["change_indicator"].clone());

    let first = verified(1).await;
    assert_eq!(seen(&first), (json!(true), json!({ "state": "none" })));
    // The last delivery cannot read what it needs, and ends the run all the same.
    proxy.inject(Fault::Error { operation: "BatchGetItem", code: "AccessDeniedException" });
    let unseen = verified(5).await;
    assert_eq!(seen(&unseen), (json!(false), json!({ "state": "none" })));
    let again = verified(1).await;
    let same = json!({ "state": "no_changes", "compared_with": first["id"] });
    assert_eq!(seen(&again), (json!(true), same.clone()));
    assert_eq!(
        again["context"]["verification_report"]["previous_report_id"], unseen["id"],
        "the chain has every report"
    );

    let newest = edge.get(MANAGER, "/workspaces/1/tenants/2/verification").await.json();
    assert_eq!(seen(&newest["run"]), (json!(true), same));
    let listed = edge.get(MANAGER, "/workspaces/1/runs").await.json();
    let listed: Vec<_> = listed["runs"].as_array().unwrap().iter().map(|run| run["verified"].clone()).collect();
    assert_eq!(listed, [json!(true), json!(false), json!(true)]);
}
