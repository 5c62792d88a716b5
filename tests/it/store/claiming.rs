//! Claims and what is given back, compared with the domain's own transitions.

use std::time::Duration;

use domain::check::Verdict;
use domain::operation_run::{IllegalTransition, OperationRun, RunState};
use domain::time::Timestamp;
use store::{Claim, Returned};

use super::bench::Bench;
use super::on_both_emulators;
use super::seeds::{BOUNDS, LEASE, claim, finished, id, made, now, open, queued, saved};

on_both_emulators! {
    the_database_claims_as_the_domain_does,
    a_run_that_does_not_exist_is_gone,
    a_run_given_back_is_claimed_again_with_the_next_attempt,
    what_a_stale_attempt_gives_back_changes_nothing,
    a_completed_run_is_not_given_back,
}

const MOMENT: Duration = Duration::from_millis(1);

/// The states that a run can be found in, each with the moment at which somebody tries to claim it.
#[derive(Debug, Clone, Copy)]
enum Found {
    Queued,
    Held,
    HeldToTheMoment,
    Lapsed,
    GivenBack,
    Completed,
}

async fn find(bench: &Bench, state: Found) -> (OperationRun, Timestamp) {
    open(bench, 41).await;
    if matches!(state, Found::Queued) {
        return (queued(41), now());
    }
    let held = claim(bench, 41, now()).await;
    match state {
        Found::Queued | Found::Held => (held, now() + LEASE - MOMENT),
        Found::HeldToTheMoment => (held, now() + LEASE),
        Found::Lapsed => (held, now() + LEASE + MOMENT),
        Found::GivenBack => {
            let returned = held.give_back(now() + MOMENT, now() + LEASE).unwrap();
            assert_eq!(bench.store.give_back(&returned).await.unwrap(), Returned::Done);
            (returned, now() + MOMENT + MOMENT)
        }
        Found::Completed => {
            let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
            (saved(bench.store.complete(now(), None, finish).await.unwrap()).run, now() + LEASE + LEASE)
        }
    }
}

async fn clear(bench: &Bench) {
    for item in bench.everything().await.values() {
        bench.delete(item).await;
    }
}

async fn the_database_claims_as_the_domain_does(bench: &Bench) {
    for state in [Found::Queued, Found::Held, Found::HeldToTheMoment, Found::Lapsed, Found::GivenBack, Found::Completed]
    {
        let (run, at) = find(bench, state).await;
        let claimed = bench.store.claim(id(41), at, at + LEASE, &BOUNDS).await.unwrap();
        let expected = match run.clone().claim(at, at + LEASE, &BOUNDS) {
            Ok(run) => Claim::Mine(run),
            Err(IllegalTransition::Completed) => Claim::Done,
            Err(IllegalTransition::Held) => Claim::Held { lease_until: lease_until(&run) },
            Err(other) => panic!("a claim is not refused so: {other}"),
        };
        assert_eq!(claimed, expected, "{state:?}");
        let stored = bench.store.load_run(id(41), at).await.unwrap();
        let after = if let Claim::Mine(claimed) = claimed { claimed } else { run };
        assert_eq!(stored, Some(after), "{state:?}");
        clear(bench).await;
    }
}

fn lease_until(run: &OperationRun) -> Timestamp {
    match &run.state {
        RunState::Running(attempt) => attempt.lease_until,
        RunState::Queued | RunState::Completed(_) => panic!("not held"),
    }
}

async fn a_run_that_does_not_exist_is_gone(bench: &Bench) {
    assert_eq!(bench.store.claim(id(41), now(), now() + LEASE, &BOUNDS).await.unwrap(), Claim::Gone);
    assert!(bench.keys().await.is_empty());
}

async fn a_run_given_back_is_claimed_again_with_the_next_attempt(bench: &Bench) {
    let (_, at) = find(bench, Found::GivenBack).await;
    let RunState::Running(attempt) = claim(bench, 41, at).await.state else { panic!("claimed runs run") };
    assert_eq!((attempt.number, attempt.started_at, attempt.retry_at), (2, now(), None));
}

async fn what_a_stale_attempt_gives_back_changes_nothing(bench: &Bench) {
    open(bench, 41).await;
    let first = claim(bench, 41, now()).await;
    let later = now() + LEASE + MOMENT;
    claim(bench, 41, later).await;
    let before = bench.everything().await;
    let returned = first.give_back(later, later + LEASE).unwrap();
    assert_eq!(bench.store.give_back(&returned).await.unwrap(), Returned::Stale);
    assert_eq!(bench.everything().await, before);
}

async fn a_completed_run_is_not_given_back(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    saved(bench.store.complete(now(), None, finish).await.unwrap());
    let before = bench.everything().await;
    let returned = held.give_back(now(), now() + LEASE).unwrap();
    assert_eq!(bench.store.give_back(&returned).await.unwrap(), Returned::Stale);
    assert_eq!(bench.everything().await, before);
}
