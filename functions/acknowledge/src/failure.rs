//! What the caller is told when the table fails: that it did, and nothing else. The log is told here, once.

use runtime::Chain;
use store::StoreError;
use web::Problem;

pub(crate) fn storage(error: &StoreError) -> Problem {
    let retryable = error.is_retryable();
    runtime::damage::tell_of(error);
    tracing::error!(error = %Chain(error), retryable, "the table did not do what the request needs");
    if retryable { Problem::Unavailable } else { Problem::Internal }
}
