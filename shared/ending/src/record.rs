//! What the log and the metrics say of a run that ended.

use domain::operation_run::{OperationRun, Outcome, RunState};
use runtime::metric::{self, Metric, Unit};

/// Tells of a completed run: one line that reads alone, and what dashboards count.
pub fn record(run: &OperationRun) {
    let RunState::Completed(completion) = &run.state else { return };
    let outcome = match &completion.outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed(_) => "failed",
        Outcome::Interrupted { .. } => "interrupted",
        Outcome::Blocked { .. } => "blocked",
    };
    let reason = completion.outcome.cause().map(|failure| failure.code.as_str());
    let duration = completion.completed_at.since(run.header.created_at);
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        run.id = %run.header.id,
        workspace.id = %run.header.workspace_id,
        outcome,
        reason,
        overall = completion.report.overall.as_str(),
        attempts = completion.attempts,
        duration_ms,
        "verification completed"
    );
    let completions = Metric::one("Completions", "reason", reason.unwrap_or(outcome));
    let unit = Unit::Milliseconds;
    let duration = Metric { name: "Duration", unit, value: duration_ms, dimension: Some(("outcome", outcome)) };
    let metrics = [completions, duration, Metric::count("Interrupted", 1)];
    // The last one only of a run that nothing could finish.
    let counted = if matches!(completion.outcome, Outcome::Interrupted { .. }) { &metrics[..] } else { &metrics[..2] };
    metric::emit(counted, completion.completed_at);
}
