//! What operators are told of a damaged item: which one it is, and nothing that it holds.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{OWNER, Scene, now, user};
use harness::views;
use serde_json::Value;
use store::{Store, StoreSettings};
use tracing::Level;

use crate::log::Log;
use crate::table::{self, Item};

/// The lines that name a damaged item: level, kind and key.
fn named(log: &Log) -> Vec<String> {
    let lines: Vec<Value> = log.text().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let about = lines.iter().filter(|line| line["message"] == "a stored item cannot be read");
    about.map(|line| ["level", "item.entity", "item.key"].map(|name| text(line, name)).join(" ")).collect()
}

/// The item with an attribute that is none of its words or numbers.
fn damaged(mut item: Item, attribute: &str) -> Item {
    item.insert(attribute.to_owned(), AttributeValue::S("hunter2".to_owned()));
    item
}

#[tokio::test]
async fn an_item_that_is_left_out_is_logged_by_its_key() {
    let scene = Scene::new(Scenario::Healthy).await;
    let settings = StoreSettings {
        table: scene.sandbox.table.clone(),
        run_retention: Duration::ZERO,
        audit_retention: Duration::ZERO,
        damaged: runtime::damage::tell,
    };
    let store = Store::new(Client::new(&scene.sandbox.aws), settings);
    let connection = table::stored(&scene, "connection").await.remove(0);
    table::put(&scene, damaged(connection, "consent_status")).await;
    let log = Log::of_this_thread(Level::INFO);
    let (workspace, tenant) = (scene.tenant.workspace_id, scene.tenant.id);
    let view = views::tenant(&store, (workspace, tenant), &user(OWNER), now()).await.unwrap();
    assert!(view.connections.is_empty());
    assert_eq!(named(&log), ["ERROR connection TENANT#0000000000000002/CONNECTION#0000000000000003"]);
    assert!(!log.text().contains("hunter2"), "{}", log.text());
}

#[tokio::test]
async fn an_item_that_fails_its_request_is_logged_by_its_key() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = scene.queued_run().await.header.id;
    let item = table::stored(&scene, "run").await.remove(0);
    table::put(&scene, damaged(item, "version")).await;
    let log = Log::of_this_thread(Level::INFO);
    assert_eq!(edge.get(OWNER, &format!("/runs/{run}")).await.status, 500);
    assert_eq!(named(&log), [format!("ERROR run RUN#{:016}/RUN", run.get())]);
    assert!(!log.text().contains("hunter2"), "{}", log.text());
}
