//! Whether and when to ask again. A pure decision, so that the loop that follows it has none of its own.

use std::time::Duration;

use crate::trouble::{Retry, Trouble};

/// The pause after the first try; each further one doubles it. Half a second is what Graph's own client libraries begin
/// near.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// No pause that we choose ourselves is longer: past it, giving the run back to its queue is the better wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Tries against a service that does not work at the moment: pauses of about 0.5, 1 and 2 seconds.
const BACKOFF_TRIES: u32 = 4;

/// How long to wait before asking again, or none when asking again makes no sense: the trouble stays, the tries are
/// used up, or the wait does not fit into the time that is left. `tries` were made so far; `chance` is random, from 0
/// to 1.
pub(crate) fn pause(trouble: &Trouble, tries: u32, time_left: Duration, chance: f64) -> Option<Duration> {
    let most = match trouble.retry {
        Retry::Never | Retry::Later => 1,
        Retry::Once => 2,
        Retry::Backoff => BACKOFF_TRIES,
    };
    let wait = trouble.cause.retry_after.unwrap_or_else(|| backoff(tries, chance));
    (tries < most && wait < time_left).then_some(wait)
}

/// Doubles with each try up to the longest pause. The jitter spreads over the upper half, so that the many checks that
/// one throttling stops do not come back together.
fn backoff(tries: u32, chance: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
    doubled.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use domain::facts::Cause;
    use domain::reason::Reason;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn trouble(retry: Retry, retry_after: Option<u64>) -> Trouble {
        let retry_after = retry_after.map(Duration::from_secs);
        Trouble { cause: Cause { reason: Reason::Throttled, evidence: Vec::new(), retry_after }, retry }
    }

    #[test]
    fn tries_end_by_the_kind_of_trouble() {
        let tries =
            |retry| (1..10).take_while(|tries| pause(&trouble(retry, None), *tries, MINUTE, 1.0).is_some()).count();
        let counts = [Retry::Never, Retry::Later, Retry::Once, Retry::Backoff].map(tries);
        assert_eq!(counts, [0, 0, 1, 3]);
    }

    #[test]
    fn pauses_grow_and_are_spread_over_their_upper_half() {
        let backoff =
            |tries, chance| pause(&trouble(Retry::Backoff, None), tries, MINUTE, chance).map(|d| d.as_millis());
        assert_eq!([1, 2, 3].map(|tries| backoff(tries, 1.0)), [Some(500), Some(1000), Some(2000)]);
        assert_eq!([1, 2, 3].map(|tries| backoff(tries, 0.0)), [Some(250), Some(500), Some(1000)]);
        assert_eq!(super::backoff(40, 1.0), LONGEST_PAUSE);
    }

    #[test]
    fn retry_after_is_obeyed_to_the_letter_when_it_fits_and_ends_the_tries_when_it_does_not() {
        let asked = trouble(Retry::Backoff, Some(30));
        assert_eq!(pause(&asked, 1, MINUTE, 0.0), Some(Duration::from_secs(30)));
        assert_eq!(pause(&asked, 1, Duration::from_secs(30), 0.0), None);
        assert_eq!(pause(&trouble(Retry::Backoff, None), 1, Duration::from_millis(100), 0.0), None);
    }
}
