//! Somebody who starts in a loop: what it costs has an end, nobody else notices, and the trail says it once. `LOOP_ROUNDS` makes the loop
//! longer.

#![allow(clippy::print_stdout, reason = "the figures are printed for whoever wants to see them")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::connection::ProviderConnection;
use domain::time::Timestamp;
use futures_util::future::join_all;
use harness::edge::{Call, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, OPERATOR, OWNER, Scene, now};
use runtime::Clock;

use super::{VERIFICATIONS, messages, run_id};
use crate::table;

/// The functions of a scene at a time that the test moves.
struct Timed {
    edge: Edge,
    millis: Arc<AtomicI64>,
}

impl Timed {
    fn of(scene: &Scene, starts_per_minute: u32) -> Self {
        // A quarter past a minute.
        let begin = now().as_millis().div_euclid(60_000) * 60_000 + 15_000;
        let millis = Arc::new(AtomicI64::new(begin));
        let told = Arc::clone(&millis);
        let clock = Clock::told_by(move || Timestamp::from_millis(told.load(Ordering::Relaxed)));
        let sandbox = &scene.sandbox;
        let edge = Edge::at(&clock, &sandbox.aws, &sandbox.table, &sandbox.queues.verifications);
        Self { edge: edge.with_starts_per_minute(starts_per_minute), millis }
    }

    fn pass(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

async fn disable(scene: &Scene) {
    scene.change_connection(|connection| connection.is_enabled = false).await;
}

/// How many items of each kind there are.
async fn kinds(scene: &Scene) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for item in table::items(scene).await.values() {
        *kinds.entry(table::text(item, "entity").to_owned()).or_default() += 1;
    }
    kinds
}

/// The actions of the audit trail with who did them, sorted.
async fn trail(scene: &Scene) -> Vec<String> {
    let events = table::stored(scene, "audit_event").await;
    let mut trail: Vec<_> = events
        .iter()
        .map(|event| format!("{} {}", table::text(event, "action"), table::text(event, "actor")))
        .collect();
    trail.retain(|line| line.starts_with("verification."));
    trail.sort();
    trail
}

#[tokio::test]
async fn who_has_started_enough_is_told_when_to_go_on_and_nobody_else_is() {
    let scene = Scene::new(Scenario::Healthy).await;
    let timed = Timed::of(&scene, 3);
    for expected in ["accepted", "deduplicated", "deduplicated"] {
        assert_eq!(timed.edge.start(OPERATOR, VERIFICATIONS).await.json()["start_result"], expected);
    }
    let before = table::items(&scene).await;
    let refused = timed.edge.start(OPERATOR, VERIFICATIONS).await;
    insta::assert_snapshot!("too_many_starts", refused.print());
    assert_eq!(table::items(&scene).await, before, "nothing is written");
    assert_eq!(timed.edge.start(MANAGER, VERIFICATIONS).await.status, 202, "of another user");
    timed.pass(44);
    let last = timed.edge.start(OPERATOR, VERIFICATIONS).await;
    assert_eq!((last.status, last.header("retry-after")), (429, "1"));
    timed.pass(1);
    assert_eq!(timed.edge.start(OPERATOR, VERIFICATIONS).await.status, 202, "in the next minute");
    assert_eq!(messages(&scene).await, 1);
}

#[tokio::test]
async fn a_start_that_comes_again_with_its_key_is_answered_beyond_the_limit() {
    let scene = Scene::new(Scenario::Healthy).await;
    let timed = Timed::of(&scene, 1);
    let call = || Call::new("POST", VERIFICATIONS).by(OPERATOR).with_header("idempotency-key", "k");
    let first = timed.edge.send(call()).await.json();
    let again = timed.edge.send(call()).await;
    assert_eq!((again.status, run_id(&again.json())), (202, run_id(&first)));
}

#[tokio::test]
async fn what_would_be_blocked_alike_is_given_back_for_a_minute() {
    let scene = Scene::new(Scenario::Healthy).await;
    disable(&scene).await;
    let timed = Timed::of(&scene, 100);
    let start = async |user| timed.edge.start(user, VERIFICATIONS).await.json();
    let first = start(OPERATOR).await;
    let again = start(OPERATOR).await;
    assert_eq!((&again["start_result"], run_id(&again)), (&"blocked".into(), run_id(&first)));
    assert_eq!(again["context"]["verification_report"], first["context"]["verification_report"]);
    assert_eq!(run_id(&start(MANAGER).await), run_id(&first), "whoever asks");
    timed.pass(59);
    assert_eq!(run_id(&start(OPERATOR).await), run_id(&first));
    timed.pass(1);
    let later = start(OPERATOR).await;
    assert_ne!(run_id(&later), run_id(&first), "somebody may want to see that it is still so");
    assert_eq!(later["context"]["verification_report"]["previous_report_id"], first["id"]);
    // The same reason with another app is another thing too, and so is another reason.
    let another_app = scene.change_connection(|connection| {
        connection.is_enabled = false;
        connection.client_id = "99999999-2222-4333-8444-555555555555".to_owned();
    });
    another_app.await;
    let of_another_app = start(OPERATOR).await;
    assert_eq!(of_another_app["start_result"], "blocked");
    assert_ne!(run_id(&of_another_app), run_id(&later));
    let later = of_another_app;
    scene.change_connection(|connection| connection.module = "gone".to_owned()).await;
    assert_ne!(run_id(&start(OPERATOR).await), run_id(&later));
}

#[tokio::test]
async fn the_trail_says_once_whom_a_run_was_given_to() {
    let scene = Scene::new(Scenario::Healthy).await;
    let timed = Timed::of(&scene, 100);
    for user in [OPERATOR, MANAGER, OPERATOR, MANAGER, OPERATOR, OWNER] {
        assert_eq!(timed.edge.start(user, VERIFICATIONS).await.status, 202);
    }
    let deduplicated = |user: &str| format!("verification.deduplicated {user}");
    let mut expected = [OPERATOR, MANAGER, OWNER].map(deduplicated).to_vec();
    expected.push(format!("verification.started {OPERATOR}"));
    expected.sort();
    assert_eq!(trail(&scene).await, expected);
}

#[tokio::test]
async fn a_loop_fills_nothing() {
    let rounds: u32 = std::env::var("LOOP_ROUNDS").map_or(60, |rounds| rounds.parse().expect("a number"));
    let (active, blocked) = (Scene::new(Scenario::Healthy).await, Scene::new(Scenario::Healthy).await);
    disable(&blocked).await;
    let before = [kinds(&active).await, kinds(&blocked).await];
    let edges = [Timed::of(&active, 20), Timed::of(&blocked, 20)];
    let mut answers: BTreeMap<(u16, String), u32> = BTreeMap::new();
    for _ in 0..rounds {
        for timed in &edges {
            let answer = timed.edge.start(OPERATOR, VERIFICATIONS).await;
            let result = answer.json()["start_result"].as_str().unwrap_or_default().to_owned();
            *answers.entry((answer.status, result)).or_default() += 1;
        }
    }
    let after = [kinds(&active).await, kinds(&blocked).await];
    println!("{rounds} rounds of two starts: {answers:?}\nbefore {before:?}\nafter {after:?}");
    let new = |place: usize| -> BTreeMap<&str, usize> {
        let more = |(kind, count): (&'_ String, &usize)| count - before[place].get(kind).copied().unwrap_or(0);
        after[place].iter().map(|entry| (entry.0.as_str(), more(entry))).filter(|(_, more)| *more > 0).collect()
    };
    let given = [("audit_event", 2), ("given_run", 1), ("run", 1), ("start_counter", 1)];
    assert_eq!(new(0), BTreeMap::from(given).into_iter().chain([("active_slot", 1)]).collect());
    assert_eq!(new(1), BTreeMap::from(given).into_iter().chain([("state", 1), ("report", 1)]).collect());
    let limited = answers.get(&(429, String::new())).copied().unwrap_or(0);
    assert_eq!(limited, 2 * (rounds - 20), "{answers:?}");
    assert_eq!(edges[0].edge.start(MANAGER, VERIFICATIONS).await.status, 202, "another user beside it");
}

#[tokio::test]
async fn many_starts_of_one_user_at_once_are_not_in_each_others_way() {
    let scene = Scene::new(Scenario::Healthy).await;
    let ids = 10..20_u64;
    let others = ids.clone().map(|id| {
        let id = id.try_into().expect("an id");
        ProviderConnection { id, is_default: false, ..scene.connection.clone() }
    });
    scene.change(|workspace| workspace.tenants[0].connections.extend(others)).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let start = async |id: u64| {
        let body = format!(r#"{{"provider_connection_id": {id}}}"#);
        edge.send(Call::new("POST", VERIFICATIONS).by(OPERATOR).with_json(&body)).await
    };
    let answers = join_all(ids.map(start)).await;
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    // On AWS, transactions on one item refuse each other: no two of these may write one.
    let calls = proxy.calls();
    let transactions = calls.iter().filter(|call| call.operation == "TransactWriteItems");
    let written: Vec<_> = transactions.flat_map(|call| &call.keys).filter(|key| !key.contains("AUDIT")).collect();
    assert_eq!(written.len(), 2 * answers.len(), "{written:?}");
    assert_eq!(BTreeSet::from_iter(&written).len(), written.len(), "{written:?}");
}
