//! The reconciler: what it does about runs whose message or worker was lost, about slots that were left over and about what cannot be
//! read. Its clock is the test's, so hours pass at once.

mod backlog;
mod calls;
mod ends;
mod lost_messages;
mod racing;
mod unreadable;

use std::time::Duration;

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
    Clock::told_by(move || time)
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
    scene.store.load_run(run, now()).await.expect("the table answers").expect("the run is stored")
}

/// Runs of as many connections of the scene's tenant, queued, their messages lost.
async fn lost_runs(scene: &Scene, count: u64) -> Vec<OperationRun> {
    let mut runs = Vec::new();
    for number in 0..count {
        runs.push(scene.open(lost_run(scene, number)).await);
    }
    runs
}

/// A run of a connection of its own, not opened yet.
pub(crate) fn lost_run(scene: &Scene, number: u64) -> OperationRun {
    OperationRun::queue(header_of(scene, number))
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

fn later(minutes: u64) -> Timestamp {
    now() + Duration::from_mins(minutes)
}
