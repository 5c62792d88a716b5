//! How much one check may cost: a number of calls and a span of time, shared by everything that it asks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The most calls of one check: a token, four single answers and the pages of two collections, each with its retries.
/// A healthy tenant needs five to seven.
const CALLS: u32 = 60;

/// What one check may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The most requests that may be sent, retries included.
    pub calls: u32,
    /// How long everything together may take.
    pub time: Duration,
}

impl Budget {
    /// The usual number of calls within this time.
    #[must_use]
    pub fn of(time: Duration) -> Self {
        Self { calls: CALLS, time }
    }
}

/// What is left of a budget.
#[derive(Debug)]
pub(crate) struct Allowance {
    calls: AtomicU32,
    deadline: Instant,
}

impl Allowance {
    /// The whole budget, from now on.
    pub(crate) fn start(budget: Budget) -> Self {
        Self { calls: AtomicU32::new(budget.calls), deadline: Instant::now() + budget.time }
    }

    /// Takes one call: the time that is left for it, or none when calls or time are used up.
    pub(crate) fn take_call(&self) -> Option<Duration> {
        let left = Some(self.time_left()).filter(|left| !left.is_zero())?;
        let taken = self.calls.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |calls| calls.checked_sub(1));
        taken.is_ok().then_some(left)
    }

    /// Whether a call is left to wait for.
    pub(crate) fn has_calls(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > 0
    }

    /// The time that is left.
    pub(crate) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ARCHITECTURE.md says.
    #[test]
    fn a_check_has_sixty_calls_unless_it_is_given_others() {
        assert_eq!(Budget::of(Duration::from_secs(45)), Budget { calls: 60, time: Duration::from_secs(45) });
    }

    #[test]
    fn calls_and_time_both_run_out() {
        let two = Allowance::start(Budget { calls: 2, time: Duration::from_mins(1) });
        assert!(two.take_call().is_some() && two.take_call().is_some());
        assert_eq!(two.take_call(), None);
        assert_eq!(Allowance::start(Budget::of(Duration::ZERO)).take_call(), None);
    }
}
