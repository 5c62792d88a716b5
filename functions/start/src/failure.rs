//! What the caller is told when a start fails: that it did, and nothing else. The log is told here, once.

use runtime::Chain;
use starting::StartError;
use web::Problem;

pub(crate) fn failed(error: &StartError) -> Problem {
    let retryable = error.is_retryable();
    if let StartError::Store(error) | StartError::AfterCommit(error) = error {
        runtime::damage::tell_of(error);
    }
    tracing::error!(error = %Chain(error), retryable, "a verification could not be started");
    if retryable { Problem::Unavailable } else { Problem::Internal }
}
