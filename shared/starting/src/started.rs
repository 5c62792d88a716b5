//! What a start comes to.

use domain::id::RunId;
use domain::idempotency::StartResult;
use domain::operation_run::{IllegalTransition, OperationRun};
use domain::report::SealError;
use store::{CompleteError, StoreError};

/// The JSON of a report, byte for byte as it was sealed.
pub type ReportJson = Vec<u8>;

/// What a start came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "made once a start and taken apart at once")]
pub enum Started {
    /// A new run waits for a worker. Its message was sent, or will be by whoever looks after runs.
    Accepted(OperationRun),
    /// The same verification was active already: that run, which may have ended since, and its report then.
    Deduplicated(OperationRun, Option<ReportJson>),
    /// A prerequisite is missing: a run that never starts, with the report that says why.
    Blocked(OperationRun, ReportJson),
    /// Another operation is active on the connection: this run.
    Busy(RunId),
    /// The request was made before, with the same key: the run that it was given then, and its report if it has one by now.
    Replayed(OperationRun, Option<ReportJson>, StartResult),
    /// The key was used for another request.
    KeyReused,
    /// The caller has started as much as they may within this minute.
    LimitReached,
    /// The onboarding session was changed since it was read: what to start must be decided again.
    SessionMoved,
    /// The connection that the caller named is not the tenant's.
    UnknownConnection,
}

impl Started {
    /// The word for it in the metrics.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Started::Accepted(_) => StartResult::Accepted.as_str(),
            Started::Deduplicated(..) => StartResult::Deduplicated.as_str(),
            Started::Blocked(..) => StartResult::Blocked.as_str(),
            Started::Busy(_) => "scope_busy",
            Started::Replayed(..) => "replayed",
            Started::KeyReused => "key_reused",
            Started::LimitReached => "limit_reached",
            Started::SessionMoved => "session_moved",
            Started::UnknownConnection => "unknown_connection",
        }
    }
}

/// Why it is not known what a start came to.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The table did not take part. Nothing was sent; a run may be recorded all the same.
    #[error("the table did not take part")]
    Store(#[from] StoreError),
    /// The table did not take part after something was recorded: asking again helps.
    #[error("what was recorded could not be read again")]
    AfterCommit(#[source] StoreError),
    /// A run that a start was given is not in the table.
    #[error("the run {0}, which a start was given, is not in the table")]
    Vanished(RunId),
    /// Every id that was tried for a run is taken.
    #[error("every id that was tried for a run is taken")]
    NoId,
    /// The run was completed by somebody else before anybody could know of it: a fault of this program.
    #[error("the new run {0} was completed by somebody else")]
    Overtaken(RunId),
    /// A blocked run could not be made: a fault of this program.
    #[error("a blocked run could not be made")]
    Make(#[source] MakeError),
}

/// Why a blocked run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    #[error("the stub could not be sealed")]
    Seal(#[from] SealError),
    #[error("a new run could not be blocked")]
    Transition(#[from] IllegalTransition),
}

impl From<CompleteError<MakeError>> for StartError {
    fn from(error: CompleteError<MakeError>) -> Self {
        match error {
            CompleteError::Make(error) => StartError::Make(error),
            CompleteError::Store(error) => StartError::Store(error),
        }
    }
}

impl StartError {
    /// Whether asking again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            StartError::Store(error) => error.is_retryable(),
            StartError::AfterCommit(_) | StartError::Vanished(_) | StartError::NoId => true,
            StartError::Overtaken(_) | StartError::Make(_) => false,
        }
    }
}
