//! Answers that are no refusals, before they become HTTP.

use domain::fingerprint::sha256_hex;
use domain::id::RunId;
use domain::operation_run::{OperationRun, RunState};
use serde::Serialize;

/// Seconds until it is worth asking again for an active run: most are done by then.
const ACTIVE_SECONDS: u32 = 2;

/// The same while the run waits for the provider to recover.
const WAITING_SECONDS: u32 = 30;

/// What a request is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub(crate) success: Success,
    pub(crate) retry_after: Option<u32>,
    /// What tells this body from any other of the same path, without its quotes.
    pub(crate) etag: Option<String>,
    pub(crate) body: String,
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
    pub fn started(run: &OperationRun, body: &impl Serialize) -> Self {
        Self { success: Success::Accepted(run.header.id), ..Self::about(run, body) }
    }

    /// What is stored of a run: 200.
    #[must_use]
    pub fn about(run: &OperationRun, body: &impl Serialize) -> Self {
        Self { retry_after: retry_after(run), ..Self::shown(body) }
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
        Self { success: Success::Ok, retry_after: None, etag: None, body }
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

fn retry_after(run: &OperationRun) -> Option<u32> {
    match &run.state {
        RunState::Running(attempt) if attempt.retry_at.is_some() => Some(WAITING_SECONDS),
        RunState::Queued | RunState::Running(_) => Some(ACTIVE_SECONDS),
        RunState::Completed(_) => None,
    }
}
