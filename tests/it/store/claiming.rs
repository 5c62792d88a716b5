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
    a_run_given_back_is_claimed_again_with_the_next_attempt,
    what_a_stale_attempt_gives_back_changes_nothing,
    a_completed_run_is_not_given_back,
}

const MOMENT: Duration = Duration::from_millis(1);
const YEAR: Duration = Duration::from_hours(24 * 365);

/// A run as somebody finds it who tries to claim it now.
#[derive(Debug, Clone, Copy)]
enum Found {
    Missing,
    Queued,
    /// A worker took it until then.
    Leased(Timestamp),
    /// Its worker gave it back at the first time, to be tried again at the second.
    GivenBack(Timestamp, Timestamp),
    Completed,
}

/// Every state, with each moment at which it may begin to mean something else.
fn every_state() -> Vec<Found> {
    let around = |moment: Timestamp| [moment - MOMENT, moment, moment + MOMENT];
    let leases = [around(now()), around(BOUNDS.longest_lease(now()))].concat();
    let leases = leases.into_iter().chain([now() - YEAR, now() + LEASE, now() + YEAR]);
    let waits = [around(now()), around(BOUNDS.longest_wait(now()))].concat();
    let waits = waits.into_iter().chain([now() - YEAR, now() + LEASE, now() + YEAR]);
    let given_back = waits.flat_map(|retry_at| [now() - MOMENT, now()].map(|at| Found::GivenBack(at, retry_at)));
    let states = [Found::Missing, Found::Queued, Found::Completed].into_iter();
    states.chain(leases.map(Found::Leased)).chain(given_back).collect()
}

/// When its worker took it.
fn earlier() -> Timestamp {
    now() - LEASE
}

async fn claim_until(bench: &Bench, lease_until: Timestamp) -> OperationRun {
    open(bench, 41).await;
    match bench.store.claim(id(41), earlier(), lease_until, &BOUNDS).await.unwrap() {
        Claim::Mine(run) => run,
        other => panic!("not claimed: {other:?}"),
    }
}

async fn find(bench: &Bench, state: Found) -> Option<OperationRun> {
    Some(match state {
        Found::Missing => return None,
        Found::Queued => {
            open(bench, 41).await;
            queued(41)
        }
        Found::Leased(until) => claim_until(bench, until).await,
        Found::GivenBack(at, retry_at) => {
            let returned = claim_until(bench, now() + LEASE).await.give_back(at, retry_at).unwrap();
            assert_eq!(bench.store.give_back(&returned).await.unwrap(), Returned::Done);
            returned
        }
        Found::Completed => {
            let held = claim_until(bench, now()).await;
            let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
            saved(bench.store.complete(now(), None, finish).await.unwrap()).run
        }
    })
}

async fn clear(bench: &Bench) {
    for item in bench.everything().await.values() {
        bench.delete(item).await;
    }
}

/// The condition of the database and [`OperationRun::claim`] say the same twice.
async fn the_database_claims_as_the_domain_does(bench: &Bench) {
    for state in every_state() {
        let found = find(bench, state).await;
        let before = bench.everything().await;
        let claimed = bench.store.claim(id(41), now(), now() + LEASE, &BOUNDS).await.unwrap();
        assert_eq!(claimed, found.map_or(Claim::Gone, as_the_domain_does), "{state:?}");
        match claimed {
            Claim::Mine(run) => assert_eq!(bench.store.load_run(id(41), now()).await.unwrap(), Some(run), "{state:?}"),
            Claim::Done | Claim::Held { .. } | Claim::Gone => {
                assert_eq!(bench.everything().await, before, "{state:?}");
            }
        }
        clear(bench).await;
    }
}

fn as_the_domain_does(run: OperationRun) -> Claim {
    match (run.clone().claim(now(), now() + LEASE, &BOUNDS), run.state) {
        (Ok(run), _) => Claim::Mine(run),
        (Err(IllegalTransition::Held), RunState::Running(last)) => {
            let waits = last.retry_at.filter(|at| BOUNDS.waits(Some(*at), now()));
            Claim::Held { until: waits.unwrap_or(last.lease_until) }
        }
        (Err(IllegalTransition::Completed), _) => Claim::Done,
        (Err(other), _) => panic!("a claim is not refused so: {other}"),
    }
}

async fn a_run_given_back_is_claimed_again_with_the_next_attempt(bench: &Bench) {
    find(bench, Found::GivenBack(now() - MOMENT, now())).await;
    let RunState::Running(attempt) = claim(bench, 41, now()).await.state else { panic!("claimed runs run") };
    assert_eq!((attempt.number, attempt.started_at, attempt.retry_at), (2, earlier(), None));
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
