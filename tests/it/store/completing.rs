//! The transaction that ends a run, and what it follows.

use std::cell::Cell;

use domain::check::Verdict;
use domain::operation_run::{OperationRun, RunState};
use domain::report::PreviousReport;
use harness::fault_proxy::Fault;
use store::{CompleteError, Saved, StoreError};

use super::bench::{Bench, RUN_RETENTION, text, with};
use super::on_both_emulators;
use super::seeds::{
    EXCESSIVE, blocked, claim, complete, finished, header_of, id, inventory, made, now, open, previous, queued, saved,
    started,
};

on_both_emulators! {
    a_finished_run_is_stored_whole_and_frees_its_connection,
    a_blocked_start_is_stored_in_one_transaction_without_a_slot,
    a_report_follows_the_one_that_completed_meanwhile,
    a_report_follows_none_when_the_latest_has_expired,
    a_latest_run_that_moves_all_the_time_is_given_up,
    a_fresh_run_whose_id_is_taken_is_told,
    the_slot_of_another_run_stays,
    a_run_whose_slot_is_gone_is_completed,
    what_does_not_fit_together_is_not_stored,
    what_cannot_be_made_is_not_stored,
    an_audit_event_with_a_taken_id_is_kept_beside_the_other,
}

async fn a_finished_run_is_stored_whole_and_frees_its_connection(bench: &Bench) {
    let completed = complete(bench, 41, now()).await;
    let keys = bench.keys().await;
    assert_eq!(
        keys.iter().filter(|key| !key.starts_with("AUDIT#")).collect::<Vec<_>>(),
        [
            "RUN#0000000000000041/REPORT",
            "RUN#0000000000000041/RUN",
            &format!("TENANT#0000000000000002/STATE#{}", completed.run.header.identity_hash),
        ]
    );
    assert_eq!(keys.len(), 5, "two audit events: {keys:?}");
    let stored = bench.store.load_run_with_report(id(41), now()).await.unwrap().unwrap();
    assert_eq!(stored.run, completed.run);
    assert_eq!(stored.report_json(), Some(completed.report.json()));
    open(bench, 42).await;
}

async fn a_blocked_start_is_stored_in_one_transaction_without_a_slot(bench: &Bench) {
    let run = OperationRun::queue(header_of(41, None));
    let completed = saved(bench.store.complete(now(), None, |previous| made(blocked(&run, previous))).await.unwrap());
    let calls = bench.proxy.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    // The audit event's key ends with the token of this very write.
    let keys: Vec<_> = calls[0]
        .keys
        .iter()
        .map(|key| match key.split_once("AUDIT#") {
            Some(_) => key.rsplit_once('#').expect("a token").0.to_owned(),
            None => key.clone(),
        })
        .collect();
    assert_eq!(
        keys,
        [
            "Put RUN#0000000000000041/RUN".to_owned(),
            format!("Update TENANT#0000000000000002/STATE#{}", run.header.identity_hash),
            format!(
                "Put AUDIT#0000000000000001#2026-11-01#{}/{:016}",
                completed.audit.id.get() % 8,
                completed.audit.id.get()
            ),
            "Put RUN#0000000000000041/REPORT".to_owned(),
        ]
    );
    let stored = bench.store.load_run_with_report(id(41), now()).await.unwrap().unwrap();
    assert_eq!((&stored.run, stored.report_json()), (&completed.run, Some(completed.report.json())));
}

async fn a_report_follows_the_one_that_completed_meanwhile(bench: &Bench) {
    let first = complete(bench, 41, now()).await;
    open(bench, 42).await;
    let held = claim(bench, 42, now()).await;
    let made_for = Cell::new(Vec::new());
    // Read before the first run completed.
    let outcome = bench.store.complete(now(), None, |previous| {
        made_for.set([made_for.take(), vec![previous.clone()]].concat());
        made(finished(&held, now(), EXCESSIVE, previous))
    });
    let second = saved(outcome.await.unwrap());
    let first = previous(&first);
    assert_eq!(made_for.take(), [None, Some(first.clone())]);
    assert_eq!(second.report.previous(), Some(&first));
    let latest = bench.store.latest(id(2), &held.header.identity_hash, now()).await.unwrap().unwrap();
    assert_eq!(latest.previous.run_id, id(42));
}

async fn a_report_follows_none_when_the_latest_has_expired(bench: &Bench) {
    let first = complete(bench, 41, now()).await;
    let hash = &first.run.header.identity_hash;
    let latest = bench.store.latest(id(2), hash, now()).await.unwrap();
    assert!(latest.is_some());
    let later = now() + RUN_RETENTION;
    assert_eq!(bench.store.latest(id(2), hash, later).await.unwrap(), None);
    open(bench, 42).await;
    let held = claim(bench, 42, later).await;
    let finish = |previous| made(finished(&held, later, Verdict::Pass, previous));
    let second = saved(bench.store.complete(later, None, finish).await.unwrap());
    assert_eq!(second.report.previous(), None);
    assert_eq!(bench.store.latest(id(2), hash, later).await.unwrap().unwrap().previous.run_id, id(42));
}

async fn a_latest_run_that_moves_all_the_time_is_given_up(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    let before = bench.everything().await;
    for _ in 0..64 {
        bench.proxy.inject(Fault::Cancelled { code: "ConditionalCheckFailed", places: &[1] });
    }
    let makes = Cell::new(0);
    let outcome = bench.store.complete(now(), None, |previous| {
        makes.set(makes.get() + 1);
        made(finished(&held, now(), Verdict::Pass, previous))
    });
    let error = outcome.await.unwrap_err();
    let CompleteError::Store(error) = error;
    assert!(matches!(error, StoreError::LatestMoved) && error.is_retryable(), "{error}");
    assert_eq!(makes.get(), 64, "as many runs of one identity may complete at once");
    bench.assert_every_fault_was_met();
    assert_eq!(bench.everything().await, before);
}

async fn a_fresh_run_whose_id_is_taken_is_told(bench: &Bench) {
    open(bench, 41).await;
    let before = bench.everything().await;
    let run = OperationRun::queue(header_of(41, None));
    let outcome = bench.store.complete(now(), None, |previous| made(blocked(&run, previous))).await.unwrap();
    assert!(matches!(outcome, Saved::IdTaken));
    assert_eq!(bench.everything().await, before);
}

async fn the_slot_of_another_run_stays(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    let foreign =
        with(bench.item("ACTIVE#").await, "run_id", aws_sdk_dynamodb::types::AttributeValue::N("77".to_owned()));
    bench.put(foreign.clone()).await;
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    saved(bench.store.complete(now(), None, finish).await.unwrap());
    assert_eq!(bench.item("ACTIVE#").await, foreign);
    assert_eq!(text(&bench.item("41/RUN").await, "status"), "completed");
}

async fn a_run_whose_slot_is_gone_is_completed(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    bench.delete(&bench.item("ACTIVE#").await).await;
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    saved(bench.store.complete(now(), None, finish).await.unwrap());
}

async fn what_does_not_fit_together_is_not_stored(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    let before = bench.everything().await;
    let good = finished(&held, now(), Verdict::Pass, None);
    let other = finished(&held, now(), EXCESSIVE, None);
    let earlier = PreviousReport { run_id: id(40), last_verified: None };

    let mut not_completed = good.clone();
    not_completed.run = held.clone();
    let mut other_report = good.clone();
    other_report.report = other.report;
    let other_previous = finished(&held, now(), Verdict::Pass, Some(earlier));
    let mut without_connection = blocked(&OperationRun::queue(header_of(42, None)), None);
    without_connection.inventory = Some(inventory(now()));
    for unfit in [not_completed, other_report, other_previous, without_connection] {
        let error = bench.store.complete(now(), None, |_| made(unfit.clone())).await.unwrap_err();
        assert!(matches!(error, CompleteError::Store(StoreError::Unfit { .. })), "{error}");
    }
    assert_eq!(bench.everything().await, before);
}

async fn what_cannot_be_made_is_not_stored(bench: &Bench) {
    let error = bench.store.complete(now(), None, |_| Err("no report")).await.unwrap_err();
    assert!(matches!(error, CompleteError::Make("no report")), "{error}");
    assert!(bench.keys().await.is_empty());
}

async fn an_audit_event_with_a_taken_id_is_kept_beside_the_other(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    let finish = |previous| {
        let mut completed = finished(&held, now(), Verdict::Pass, previous);
        completed.audit.id = started(&queued(41)).id;
        made(completed)
    };
    let completed = saved(bench.store.complete(now(), None, finish).await.unwrap());
    let events = bench.everything().await;
    let mut actions: Vec<_> = events.values().map(|item| text(item, "action")).filter(|it| !it.is_empty()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["verification.completed", "verification.started"]);
    assert!(matches!(completed.run.state, RunState::Completed(_)));
}
