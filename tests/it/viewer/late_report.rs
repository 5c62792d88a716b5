//! A completed run whose report is not to be seen yet: no read sees a transaction as a whole, so the answer waits a moment.

use std::future::pending;
use std::sync::Arc;

use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, Scene};
use tokio::sync::Barrier;

use crate::table;
use crate::worker::{deliver, delivery};

/// The answer to a request whose first read of the report finds nothing, and whose second one is this operation after so many others.
async fn answered_late(path: &str, operation: &'static str, before: usize) -> (u16, String) {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    deliver(&scene.worker().await, [delivery(run, 1)]).await;
    let report = table::stored(&scene, "report").await.remove(0);
    table::delete(&scene, &report).await;

    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let gate = Arc::new(Barrier::new(2));
    for _ in 0..before {
        proxy.inject(Fault::Spared { operation });
    }
    proxy.inject(Fault::Held { operation, gate: gate.clone() });
    let path = path.replace("{run}", &run.to_string());
    let appear = async {
        gate.wait().await;
        table::put(&scene, report).await;
        gate.wait().await;
        pending().await
    };
    // An answer without a second read meets nobody at the gate.
    let answer = tokio::select! { answer = edge.get(OPERATOR, &path) => answer, never = appear => never };
    (answer.status, answer.text)
}

#[tokio::test]
async fn a_report_that_appears_a_moment_later_is_shown() {
    let (status, run) = answered_late("/runs/{run}", "Query", 1).await;
    assert!(status == 200 && run.contains("\"verification_report\""), "{status}: {run}");
    let (status, report) = answered_late("/runs/{run}/report", "GetItem", 2).await;
    assert!(status == 200 && report.contains("\"checks\""), "{status}: {report}");
}

#[tokio::test]
async fn a_report_that_does_not_appear_is_damage_and_no_empty_answer() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    deliver(&scene.worker().await, [delivery(run, 1)]).await;
    table::delete(&scene, &table::stored(&scene, "report").await[0]).await;
    let edge = Edge::of(&scene);
    for path in [format!("/runs/{run}"), format!("/runs/{run}/report")] {
        assert_eq!(edge.get(OPERATOR, &path).await.status, 500, "{path}");
    }
}
