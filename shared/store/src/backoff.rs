//! How long to wait before a call is tried again: longer each time, with full jitter, and not for ever.

use std::time::Duration;

/// The first wait is below this: another transaction is gone within milliseconds.
const FIRST: Duration = Duration::from_millis(20);

/// No wait is longer than this: a caller waits for the answer.
const LONGEST: Duration = Duration::from_millis(500);

/// More tries than this (one second and a half of waiting in the mean) only add to what is in the way.
const MOST: u32 = 9;

/// The waits of one logical call.
#[derive(Debug)]
pub(crate) struct Backoff {
    waits: u32,
    tries: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::of(MOST)
    }
}

impl Backoff {
    /// With so many tries, the first included.
    pub(crate) fn of(tries: u32) -> Self {
        Self { waits: 0, tries }
    }

    /// How long to wait before the next try; none when there is no next one.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        if self.waits + 1 >= self.tries {
            return None;
        }
        let ceiling = (FIRST.saturating_mul(2_u32.saturating_pow(self.waits))).min(LONGEST);
        self.waits += 1;
        Some(ceiling.mul_f64(fastrand::f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_bounded_in_number_and_length() {
        let mut backoff = Backoff::default();
        let waits: Vec<Duration> = std::iter::from_fn(|| backoff.next()).collect();
        assert_eq!(waits.len(), 8);
        assert!(waits.iter().all(|wait| *wait <= LONGEST) && waits[0] <= FIRST);
        // Each wait may be twice as long as the one before, up to the longest, and no two calls that met wait alike.
        let drawn: Vec<Vec<Duration>> = (0..200)
            .map(|_| {
                let mut backoff = Backoff::default();
                std::iter::from_fn(|| backoff.next()).collect()
            })
            .collect();
        let mut ceiling = FIRST;
        for place in 0..8 {
            let waits = drawn.iter().map(|waits| waits[place]);
            let (shortest, longest) = (waits.clone().min().unwrap(), waits.max().unwrap());
            assert!(
                longest <= ceiling && longest > ceiling * 3 / 4 && shortest < ceiling / 4,
                "{place}: {shortest:?} to {longest:?}"
            );
            ceiling = (ceiling * 2).min(LONGEST);
        }
        let mut patient = Backoff::of(64);
        assert_eq!(std::iter::from_fn(|| patient.next()).count(), 63);
    }
}
