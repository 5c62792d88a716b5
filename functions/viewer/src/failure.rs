//! What the caller is told when stored data cannot be had: that it cannot, and nothing else. The log is told here, once.

use domain::id::RunId;
use runtime::Chain;
use store::StoreError;
use web::Problem;

pub(crate) fn storage(error: &StoreError) -> Problem {
    let retryable = error.is_retryable();
    runtime::damage::tell_of(error);
    tracing::error!(error = %Chain(error), retryable, "the table did not do what the request needs");
    if retryable { Problem::Unavailable } else { Problem::Internal }
}

pub(crate) fn unreadable_report(run_id: RunId, error: &serde_json::Error) -> Problem {
    tracing::error!(run.id = run_id.get(), %error, "a stored report cannot be read");
    Problem::Internal
}
