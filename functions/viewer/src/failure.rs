//! What the caller is told when a stored report cannot be read: that it cannot, and nothing else. The log is told here, once.

use domain::id::RunId;
use web::Problem;

pub(crate) fn unreadable_report(run_id: RunId, error: &serde_json::Error) -> Problem {
    tracing::error!(run.id = run_id.get(), %error, "a stored report cannot be read");
    Problem::Internal
}
