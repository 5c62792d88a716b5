//! Everything that is asked of a world: what lists, shows, starts, acknowledges and audits.

use std::time::Duration;

use domain::audit::AuditEvent;
use harness::edge::{Answer, Call};
use harness::scene::{OWNER, now};
use serde_json::Value;

use super::world::World;

/// What is asked, in this order.
pub(super) const ASKED: [&str; 15] = [
    "runs of the workspace",
    "runs of the tenant",
    "newest verification",
    "connections",
    "permissions",
    "session",
    "the run",
    "the run of another connection",
    "start of the default connection",
    "the same by its id",
    "start of another connection",
    "start with a used key",
    "acknowledging in the run",
    "acknowledging in another run",
    "audit trail",
];

/// What each answers: the status, and how much there is to see.
pub(super) async fn ask(world: &World) -> Vec<String> {
    let tenant = |rest| format!("/workspaces/1/tenants/2/{rest}");
    let session = "/onboarding-sessions/7".to_owned();
    let mut answers = Vec::new();
    for (path, seen) in [
        ("/workspaces/1/runs".to_owned(), seen_runs as fn(&Value) -> String),
        (tenant("runs"), seen_runs),
        (tenant("verification"), seen_newest),
        (tenant("connections"), seen_connections),
        (tenant("permissions"), seen_permissions),
        (session, seen_session),
        (format!("/runs/{}", world.run), seen_run),
        (format!("/runs/{}", world.other_run), seen_run),
    ] {
        answers.push(answered(&world.edge.get(OWNER, &path).await, seen));
    }
    let started = |body: &Value| body["start_result"].as_str().unwrap_or("?").to_owned();
    for (body, key) in [("{}", None), (DEFAULT, None), (OTHER, None), ("{}", Some(world.key))] {
        let path = tenant("verifications");
        let call = Call::new("POST", &path).by(OWNER).with_json(body);
        let call = key.into_iter().fold(call, |call, key| call.with_header("idempotency-key", key));
        answers.push(answered(&world.edge.send(call).await, started));
    }
    for run in [world.run, world.other_run] {
        let path = format!("/runs/{run}/checks/provider.connection.check/acknowledgement");
        let call = Call::new("POST", &path).by(OWNER).with_json(r#"{"ack_reason":"false_positive"}"#);
        answers.push(answered(&world.edge.send(call).await, |_| String::new()));
    }
    let (until, day) = (now(), Duration::from_hours(24));
    let events = world.scene.store.audit_events(world.scene.tenant.workspace_id, until - day, until, until).await;
    let of_runs = |events: Vec<AuditEvent>| events.iter().filter(|event| event.run_id.is_some()).count();
    answers.push(events.map_or_else(|error| error.to_string(), |events| format!("{} events", of_runs(events))));
    answers
}

const DEFAULT: &str = r#"{"provider_connection_id":3}"#;
const OTHER: &str = r#"{"provider_connection_id":6}"#;

fn answered(answer: &Answer, seen: impl Fn(&Value) -> String) -> String {
    match answer.status {
        200..300 => format!("{} {}", answer.status, seen(&answer.json())).trim_end().to_owned(),
        503 => format!("503, again after {} s", answer.header("retry-after")),
        status => status.to_string(),
    }
}

fn len(value: &Value) -> usize {
    value.as_array().expect("a list").len()
}

fn seen_runs(body: &Value) -> String {
    format!("{} runs", len(&body["runs"]))
}

fn seen_newest(body: &Value) -> String {
    let connection = &body["run"]["context"]["provider_connection_id"];
    format!(
        "{} of connection {connection}, start {}",
        body["state"].as_str().expect("a state"),
        body["can_start"]["reason"]
    )
}

fn seen_connections(body: &Value) -> String {
    let list = body["connections"].as_array().expect("connections");
    let shown = |it: &Value| format!("{} {}", it["id"], it["verification_status"].as_str().expect("a status"));
    format!("{}, default {}", list.iter().map(shown).collect::<Vec<_>>().join(", "), body["default_connection_id"])
}

fn seen_permissions(body: &Value) -> String {
    let list = body["connections"].as_array().expect("connections");
    let shown = |it: &Value| format!("{} ({})", it["provider_connection_id"], len(&it["permissions"]));
    list.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn seen_session(body: &Value) -> String {
    let verification = &body["verification"];
    let run = if verification["run"].is_null() { "no run" } else { "its run" };
    format!("{run}, stale {}", verification["stale_reason"])
}

fn seen_run(body: &Value) -> String {
    let indicator = &body["change_indicator"];
    let checks = if indicator["checks"].is_array() { " with checks" } else { "" };
    format!(
        "{}{checks}, acknowledged {} before {}",
        indicator["state"].as_str().unwrap_or("active"),
        len(&body["acknowledgements"]),
        len(&body["previously_acknowledged"])
    )
}
