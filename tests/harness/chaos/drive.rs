//! An invocation whose process may die, or stop for a while and go on.

use std::pin::pin;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{sleep, timeout};

/// What becomes of a process during an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It lives.
    Whole,
    /// It is killed after this time.
    Killed(Duration),
    /// It is stopped after a time, and wakes after another.
    Stopped {
        /// When it is stopped.
        after: Duration,
        /// How long.
        pause: Duration,
    },
}

/// How an invocation ended.
#[derive(Debug)]
pub(super) enum Ended<T> {
    /// With this answer, in its time.
    Answered(T),
    /// Lambda ended it, or waits for it no longer.
    Late,
    /// With its process.
    Died,
}

/// So long a process that wakes after its time goes on before Lambda ends it.
const AWAKENING: Duration = Duration::from_secs(20);

impl Life {
    pub(super) fn drawn(chance: &mut Rng) -> Self {
        // Most work is done within seconds.
        let after = Duration::from_millis(chance.u64(0..5_000));
        match chance.u8(..100) {
            0..12 => Life::Killed(after),
            12..18 => Life::Stopped { after, pause: Duration::from_millis(chance.u64(1_000..150_000)) },
            _ => Life::Whole,
        }
    }

    /// Lets work happen, for as long as the process lives and the invocation may take.
    pub(super) async fn drive<T>(self, limit: Duration, work: impl Future<Output = T>) -> Ended<T> {
        let mut work = pin!(work);
        match self {
            Life::Whole => timeout(limit, work).await.map_or(Ended::Late, Ended::Answered),
            Life::Killed(after) => timeout(after.min(limit), work).await.map_or(Ended::Died, Ended::Answered),
            Life::Stopped { after, pause } => {
                if let Ok(done) = timeout(after, work.as_mut()).await {
                    return Ended::Answered(done);
                }
                // Nobody looks at the work meanwhile: what it waits for happens without it.
                sleep(pause).await;
                let left = limit.saturating_sub(after + pause);
                match timeout(left.max(AWAKENING), work).await {
                    Ok(done) if !left.is_zero() => Ended::Answered(done),
                    Ok(_) | Err(_) => Ended::Late,
                }
            }
        }
    }
}
