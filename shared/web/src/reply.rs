//! Answers that are no refusals, before they become HTTP.

use std::borrow::Cow;

use domain::fingerprint::sha256_hex;
use domain::id::RunId;
use domain::operation_run::{OperationRun, RunState};
use domain::time::Timestamp;
use serde::Serialize;

/// Seconds until it is worth asking again for an active run: most are done by then.
const ACTIVE_SECONDS: u64 = 2;

/// A caller who waits longer than this has better things to do, and asks again when it suits them.
const MOST_SECONDS: u64 = 60;

/// What a request is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub(crate) success: Success,
    pub(crate) retry_after: Option<u32>,
    /// What tells this body from any other of the same path, without its quotes.
    pub(crate) etag: Option<String>,
    pub(crate) keeping: Keeping,
    pub(crate) body: Cow<'static, str>,
    /// The body in gzip, where it is stored so.
    pub(crate) gzip: Option<Vec<u8>>,
}

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Its caller, who asks each time whether it is still so.
    Private,
    /// Anybody, for an hour.
    Public,
}

/// How a request succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Success {
    /// Something is shown.
    Ok,
    /// Something was made.
    Created,
    /// This run was started or found.
    Accepted(RunId),
}

impl Reply {
    /// A start's answer: 202 with the run's link.
    ///
    /// # Panics
    /// Never for the wire structs of this crate: their keys are texts.
    #[must_use]
    pub fn started(run: &OperationRun, body: &impl Serialize, now: Timestamp) -> Self {
        Self { success: Success::Accepted(run.header.id), ..Self::about(run, body, now) }
    }

    /// What is stored of a run: 200.
    #[must_use]
    pub fn about(run: &OperationRun, body: &impl Serialize, now: Timestamp) -> Self {
        Self { retry_after: retry_after(run, now), ..Self::shown(body) }
    }

    /// What was made: 201.
    #[must_use]
    pub fn created(body: &impl Serialize) -> Self {
        Self { success: Success::Created, ..Self::shown(body) }
    }

    /// What is stored: 200.
    #[must_use]
    pub fn shown(body: &impl Serialize) -> Self {
        Self::document(serde_json::to_string(body).expect("wire structs have texts as keys"))
    }

    /// A JSON document as it is stored: 200.
    #[must_use]
    pub fn document(body: String) -> Self {
        let (keeping, body) = (Keeping::Private, body.into());
        Self { success: Success::Ok, retry_after: None, etag: None, keeping, body, gzip: None }
    }

    /// A JSON document that is the same for everybody, to be asked for again by this tag: 200.
    #[must_use]
    pub fn published(body: &'static str, etag: &str) -> Self {
        Self { keeping: Keeping::Public, body: body.into(), ..Self::document(String::new()).tagged_as(etag.to_owned()) }
    }

    /// The same, stored as this gzip of its body: whoever takes gzip is sent it as it is.
    #[must_use]
    pub fn packed_as(self, gzip: Vec<u8>) -> Self {
        Self { gzip: Some(gzip), ..self }
    }

    /// The same, to be asked for again by the digest of its body.
    #[must_use]
    pub fn tagged(self) -> Self {
        let etag = sha256_hex(self.body.as_bytes());
        self.tagged_as(etag)
    }

    /// The same, to be asked for again by this tag: visible ASCII without quotes.
    #[must_use]
    pub fn tagged_as(self, etag: String) -> Self {
        Self { etag: Some(etag), ..self }
    }
}

/// When a caller asks again: soon, or a moment after the run has waited for its provider.
fn retry_after(run: &OperationRun, now: Timestamp) -> Option<u32> {
    let waiting_until = match &run.state {
        RunState::Completed(_) => return None,
        RunState::Queued => None,
        RunState::Running(attempt) => attempt.retry_at,
    };
    let wait = waiting_until.map_or(0, |until| until.since(now).as_millis().div_ceil(1000) + 1);
    let seconds = u64::try_from(wait).unwrap_or(MOST_SECONDS).clamp(ACTIVE_SECONDS, MOST_SECONDS);
    u32::try_from(seconds).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::{BOUNDS, now, run};

    #[test]
    fn a_caller_asks_again_when_the_run_has_waited_and_not_much_later() {
        assert_eq!(retry_after(&run(), now()), Some(2));
        let held = run().claim(now(), now() + Duration::from_mins(1), &BOUNDS).expect("queued runs are claimed");
        assert_eq!(retry_after(&held, now()), Some(2));
        let waiting = held.give_back(now(), now() + Duration::from_millis(6_500)).expect("claimed runs are given back");
        for (later, expected) in [(0, 8), (500, 7), (6_000, 2), (6_500, 2), (60_000, 2)] {
            assert_eq!(retry_after(&waiting, now() + Duration::from_millis(later)), Some(expected), "{later} ms later");
        }
        assert_eq!(retry_after(&waiting, now() - Duration::from_mins(15)), Some(60));
    }
}
