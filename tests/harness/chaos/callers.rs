//! People who start verifications and look at them, over functions that die in the middle.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::drive::{Ended, Life};
use super::queue::URL;
use super::world::{Kind, World};
use super::{scene, table, wire};
use crate::edge::{Answer, Call, Edge};

/// The template's timeout of what answers HTTP.
const TIMEOUT: Duration = Duration::from_secs(10);

/// So many verifications somebody starts.
const STARTS: u32 = 6;

fn edge(world: &Arc<World>, kind: Kind) -> Edge {
    let process = world.process(kind, 0);
    Edge::at(&world.clock(&process), &wire::sdk_config(world, &process), table::NAME, URL)
}

async fn call(world: &World, edge: &Edge, call: Call<'_>) -> Option<Answer> {
    let life = world.chance(Life::drawn);
    match life.drive(TIMEOUT, edge.send(call)).await {
        Ended::Answered(answer) => Some(answer),
        Ended::Late | Ended::Died => {
            world.count("HTTP functions that died");
            None
        }
    }
}

/// Starts verifications, and asks again where there was no answer.
pub(super) async fn start_verifications(world: Arc<World>, user: &'static str) {
    let edge = edge(&world, Kind::Start);
    let mut answers: BTreeMap<String, u64> = BTreeMap::new();
    for number in 0..STARTS {
        world.pass(Duration::ZERO, Duration::from_mins(4)).await;
        if world.happens(40) {
            world.next_minute().await;
        }
        let connection = world.chance(|chance| match chance.u8(..10) {
            0..5 => scene::DEFAULT,
            5..8 => scene::OTHER,
            _ => scene::SWITCHED_OFF,
        });
        let body = match connection {
            scene::DEFAULT => json!({}),
            other => json!({ "provider_connection_id": other }),
        };
        let (body, key) = (body.to_string(), format!("{user}-{number}"));
        let with_key = world.happens(50);
        for _ in 0..3 {
            let start = Call::new("POST", scene::VERIFICATIONS).by(user).with_json(&body);
            let start = if with_key { start.with_header("idempotency-key", &key) } else { start };
            world.count("starts");
            let Some(answer) = call(&world, &edge, start).await else { continue };
            world.tell(|| format!("{user} starts a verification: {} {}", answer.status, answer.text));
            match answer.status {
                200 | 202 => {
                    let run = answer.json()["id"].as_u64().unwrap_or_default();
                    world.count(result(&answer));
                    world.ledger(|ledger| ledger.promise(run));
                    if with_key && *answers.entry(key.clone()).or_insert(run) != run {
                        world.ledger(|ledger| ledger.wrong(format!("the key {key} stands for two runs")));
                    }
                    // Whoever has an answer seldom asks again.
                    if world.happens(80) {
                        break;
                    }
                }
                503 => world.count("starts answered 503"),
                status => {
                    let text = &answer.text;
                    world.ledger(|ledger| ledger.wrong(format!("a start was answered {status}: {text}")));
                }
            }
            world.pass(Duration::ZERO, Duration::from_secs(40)).await;
        }
    }
}

/// What a start came to.
fn result(answer: &Answer) -> &'static str {
    match answer.json()["start_result"].as_str() {
        Some("accepted") => "starts accepted",
        Some("deduplicated") => "starts deduplicated",
        Some("blocked") => "starts blocked",
        _ => "starts with another result",
    }
}

/// Looks at runs for ever: one that is active shows no report, one that has ended shows one.
pub(super) async fn look_at_runs(world: Arc<World>, user: &'static str) {
    let edge = edge(&world, Kind::Viewer);
    loop {
        world.pass(Duration::from_secs(1), Duration::from_mins(1)).await;
        let runs: Vec<u64> = world.ledger(|ledger| ledger.runs().map(|(id, _)| id).collect());
        let Some(run) = world.chance(|chance| chance.choice(runs)) else { continue };
        let path = format!("/runs/{run}");
        if let Some(answer) = call(&world, &edge, Call::new("GET", &path).by(user)).await {
            judge(&world, run, &answer);
        }
    }
}

/// Holds that a run is shown as it may be.
pub(super) fn judge(world: &World, run: u64, answer: &Answer) {
    world.count("runs looked at");
    let wrong = |what: &str| world.ledger(|ledger| ledger.wrong(format!("run {run} is shown {what}: {}", answer.text)));
    match answer.status {
        200 => {
            let body = answer.json();
            let has_report = !matches!(body["context"]["verification_report"], Value::Null);
            match (body["status"].as_str(), has_report) {
                (Some("completed"), true) | (Some("queued" | "running"), false) => {}
                (Some("completed"), false) => wrong("without its report"),
                _ => wrong("with a report before its end (I3)"),
            }
        }
        503 => {}
        _ => wrong("with another status"),
    }
}
