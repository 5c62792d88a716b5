//! `tenantcheck release` and `tenantcheck runs --stuck`: what operators see of runs that do not end, and how they end one.

use harness::customer::OPERATOR;
use harness::edge::Edge;
use harness::emulator::REGION;
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, Scene, now};
use store::Claim;

use super::program::{Done, tenantcheck};
use super::table::OPERATOR_ARN;
use crate::reconciler::lost_run;
use crate::table;

/// Runs the program on the scene's table.
async fn run(scene: &Scene, arguments: &[&str]) -> Done {
    let endpoint = scene.sandbox.aws.endpoint_url().unwrap();
    let environment = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("TABLE_NAME", &scene.sandbox.table),
    ];
    tenantcheck(arguments, &environment).await
}

/// The text without what differs from run to run.
fn stable(text: &str, ids: &[u64]) -> String {
    let text = ids.iter().enumerate().fold(text.to_owned(), |text, (place, id)| {
        text.replace(&id.to_string(), &format!("RUN-{}-----------", place + 1)[..id.to_string().len()])
    });
    let day = now().day();
    let line = |line: &str| {
        line.split(' ').map(|word| if word.starts_with(&day) { "TIME" } else { word }).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_run_is_ended_on_record_and_its_connection_is_free() {
    let scene = Scene::new(Scenario::Healthy).await;
    let id = scene.queued_run().await.header.id;
    let done = run(&scene, &["release", &id.to_string(), "--yes"]).await.printed(0);
    assert_eq!(done, format!("run {id} is ended as failed; its connection is free for the next start\n"));
    let edge = Edge::of(&scene);
    let shown = edge.get(OPERATOR, &format!("/runs/{id}")).await.json();
    assert_eq!(shown["context"]["reconciliation"]["reason"], "released");
    assert_eq!(shown["context"]["verification_report"]["summary"]["overall"], "needs_attention");
    let events = table::stored(&scene, "audit_event").await;
    let released: Vec<_> =
        events.iter().filter(|event| table::text(event, "action") == "verification.released").collect();
    assert_eq!((released.len(), table::text(released[0], "outcome")), (1, "failed"));
    assert_eq!(table::text(released[0], "operator"), OPERATOR_ARN);
    assert!(!released[0].contains_key("actor"), "not the initiator's doing: {:?}", released[0]);
    let next = edge.start(OPERATOR, "/workspaces/1/tenants/2/verifications").await;
    assert_eq!(next.json()["start_result"], "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_active_or_not_confirmed_is_refused_and_nothing_changed() {
    let scene = Scene::new(Scenario::Healthy).await;
    let id = scene.queued_run().await.header.id;
    let before = table::items(&scene).await;
    let mut refusals = run(&scene, &["release", "7", "--yes"]).await.complained(2);
    refusals += &run(&scene, &["release", &id.to_string()]).await.complained(2);
    assert_eq!(table::items(&scene).await, before);
    run(&scene, &["release", &id.to_string(), "--yes"]).await.printed(0);
    let before = table::items(&scene).await;
    refusals += &run(&scene, &["release", &id.to_string(), "--yes"]).await.complained(2);
    assert_eq!(table::items(&scene).await, before);
    insta::assert_snapshot!("release_refusals", refusals.replace(&id.to_string(), "RUN"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stuck_runs_are_listed_with_what_is_done_about_them() {
    let scene = Scene::new(Scenario::Healthy).await;
    assert_eq!(run(&scene, &["runs", "--stuck"]).await.printed(0), "no run is stuck\n");
    let queued = scene.queued_run().await.header.id;
    assert_eq!(run(&scene, &["runs", "--stuck"]).await.printed(0), "no run is stuck\n", "it has just been started");
    let held = scene.open(lost_run(&scene, 1)).await.header.id;
    let lease = now() + BOUNDS.worker_timeout;
    assert!(matches!(scene.store.claim(held, now(), lease, &BOUNDS).await.unwrap(), Claim::Mine(_)));
    let damaged = scene.open(lost_run(&scene, 2)).await.header.id;
    let mut item =
        table::stored(&scene, "run").await.into_iter().find(|item| item["id"].as_n() == Ok(&damaged.to_string()));
    let mut item = item.take().unwrap();
    item.remove("created_at");
    table::put(&scene, item).await;
    let list = run(&scene, &["runs", "--stuck", "--patience-seconds", "0"]).await.printed(0);
    let ids = [queued.get(), held.get(), damaged.get()];
    insta::assert_snapshot!("stuck", stable(&list, &ids));
    let ids_alone = run(&scene, &["runs", "--stuck", "--patience-seconds", "0", "--output", "quiet"]).await.printed(0);
    assert_eq!(ids_alone.lines().count(), 3);
    let other = ["runs", "--stuck", "--patience-seconds", "0", "--workspace", "9", "--output", "json"];
    let json: serde_json::Value = serde_json::from_str(&run(&scene, &other).await.printed(0)).unwrap();
    assert_eq!(json.as_array().map(Vec::len), Some(1), "what cannot be read belongs to nobody that is known");
}
