//! What a caller is told when something else than their request decides: that they may not, or that the table did not take part, and
//! nothing else of it. The log is told here, once.

use domain::access::Denied;
use runtime::Chain;
use store::StoreError;

use crate::problem::Problem;

impl From<Denied> for Problem {
    /// Outsiders are not told that there is something.
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Lacks(capability) => Problem::Forbidden(capability),
            Denied::Outsider => Problem::NotFound,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let retryable = error.is_retryable();
        runtime::damage::tell_of(&error);
        tracing::error!(error = %Chain(&error), retryable, "the table did not do what the request needs");
        if retryable { Problem::Unavailable } else { Problem::Internal }
    }
}
