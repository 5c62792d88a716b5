//! Propagation: what is changed at Microsoft takes seconds to minutes to be known by all of its servers. Shortly after a change a
//! refusal may only be late, so it is waited for and believed at the last.

use std::time::Duration;

use crate::time::Timestamp;

/// The first wait; each further one is half as long again.
const FIRST_DELAY: Duration = Duration::from_secs(20);

/// No wait is longer.
const LONGEST_DELAY: Duration = Duration::from_mins(1);

/// Whether one of these changes was less than `window` ago. A time that a clock ahead of ours wrote counts for as long.
#[must_use]
pub fn is_under_way(changes: impl IntoIterator<Item = Timestamp>, window: Duration, now: Timestamp) -> bool {
    changes.into_iter().any(|change| now.since(change) < window && change.since(now) < window)
}

/// How long to wait after a run's attempt of this number, 1 for the first, before Microsoft is asked again.
#[must_use]
pub fn delay(attempt: u32) -> Duration {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX).min(8);
    FIRST_DELAY.mul_f64(1.5_f64.powi(exponent)).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::now;

    #[test]
    fn a_change_is_under_way_for_the_window_and_no_clock_makes_it_longer() {
        let window = Duration::from_mins(15);
        let second = Duration::from_secs(1);
        for (change, expected) in [
            (now(), true),
            (now() - window + second, true),
            (now() - window, false),
            (now() + window - second, true),
            (now() + window, false),
        ] {
            assert_eq!(is_under_way([now() - window, change], window, now()), expected, "{change}");
        }
        assert!(!is_under_way([], window, now()));
        assert!(!is_under_way([now()], Duration::ZERO, now()), "nothing is waited for");
    }

    #[test]
    fn waits_grow_from_twenty_seconds_to_a_minute() {
        let delays: Vec<_> = [1, 2, 3, 4, 5, u32::MAX].map(|attempt| delay(attempt).as_secs()).into();
        assert_eq!(delays, [20, 30, 45, 60, 60, 60]);
    }
}
