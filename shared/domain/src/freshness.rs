//! Whether an active run is still on its way. Derived whenever a run is shown, never stored.

use std::time::Duration;

use crate::names::names;
use crate::operation_run::{OperationRun, RunState};
use crate::time::Timestamp;

names! {
    /// How far a run can be trusted to move on.
    Freshness: "a freshness" {
        /// Active, and within its times.
        FreshActive = "fresh_active",
        /// Active past its bound: its message or its worker was probably lost.
        LikelyStale = "likely_stale",
        /// Completed in the usual way.
        TerminalNormal = "terminal_normal",
    }
}

/// A queued run's message is sent again at this age: until then nobody would do anything about it.
const FIRST_RESEND_AGE: Duration = Duration::from_mins(2);

/// How long after its message came back a run may take to be claimed again, before somebody looks after it.
const GRACE: Duration = Duration::from_mins(1);

/// The times of a deployment that an active run is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How long the queue hides a message after it was received.
    pub visibility: Duration,
    /// The age by which every run is terminal.
    pub run_deadline: Duration,
}

impl Freshness {
    /// What can be said of a run now.
    #[must_use]
    pub fn of(run: &OperationRun, bounds: Bounds, now: Timestamp) -> Self {
        let bound = match &run.state {
            RunState::Completed(_) => return Freshness::TerminalNormal,
            RunState::Queued => run.header.created_at + FIRST_RESEND_AGE,
            RunState::Running(attempt) => {
                let free = attempt.retry_at.map_or(attempt.lease_until, |retry_at| retry_at.max(attempt.lease_until));
                free + bounds.visibility + GRACE
            }
        };
        let bound = bound.min(run.header.created_at + bounds.run_deadline);
        if now > bound { Freshness::LikelyStale } else { Freshness::FreshActive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation_run::CheckResult;
    use crate::testing;

    const BOUNDS: Bounds = Bounds { visibility: Duration::from_mins(6), run_deadline: Duration::from_hours(6) };

    fn queued() -> OperationRun {
        OperationRun::queue(testing::header())
    }

    fn at(run: &OperationRun, age: Duration) -> Freshness {
        Freshness::of(run, BOUNDS, testing::now() + age)
    }

    #[test]
    fn a_queued_run_is_stale_once_its_message_would_be_sent_again() {
        assert_eq!(at(&queued(), Duration::from_mins(2)), Freshness::FreshActive);
        assert_eq!(at(&queued(), Duration::from_secs(121)), Freshness::LikelyStale);
    }

    #[test]
    fn a_running_run_is_stale_when_its_message_came_back_and_nobody_claimed_it() {
        let held = queued().claim(testing::now(), Duration::from_mins(1)).expect("queued runs are claimed");
        assert_eq!(at(&held, Duration::from_mins(8)), Freshness::FreshActive);
        assert_eq!(at(&held, Duration::from_mins(9)), Freshness::LikelyStale);
        let retry_at = testing::now() + Duration::from_mins(15);
        let waiting = held.give_back(testing::now(), retry_at).expect("claimed runs are given back");
        assert_eq!(at(&waiting, Duration::from_mins(22)), Freshness::FreshActive);
        assert_eq!(at(&waiting, Duration::from_mins(23)), Freshness::LikelyStale);
    }

    #[test]
    fn no_active_run_is_fresh_after_the_deadline_and_every_completed_one_is_normal() {
        let late = testing::now() + Duration::from_mins(359);
        let held = queued().claim(late, Duration::from_mins(1)).expect("queued runs are claimed");
        assert_eq!(at(&held, Duration::from_hours(6)), Freshness::FreshActive);
        assert_eq!(at(&held, Duration::from_mins(361)), Freshness::LikelyStale);
        let report = testing::seal(testing::passing_checks());
        let done = held.finish(late, CheckResult::Succeeded, &report).expect("claimed runs finish");
        assert_eq!(at(&done, Duration::from_hours(999)), Freshness::TerminalNormal);
    }
}
