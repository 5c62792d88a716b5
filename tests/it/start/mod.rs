//! Starts, called in process over a table and a queue of each test's own.

mod accepted;
mod blocked;
mod calls;
mod deadline;
mod idempotency;
mod limits;
mod refusals;
pub(crate) mod scope;
mod system;
mod trouble;
mod wiring;

use harness::scene::Scene;
use serde_json::Value;

use crate::table::{items, stored};

/// Where the scene's tenant is verified.
const VERIFICATIONS: &str = "/workspaces/1/tenants/2/verifications";

/// The run of an answer.
fn run_id(body: &Value) -> u64 {
    body["id"].as_u64().expect("a run has an id")
}

/// How many messages wait.
async fn messages(scene: &Scene) -> u32 {
    let client = aws_sdk_sqs::Client::new(&scene.sandbox.aws);
    harness::queue::depth(&client, &scene.sandbox.queues.verifications).await.expect("the queue can be read")
}
