//! Many deliveries of a message make one terminal transition, and whoever comes late changes nothing: neither run, report,
//! inventory, health, latest run nor slot.

use std::time::Duration;

use domain::check::Verdict;
use domain::time::Timestamp;
use store::{Claim, Saved};

use super::bench::Bench;
use super::on_both_emulators;
use super::seeds::{BOUNDS, EXCESSIVE, LEASE, claim, complete, finished, id, made, now, open, saved};

on_both_emulators! {
    a_worker_that_lost_its_lease_changes_nothing_after_the_next_one_finished,
    a_worker_that_lost_its_lease_changes_nothing_while_the_next_one_works,
    a_worker_that_lost_its_lease_does_not_touch_the_next_run_of_the_connection,
    a_worker_finishes_once,
    a_worker_whose_lease_has_ended_finishes_when_nobody_took_the_run,
}

fn later() -> Timestamp {
    now() + LEASE + Duration::from_secs(1)
}

async fn assert_too_late(bench: &Bench, run: &domain::operation_run::OperationRun) {
    let before = bench.everything().await;
    // Everything that this worker would write differs from what is there.
    let late = later() + LEASE;
    for latest in [None, bench.store.latest(id(2), &run.header.identity_hash, late).await.unwrap()] {
        let finish = |previous| made(finished(run, late, EXCESSIVE, previous));
        let outcome = bench.store.complete(late, latest, finish).await.unwrap();
        assert!(matches!(outcome, Saved::Stale), "{outcome:?}");
    }
    assert_eq!(bench.everything().await, before);
}

async fn a_worker_that_lost_its_lease_changes_nothing_after_the_next_one_finished(bench: &Bench) {
    open(bench, 41).await;
    let first = claim(bench, 41, now()).await;
    let second = claim(bench, 41, later()).await;
    let finish = |previous| made(finished(&second, later(), Verdict::Pass, previous));
    saved(bench.store.complete(later(), None, finish).await.unwrap());
    assert_too_late(bench, &first).await;
    assert_eq!(
        bench.store.claim(id(41), later() + LEASE, later() + LEASE + LEASE, &BOUNDS).await.unwrap(),
        Claim::Done
    );
}

async fn a_worker_that_lost_its_lease_changes_nothing_while_the_next_one_works(bench: &Bench) {
    open(bench, 41).await;
    let first = claim(bench, 41, now()).await;
    let second = claim(bench, 41, later()).await;
    assert_too_late(bench, &first).await;
    let finish = |previous| made(finished(&second, later(), Verdict::Pass, previous));
    saved(bench.store.complete(later(), None, finish).await.unwrap());
}

async fn a_worker_that_lost_its_lease_does_not_touch_the_next_run_of_the_connection(bench: &Bench) {
    open(bench, 41).await;
    let first = claim(bench, 41, now()).await;
    let second = claim(bench, 41, later()).await;
    let finish = |previous| made(finished(&second, later(), Verdict::Pass, previous));
    saved(bench.store.complete(later(), None, finish).await.unwrap());
    open(bench, 42).await;
    assert_too_late(bench, &first).await;
}

async fn a_worker_finishes_once(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    saved(bench.store.complete(now(), None, finish).await.unwrap());
    assert_too_late(bench, &held).await;
}

async fn a_worker_whose_lease_has_ended_finishes_when_nobody_took_the_run(bench: &Bench) {
    complete(bench, 40, now()).await;
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    let finish = |previous| made(finished(&held, later(), Verdict::Pass, previous));
    let completed = saved(bench.store.complete(later(), None, finish).await.unwrap());
    assert_eq!(completed.report.previous().map(|previous| previous.run_id), Some(id(40)));
}
