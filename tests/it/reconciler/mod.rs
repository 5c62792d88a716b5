//! The reconciler: what it does about runs whose message or worker was lost, about slots that were left over and about what cannot be
//! read. Its clock is the test's, so hours pass at once.

mod backlog;
mod calls;
mod ends;
mod lost_messages;
mod racing;
mod unreadable;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{ConnectionId, RunId};
use domain::identity::RunIdentityHash;
use domain::operation_run::{Operation, OperationRun, RunHeader};
use domain::time::Timestamp;
use harness::queue::depth;
use harness::scene::{Scene, now};
use reconciler::{App, Tick};
use runtime::Clock;

/// A clock that stands still.
fn at(time: Timestamp) -> Clock {
    Clock::moved_by(Arc::new(AtomicI64::new(time.as_millis())))
}

/// The reconciler looks after the scene at this time.
async fn tick_at(scene: &Scene, time: Timestamp) -> Tick {
    tick(&App { clock: at(time), ..scene.reconciler() }, time).await
}

async fn tick(app: &App, time: Timestamp) -> Tick {
    reconciler::tick(app, time + Duration::from_secs(50)).await.expect("the table answers")
}

async fn messages(scene: &Scene) -> u32 {
    depth(&aws_sdk_sqs::Client::new(&scene.sandbox.aws), &scene.sandbox.queues.verifications).await.expect("a depth")
}

async fn stored(scene: &Scene, run: RunId) -> OperationRun {
    scene.store.load_run(run).await.expect("the table answers").expect("the run is stored")
}

/// Runs of as many connections of the scene's tenant, queued, their messages lost.
async fn lost_runs(scene: &Scene, count: u64) -> Vec<OperationRun> {
    let mut runs = Vec::new();
    for number in 0..count {
        let header = header_of(scene, number);
        runs.push(scene.open(OperationRun::queue(header)).await);
    }
    runs
}

fn header_of(scene: &Scene, number: u64) -> RunHeader {
    let connection = Some(ConnectionId::try_from(1000 + number).expect("an id"));
    let mut header = scene.header();
    header.target.connection_id = connection;
    header.identity_hash = RunIdentityHash::of(
        header.workspace_id,
        header.tenant_id,
        Operation::ProviderConnectionCheck,
        header.target.provider,
        connection,
    );
    header
}

type Item = HashMap<String, AttributeValue>;

/// Everything in the table whose key begins like this.
async fn items(scene: &Scene, pk: &str, sk: &str) -> Vec<Item> {
    let scan = aws_sdk_dynamodb::Client::new(&scene.sandbox.aws).scan().table_name(&scene.sandbox.table);
    let all: Vec<Item> = scan.into_paginator().items().send().try_collect().await.expect("the table answers");
    all.into_iter().filter(|item| text(item, "pk").starts_with(pk) && text(item, "sk").starts_with(sk)).collect()
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

async fn put(scene: &Scene, item: Item) {
    let put = aws_sdk_dynamodb::Client::new(&scene.sandbox.aws).put_item().table_name(&scene.sandbox.table);
    put.set_item(Some(item)).send().await.expect("the table takes the item");
}

/// The slots of the scene's tenant.
async fn slots(scene: &Scene) -> Vec<Item> {
    items(scene, "TENANT#", "ACTIVE#").await
}

fn later(minutes: u64) -> Timestamp {
    now() + Duration::from_mins(minutes)
}
