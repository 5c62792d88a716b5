//! Starts, called in process over a table and a queue of each test's own.

mod accepted;
mod blocked;
mod calls;
mod refusals;
mod scope;
mod trouble;
mod wiring;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use harness::scene::Scene;
use serde_json::Value;

type Item = HashMap<String, AttributeValue>;

/// Where the scene's tenant is verified.
const VERIFICATIONS: &str = "/workspaces/1/tenants/2/verifications";

/// The run of an answer.
fn run_id(body: &Value) -> u64 {
    body["id"].as_u64().expect("a run has an id")
}

/// What is stored of a kind.
async fn stored(scene: &Scene, entity: &str) -> Vec<Item> {
    let mut items = all_items(scene).await;
    items.retain(|item| item["entity"] == AttributeValue::S(entity.to_owned()));
    items
}

/// Everything in the scene's table, to tell that nothing was written.
async fn items(scene: &Scene) -> BTreeMap<String, Item> {
    let place = |item: &Item| format!("{:?} {:?}", item["pk"], item["sk"]);
    all_items(scene).await.into_iter().map(|item| (place(&item), item)).collect()
}

async fn all_items(scene: &Scene) -> Vec<Item> {
    let client = aws_sdk_dynamodb::Client::new(&scene.sandbox.aws);
    let pages = client.scan().table_name(&scene.sandbox.table).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.expect("the table can be read")
}

/// How many messages wait.
async fn messages(scene: &Scene) -> u32 {
    let client = aws_sdk_sqs::Client::new(&scene.sandbox.aws);
    harness::queue::depth(&client, &scene.sandbox.queues.verifications).await.expect("the queue can be read")
}
