//! Onboarding sessions, shown and started from in process over a table of each test's own.

mod access;
mod racing;
mod showing;
mod starting;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::onboarding::OnboardingSession;
use domain::time::Timestamp;
use harness::directory;
use harness::edge::{Answer, Call, Edge};
use harness::scene::Scene;

use crate::table;

const SESSION: &str = "/onboarding-sessions/7";
const START: &str = "/onboarding-sessions/7/verifications";

/// Applies session 7 of the scene's tenant, in which its connection is selected, with this change.
pub(crate) async fn session(scene: &Scene, change: impl FnOnce(&mut OnboardingSession)) {
    let mut session = directory::session("7".parse().expect("an id"), &scene.tenant);
    session.state.provider_connection_id = Some(scene.connection.id);
    change(&mut session);
    scene.change(|workspace| workspace.sessions.push(session)).await;
}

/// Takes a session's tenant away, as if it were not identified yet.
fn without_tenant(session: &mut OnboardingSession) {
    session.tenant_id = None;
    session.state.provider_connection_id = None;
}

/// When sessions were completed or given up.
fn end() -> Timestamp {
    "2026-11-01T08:00:00.000Z".parse().expect("a time")
}

/// A second connection of the tenant.
async fn with_second_connection(scene: &Scene) {
    let second = domain::connection::ProviderConnection {
        id: "4".parse().expect("an id"),
        is_default: false,
        ..scene.connection.clone()
    };
    scene.change(|workspace| workspace.tenants[0].connections.push(second)).await;
}

async fn start(edge: &Edge, user: &str) -> Answer {
    edge.send(Call::new("POST", START).by(user).with_json("{}")).await
}

/// What is stored of the session: its pointer and its version.
async fn pointer(scene: &Scene) -> (Option<u64>, String) {
    let session = table::stored(scene, "onboarding_session").await.remove(0);
    let state = session["state"].as_m().expect("a map");
    let number = |value: &AttributeValue| value.as_n().expect("a number").parse().expect("digits");
    (state.get("verification_operation_run_id").map(number), session["version"].as_n().expect("a number").clone())
}
