//! Answers that are no refusals, before they become HTTP.

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
    /// The run that was started or found, for a start.
    pub(crate) started: Option<RunId>,
    pub(crate) retry_after: Option<u32>,
    pub(crate) body: String,
}

impl Reply {
    /// A start's answer: 202 with the run's link.
    ///
    /// # Panics
    /// Never for the wire structs of this crate: their keys are texts.
    #[must_use]
    pub fn started(run: &OperationRun, body: &impl Serialize) -> Self {
        Self { started: Some(run.header.id), ..Self::about(run, body) }
    }

    /// What is stored of a run: 200.
    #[must_use]
    pub fn about(run: &OperationRun, body: &impl Serialize) -> Self {
        Self { retry_after: retry_after(run), ..Self::shown(body) }
    }

    /// What is stored: 200.
    #[must_use]
    pub fn shown(body: &impl Serialize) -> Self {
        Self::document(serde_json::to_string(body).expect("wire structs have texts as keys"))
    }

    /// A JSON document as it is stored: 200.
    #[must_use]
    pub fn document(body: String) -> Self {
        Self { started: None, retry_after: None, body }
    }
}

fn retry_after(run: &OperationRun) -> Option<u32> {
    match &run.state {
        RunState::Running(attempt) if attempt.retry_at.is_some() => Some(WAITING_SECONDS),
        RunState::Queued | RunState::Running(_) => Some(ACTIVE_SECONDS),
        RunState::Completed(_) => None,
    }
}
