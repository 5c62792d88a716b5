//! Whether an active run is still on its way. Derived whenever a run is shown, never stored.

use crate::bounds::Bounds;
use crate::names::names;
use crate::operation_run::{OperationRun, Outcome, RunState};
use crate::time::Timestamp;

names! {
    /// How far a run can be trusted to move on, and how a completed one ended.
    Freshness: "a freshness" {
        /// Active, and within its times.
        FreshActive = "fresh_active",
        /// Active past its bound: its message or its worker was probably lost.
        LikelyStale = "likely_stale",
        /// Ended from outside, because nothing could finish it any more.
        ReconciledFailed = "reconciled_failed",
        /// Completed in the usual way.
        TerminalNormal = "terminal_normal",
    }
}

/// A run that waits may wait in a long queue: only what has waited so many times as long as messages are sent again was probably
/// lost with every one of them. An hour, where two minutes are waited.
const PATIENCES: u32 = 30;

impl Freshness {
    /// What can be said of a run now.
    #[must_use]
    pub fn of(run: &OperationRun, bounds: &Bounds, now: Timestamp) -> Self {
        let free_since = match &run.state {
            RunState::Completed(completion) => {
                return match completion.outcome {
                    Outcome::Interrupted { .. } => Freshness::ReconciledFailed,
                    Outcome::Succeeded | Outcome::Failed(_) | Outcome::Blocked { .. } => Freshness::TerminalNormal,
                };
            }
            RunState::Queued => run.header.created_at,
            RunState::Running(attempt) => {
                let lease = attempt.lease_until.min(bounds.longest_lease(now));
                attempt.retry_at.map_or(lease, |retry_at| retry_at.max(lease))
            }
        };
        let bound = (free_since + bounds.patience * PATIENCES).min(run.header.created_at + bounds.run_deadline);
        if now > bound { Freshness::LikelyStale } else { Freshness::FreshActive }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::operation_run::Interruption;
    use crate::testing::{self, BOUNDS};

    fn queued() -> OperationRun {
        OperationRun::queue(testing::header())
    }

    fn claimed(at: Timestamp) -> OperationRun {
        queued().claim(at, BOUNDS.lease(at, at), &BOUNDS).expect("queued runs are claimed")
    }

    fn at(run: &OperationRun, age: Duration) -> Freshness {
        Freshness::of(run, &BOUNDS, testing::now() + age)
    }

    #[test]
    fn a_run_that_waits_in_a_long_queue_is_not_called_stale() {
        assert_eq!(at(&queued(), Duration::from_hours(1)), Freshness::FreshActive);
        assert_eq!(at(&queued(), Duration::from_secs(3601)), Freshness::LikelyStale);
    }

    #[test]
    fn a_running_run_is_stale_when_nobody_claimed_it_again() {
        let held = claimed(testing::now());
        assert_eq!(at(&held, Duration::from_hours(1)), Freshness::FreshActive);
        assert_eq!(at(&held, Duration::from_mins(61)), Freshness::LikelyStale);
        let retry_at = testing::now() + Duration::from_mins(15);
        let waiting = held.give_back(testing::now(), retry_at).expect("claimed runs are given back");
        assert_eq!(at(&waiting, Duration::from_mins(75)), Freshness::FreshActive);
        assert_eq!(at(&waiting, Duration::from_mins(76)), Freshness::LikelyStale);
    }

    #[test]
    fn no_active_run_is_fresh_after_the_deadline_and_completed_ones_say_how_they_ended() {
        let late = testing::now() + Duration::from_mins(359);
        let held = claimed(late);
        assert_eq!(at(&held, Duration::from_hours(6)), Freshness::FreshActive);
        assert_eq!(at(&held, Duration::from_mins(361)), Freshness::LikelyStale);
        let report = testing::seal(testing::passing_checks());
        let done = held.clone().finish(late, &report).expect("claimed runs finish");
        assert_eq!(at(&done, Duration::from_hours(999)), Freshness::TerminalNormal);
        let ended = held.interrupt(late, Interruption::DeadlinePassed, &report).expect("active runs are ended");
        assert_eq!(at(&ended, Duration::from_hours(999)), Freshness::ReconciledFailed);
    }
}
