//! What the caller is told when a start fails: that it did, and nothing else. The log is told here, once.

use runtime::Chain;
use starting::StartError;
use store::StoreError;
use web::Problem;

pub(crate) fn storage(error: &StoreError) -> Problem {
    let retryable = error.is_retryable();
    runtime::damage::tell_of(error);
    tracing::error!(error = %Chain(error), retryable, "the table did not do what the request needs");
    if retryable { Problem::Unavailable } else { Problem::Internal }
}

pub(crate) fn failed(error: &StartError) -> Problem {
    let retryable = error.is_retryable();
    if let StartError::Store(error) | StartError::AfterCommit(error) = error {
        runtime::damage::tell_of(error);
    }
    tracing::error!(error = %Chain(error), retryable, "a verification could not be started");
    if retryable { Problem::Unavailable } else { Problem::Internal }
}
