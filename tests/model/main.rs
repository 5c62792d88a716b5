//! A model of the protocol that ends every run, checked exhaustively: starts, the queue, workers and the reconciler take their steps in
//! every order, and die at every step. A state space stands for all its timings, so nothing here waits and nothing is repeated.
//!
//! What is in it: two runs of one connection, each accepted, deduplicated or blocked; a queue that loses sends, delivers twice, delivers
//! again after its visibility and gives a message up after its last receive; two workers that die, pause past their lease, or meet
//! trouble; a reconciler whose index may be out of date; writes that are committed though nobody hears of it, and writes that arrive
//! after their sender gave up. What is not: time itself (a lease may end at any moment, a deadline may have passed at any moment),
//! rights, the onboarding session, idempotency keys, expiry of stored items. Each write is one step, as the table's transactions are.
//!
//! How much of it happens is bounded in [`protocol::Bounds`]. The whole protocol with two faults and one duplicate has about 1.5 million
//! states.

#![allow(clippy::print_stdout, reason = "how many states there were, for those who run it with --nocapture")]

mod canonical;
mod fair;
mod guard;
mod properties;
mod protocol;
mod state;
mod steps;
mod table;

use std::collections::BTreeSet;

use clap::ValueEnum;
use guard::Guard;
use protocol::{Bounds, Protocol};
use stateright::{Checker, HasDiscoveries, Model};

/// Two runs, two workers and the reconciler; two faults and a message that comes twice.
const WHOLE: Bounds = Bounds {
    workers: 2,
    ticks: 1,
    faults: 2,
    duplicates: 1,
    receives: 2,
    attempts: 2,
    resends: 1,
    queue_alone: false,
    orphaned_slot: false,
};

/// Two ticks of the reconciler overlap.
const OVERLAPPING: Bounds = Bounds { workers: 1, ticks: 2, faults: 1, duplicates: 0, ..WHOLE };

/// The slot names a run that has ended, as after a table was mended by hand. Two ticks want to free it.
const ORPHANED: Bounds = Bounds { orphaned_slot: true, ..OVERLAPPING };

/// Nothing but a worker dies, before its message's last receive, and no reconciler comes: messages come back once the lease has ended.
const QUEUE_ALONE: Bounds = Bounds { ticks: 0, faults: 1, queue_alone: true, ..WHOLE };

/// Visits every state.
fn check(name: &str, bounds: Bounds) -> impl Checker<Protocol> {
    let checker = Protocol { bounds, without: None }.checker().threads(2).spawn_bfs().join();
    println!("{name}: {} states", checker.unique_state_count());
    checker
}

/// Holds every promise; tells which was broken, and how.
fn holds(checker: &impl Checker<Protocol>) {
    for promise in checker.model().properties().iter().filter(|it| it.expectation.discovery_is_failure()) {
        checker.assert_no_discovery(promise.name);
    }
}

/// Searches until the promise is broken.
fn breaks(guard: Guard, bounds: Bounds, promise: &'static str) {
    let found = HasDiscoveries::AnyOf(BTreeSet::from([promise]));
    let checker = Protocol { bounds, without: Some(guard) }.checker().threads(2).finish_when(found).spawn_bfs().join();
    let way = checker.discovery(promise).map(|way| way.into_actions().len());
    println!("without {guard:?} after {way:?} steps, of {} states: {promise}", checker.unique_state_count());
    assert!(way.is_some(), "without {guard:?} nothing breaks the promise: {promise}");
}

#[test]
fn every_promise_holds_whatever_dies() {
    // What the model must be able to do at all is looked for here alone.
    check("whole", WHOLE).assert_properties();
}

#[test]
fn every_promise_holds_when_two_ticks_overlap() {
    holds(&check("overlapping", OVERLAPPING));
}

#[test]
fn an_orphaned_slot_is_freed() {
    holds(&check("orphaned", ORPHANED));
}

#[test]
fn the_queue_alone_ends_every_run_whose_last_receive_is_survived() {
    holds(&check("queue alone", QUEUE_ALONE));
}

/// The negative control: with every other guard in place a lost message leaves its run active for ever.
#[test]
fn without_the_reconciler_a_run_is_stuck() {
    breaks(Guard::Reconciler, WHOLE, properties::EVERYTHING_ENDS);
}

#[test]
fn every_other_guard_is_missed_too() {
    let missed = [
        (Guard::Slot, WHOLE, properties::ONE_ACTIVE_RUN),
        (Guard::OnlyNewIsSent, WHOLE, properties::NO_MESSAGE_FOR_NOTHING),
        (Guard::Claim, WHOLE, properties::LATE_WRITERS),
        (Guard::Claim, WHOLE, properties::NO_EARLY_REPORT),
        (Guard::Attempt, WHOLE, properties::LATE_WRITERS),
        (Guard::Latest, WHOLE, properties::PREDECESSOR),
        (Guard::ReportWithRun, WHOLE, properties::REPORT_WITH_RUN),
        (Guard::HeldIsNotAcknowledged, WHOLE, properties::ACKNOWLEDGED_LAST),
        (Guard::AsRead, WHOLE, properties::LIVE_RUNS),
        (Guard::AsRead, WHOLE, properties::LATE_WRITERS),
        (Guard::DueMovesFirst, WHOLE, properties::SENT_ONCE),
        (Guard::DueOfThisRun, WHOLE, properties::NO_MESSAGE_FOR_NOTHING),
        (Guard::DueAsRead, OVERLAPPING, properties::SENT_ONCE),
        (Guard::FreeAsRead, WHOLE, properties::ONE_ACTIVE_RUN),
        (Guard::LastReceiveEnds, QUEUE_ALONE, properties::EVERYTHING_ENDS),
        (Guard::VisibilityOutlastsLease, QUEUE_ALONE, properties::EVERYTHING_ENDS),
    ];
    for (guard, bounds, promise) in missed {
        breaks(guard, bounds, promise);
    }
    let left_out = |guard: &&Guard| missed.iter().all(|(missed, ..)| missed != *guard);
    let left_out: Vec<_> = Guard::value_variants().iter().filter(left_out).collect();
    assert_eq!(left_out, [&Guard::Reconciler], "which has a test of its own");
}
