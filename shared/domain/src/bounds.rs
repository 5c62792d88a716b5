//! The times of a deployment that an active run is measured by: how long a worker may hold it, how long nobody may hear of it, and
//! how old it may become.

use std::time::Duration;

use crate::time::Timestamp;

/// A lease outlives its invocation by this much: Lambda may end a function a moment after its deadline.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// How far apart the clocks of two functions may be. Lambda's are kept within milliseconds; what differs by more is broken.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(1);

/// The longest that a run which was given back waits for its provider; after that somebody wants an answer.
pub const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// The times of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most time that one invocation of a worker has.
    pub worker_timeout: Duration,
    /// How long nobody may hear of an active run before somebody looks after it.
    pub patience: Duration,
    /// The age by which every run is terminal.
    pub run_deadline: Duration,
}

impl Bounds {
    /// Until when a worker holds the runs of an invocation that ends at `deadline`. A deadline that has passed, or that lies further
    /// ahead than any invocation's, is not believed: the lease would wedge the run.
    #[must_use]
    pub fn lease(&self, now: Timestamp, deadline: Timestamp) -> Timestamp {
        deadline.clamp(now, now + self.worker_timeout) + LEASE_MARGIN
    }

    /// As long as this a worker may hold the runs of one invocation.
    #[must_use]
    pub fn longest_own_lease(&self) -> Duration {
        self.worker_timeout + LEASE_MARGIN
    }

    /// The end of the longest lease that can be true now, whatever the clock that wrote it.
    #[must_use]
    pub fn longest_lease(&self, now: Timestamp) -> Timestamp {
        now + self.longest_own_lease() + CLOCK_TOLERANCE
    }

    /// The latest time until which a run can be waiting for its provider now, whatever the clock that wrote it.
    #[must_use]
    pub fn longest_wait(&self, now: Timestamp) -> Timestamp {
        now + LONGEST_WAIT + CLOCK_TOLERANCE
    }

    /// Whether a run that is to be tried again at this time still waits for it: whoever took it now would ask a provider that has asked not
    /// to be asked.
    #[must_use]
    pub fn waits(&self, retry_at: Option<Timestamp>, now: Timestamp) -> bool {
        retry_at.is_some_and(|at| at > now && at <= self.longest_wait(now))
    }

    /// Whether a worker holds a run with this lease.
    #[must_use]
    pub fn holds(&self, lease_until: Timestamp, now: Timestamp) -> bool {
        lease_until >= now && lease_until <= self.longest_lease(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{BOUNDS, now};

    #[test]
    fn a_lease_outlives_its_invocation_by_a_margin_and_no_more() {
        let held = BOUNDS.worker_timeout + LEASE_MARGIN;
        assert_eq!(BOUNDS.longest_own_lease(), held);
        assert_eq!(BOUNDS.lease(now(), now() + Duration::from_secs(20)), now() + Duration::from_secs(25));
        for deadline in [now() + Duration::from_hours(1), now() + BOUNDS.worker_timeout] {
            assert_eq!(BOUNDS.lease(now(), deadline), now() + held);
        }
        assert_eq!(BOUNDS.lease(now(), now() - Duration::from_secs(1)), now() + LEASE_MARGIN);
    }

    #[test]
    fn a_run_waits_for_its_time_unless_no_clock_could_have_written_it() {
        let moment = Duration::from_millis(1);
        let longest = now() + LONGEST_WAIT + CLOCK_TOLERANCE;
        for (retry_at, waits) in [
            (None, false),
            (Some(now()), false),
            (Some(now() + moment), true),
            (Some(longest), true),
            (Some(longest + moment), false),
        ] {
            assert_eq!(BOUNDS.waits(retry_at, now()), waits, "{retry_at:?}");
        }
    }

    #[test]
    fn a_lease_holds_until_its_end_unless_no_clock_could_have_written_it() {
        let longest = BOUNDS.longest_own_lease() + CLOCK_TOLERANCE;
        for (lease_until, holds) in [
            (now() - Duration::from_millis(1), false),
            (now(), true),
            (now() + longest, true),
            (now() + longest + Duration::from_millis(1), false),
        ] {
            assert_eq!(BOUNDS.holds(lease_until, now()), holds, "{lease_until}");
        }
    }
}
