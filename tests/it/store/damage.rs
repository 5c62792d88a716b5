//! Items that cannot be read: what an answer is about fails it, and whatever stands beside that does not.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::access::Capability;
use domain::check::Verdict;
use domain::id::RunId;
use domain::operation_run::OperationRun;
use futures_util::future::join_all;
use harness::damage::told;
use harness::views;
use store::{Damaged, Opened, StartConditions, StoreError};

use super::bench::{Bench, Item, text, with};
use super::on_both_emulators;
use super::seeds::{
    blocked, claim, complete, connection, finished, header_of, id, made, now, open, run_id, saved, seed, seed_with,
    started, starter, user,
};

on_both_emulators! {
    a_connection_that_cannot_be_read_fails_the_starts_that_mean_it_alone,
    a_slot_that_cannot_be_read_holds_its_connection_alone,
    a_latest_run_that_cannot_be_read_is_followed_by_none_and_replaced,
    racing_runs_replace_a_latest_run_that_cannot_be_read_once,
    a_report_that_cannot_be_read_fails_its_run_and_not_the_next_one,
    an_execution_needs_no_latest_run,
    rights_that_cannot_be_read_give_none,
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn without(mut item: Item, name: &str) -> Item {
    item.remove(name).unwrap();
    item
}

/// The same item in ways in which it cannot be read.
fn damages(item: &Item, needed: &str) -> Vec<Item> {
    vec![
        without(item.clone(), needed),
        with(item.clone(), needed, AttributeValue::Bool(true)),
        with(item.clone(), "entity", s("run")),
        without(item.clone(), "entity"),
    ]
}

/// The same state of an identity in ways in which its latest run cannot be read.
fn damages_of_latest(state: &Item, needed: &str) -> Vec<Item> {
    let AttributeValue::M(latest) = &state["latest"] else { panic!("no latest run") };
    let part = |latest: Item| with(state.clone(), "latest", AttributeValue::M(latest));
    vec![
        part(without(latest.clone(), needed)),
        part(with(latest.clone(), needed, AttributeValue::Bool(true))),
        with(state.clone(), "latest", s("gone")),
        with(state.clone(), "entity", s("run")),
        without(state.clone(), "entity"),
    ]
}

async fn a_connection_that_cannot_be_read_fails_the_starts_that_mean_it_alone(bench: &Bench) {
    seed_with(bench, &[connection(3), connection(4)]).await;
    let load = async || {
        let data = bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await.unwrap();
        data.open(Capability::RunProvider).unwrap().value
    };
    for (damaged, other, means_default) in [(3, 4, true), (4, 3, false)] {
        let key = format!("CONNECTION#{damaged:016}");
        let whole = bench.item(&format!("TENANT#0000000000000002/{key}")).await;
        for item in damages(&whole, "consent_status") {
            bench.put(item).await;
            let data = load().await;
            assert_eq!(data.connections, [connection(other)]);
            assert!(told().concat().contains(&key));
            assert!(data.require_readable(Some(id(other))).is_ok());
            assert!(data.require_readable(Some(id(9))).is_ok());
            assert_eq!(data.require_readable(None).is_err(), means_default);
            let error = data.require_readable(Some(id(damaged))).unwrap_err();
            assert!(!error.is_retryable() && error.damaged().unwrap().key().to_string().ends_with(&key), "{error}");
        }
        bench.put(with(whole.clone(), "entity", s("connection_group"))).await;
        assert_eq!((load().await.connections, told().len()), (vec![connection(other)], 0), "a newer program's");
        bench.put(with(whole, "colour", s("blue"))).await;
        assert_eq!((load().await.connections.len(), told().len()), (2, 0), "a newer program's attribute");
    }
}

async fn a_slot_that_cannot_be_read_holds_its_connection_alone(bench: &Bench) {
    seed(bench).await;
    open(bench, 41).await;
    let whole = bench.item("ACTIVE#0000000000000003").await;
    for (run, damaged) in (50..).zip(damages(&whole, "run_identity_hash")) {
        bench.put(damaged).await;
        let data = bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await.unwrap();
        let data = data.open(Capability::RunProvider).unwrap().value;
        assert_eq!((data.connections.len(), data.slots.len(), told().len()), (1, 0, 1));
        let again = OperationRun::queue(header_of(run, Some(id(3))));
        let error =
            bench.store.open(starter(), &again, &started(&again), &StartConditions::default()).await.unwrap_err();
        assert!(matches!(error, StoreError::UnreadableSlot(_)) && error.is_retryable(), "{error}");
        let other = OperationRun::queue(header_of(run + 10, Some(id(run))));
        let opened = bench.store.open(starter(), &other, &started(&other), &StartConditions::default()).await.unwrap();
        assert_eq!(opened, Opened::New);
        bench.delete(&bench.item(&format!("ACTIVE#{run:016}")).await).await;
    }
}

async fn a_latest_run_that_cannot_be_read_is_followed_by_none_and_replaced(bench: &Bench) {
    seed(bench).await;
    complete(bench, 41, now()).await;
    for (run, needed) in (50..).step_by(10).zip(["run_id", "overall", "completed_at"]) {
        for (run, damaged) in (run..).zip(damages_of_latest(&bench.item("STATE#").await, needed)) {
            bench.put(damaged).await;
            let completed = complete(bench, run, now()).await;
            assert_eq!(completed.report.previous(), None, "{needed}");
            let latest = bench.store.latest(id(2), &completed.run.header.identity_hash, now()).await.unwrap();
            assert_eq!(latest.unwrap().previous.run_id, run_id(&completed));
            assert!(told().iter().all(|told| told.contains("/STATE#")));
        }
    }
    let next = complete(bench, 99, now()).await;
    assert_eq!(next.report.previous().unwrap().run_id, id::<RunId>(74), "the chain goes on");
}

async fn racing_runs_replace_a_latest_run_that_cannot_be_read_once(bench: &Bench) {
    let first = OperationRun::queue(header_of(41, None));
    saved(bench.store.complete(now(), None, |previous| made(blocked(&first, previous))).await.unwrap());
    for needed in ["run_id", "overall"] {
        bench.put(damages_of_latest(&bench.item("STATE#").await, needed).remove(0)).await;
        let numbers: &[u64] = if needed == "run_id" { &[50, 51, 52] } else { &[60, 61, 62] };
        let racing = numbers.iter().map(async |number| {
            let run = OperationRun::queue(header_of(*number, None));
            saved(bench.store.complete(now(), None, |previous| made(blocked(&run, previous))).await.unwrap())
        });
        let completed = join_all(racing).await;
        let mut followed: Vec<_> = completed.iter().map(|it| it.report.previous().map(|it| it.run_id)).collect();
        followed.sort();
        assert_eq!(followed.iter().filter(|previous| previous.is_none()).count(), 1, "{followed:?}");
        followed.dedup();
        assert_eq!(followed.len(), 3, "each follows another one: {followed:?}");
    }
}

async fn a_report_that_cannot_be_read_fails_its_run_and_not_the_next_one(bench: &Bench) {
    seed(bench).await;
    complete(bench, 41, now()).await;
    complete(bench, 42, now()).await;
    let whole = bench.item("41/REPORT").await;
    let plain = with(whole.clone(), "report", AttributeValue::B(b"no gzip"[..].into()));
    for damaged in damages(&whole, "report").into_iter().chain([plain]) {
        bench.put(damaged.clone()).await;
        let error = views::run(&bench.store, id(41), &user("ada"), now()).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(Damaged { .. })), "{error}");
        assert!(bench.store.load_run_after(id(41), None, now()).await.unwrap().is_none());
        assert!(!told().is_empty());
        let stored = views::run(&bench.store, id(42), &user("ada"), now()).await.unwrap();
        assert!(stored.report.is_some() && stored.compared_report.is_none());
        assert_eq!(told().len(), 1, "{:?}", text(&damaged, "entity"));
    }
}

async fn an_execution_needs_no_latest_run(bench: &Bench) {
    seed(bench).await;
    complete(bench, 41, now()).await;
    open(bench, 42).await;
    let held = claim(bench, 42, now()).await;
    for damaged in damages_of_latest(&bench.item("STATE#").await, "overall") {
        bench.put(damaged).await;
        let data = bench.store.load_execution(&held.header, now()).await.unwrap();
        assert!(data.latest.is_none() && data.connection.is_some());
        assert_eq!(told().len(), 1);
    }
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    assert_eq!(saved(bench.store.complete(now(), None, finish).await.unwrap()).report.previous(), None);
}

async fn rights_that_cannot_be_read_give_none(bench: &Bench) {
    seed(bench).await;
    let whole = bench.item("ada/TENANT#").await;
    for damaged in damages(&whole, "role") {
        bench.put(damaged).await;
        let start = bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await;
        assert!(matches!(start, Err(StoreError::Corrupt(_))), "the start of its own tenant fails");
        let member = bench.store.load_member(id(1), &user("ada")).await.unwrap();
        assert!(member.membership.is_some() && member.entitlements.is_empty());
        assert_eq!(told().len(), 1);
    }
    bench.put(whole).await;
    for damaged in damages(&bench.item("ada/WORKSPACE").await, "role") {
        bench.put(damaged).await;
        assert!(bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await.is_err());
        assert!(bench.store.load_member(id(1), &user("ada")).await.is_err());
    }
}
