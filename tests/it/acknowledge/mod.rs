//! Acknowledgements, made and shown in process over a table of each test's own.

mod calls;
mod making;
mod naming;
mod racing;
mod refusals;
mod showing;

use harness::edge::{Answer, Call, Edge};
use harness::scene::{OPERATOR, Scene};
use serde_json::Value;

/// The check of the report that a disabled connection gets.
const CONNECTION_CHECK: &str = "provider.connection.check";

/// A completed run whose report has one failed check: the start of a disabled connection.
async fn blocked_run(scene: &Scene, edge: &Edge) -> u64 {
    scene.change_connection(|connection| connection.is_enabled = false).await;
    start(edge).await
}

async fn start(edge: &Edge) -> u64 {
    edge.start(OPERATOR, "/workspaces/1/tenants/2/verifications").await.json()["id"].as_u64().unwrap()
}

async fn acknowledge(edge: &Edge, user: &str, run: u64, check: &str, body: &Value) -> Answer {
    let (path, body) = (format!("/runs/{run}/checks/{check}/acknowledgement"), body.to_string());
    edge.send(Call::new("POST", &path).by(user).with_json(&body)).await
}
