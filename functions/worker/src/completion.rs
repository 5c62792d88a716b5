//! Completing a run: the report is sealed with the report before it, and everything is written at once or not at all.

use domain::audit::{AuditAction, AuditEvent};
use domain::check::Check;
use domain::checks::Verdict;
use domain::connection::ConnectionHealth;
use domain::id::{EventId, RunId};
use domain::operation_run::{Attempt, OperationRun, Outcome, RunState};
use domain::preflight::Block;
use domain::report::{PreviousReport, Report, SealedReport};
use domain::stub::stub;
use domain::time::Timestamp;
use runtime::metric::{Metric, Unit};
use store::{Completed, ExecutionData, Origin, Saved};

use crate::App;
use crate::execution::{Ended, ExecutionError, ReportError};

/// The check ended: writes run, report, inventory, health and audit event.
pub(crate) async fn finish(
    app: &App,
    run: OperationRun,
    data: &ExecutionData,
    verdict: Verdict,
) -> Result<Ended, ExecutionError> {
    let now = runtime::clock::now();
    let health = verdict.health.as_ref().map(|finding| ConnectionHealth {
        verification_status: finding.status,
        last_verified_at: now,
        last_error_reason_code: finding.last_error.clone(),
        run_id: run.header.id,
    });
    let template = Template { run: &run, action: AuditAction::VerificationCompleted, now, checks: &verdict.checks };
    let make = |previous: Option<PreviousReport>| {
        let report = template.seal(previous)?;
        let finished = run.clone().finish(now, verdict.result.clone(), &report)?;
        let completed = template.completed(finished, report);
        Ok(Completed { inventory: verdict.inventory.clone(), health: health.clone(), ..completed })
    };
    settle(app, run.header.id, app.store.complete(now, data.latest.clone(), make).await?).await
}

/// A prerequisite was lost since the start: writes run, stub and audit event. Nothing was sent to Microsoft with effect.
pub(crate) async fn block(
    app: &App,
    run: OperationRun,
    data: &ExecutionData,
    block: &Block,
) -> Result<Ended, ExecutionError> {
    let now = runtime::clock::now();
    let checks = stub(block);
    let template = Template { run: &run, action: AuditAction::VerificationBlocked, now, checks: &checks };
    let make = |previous: Option<PreviousReport>| {
        let report = template.seal(previous)?;
        let blocked = run.clone().block(now, block, &report)?;
        let mut completed = template.completed(blocked, report);
        completed.audit.reason_code = Some(block.reason.into());
        Ok(completed)
    };
    settle(app, run.header.id, app.store.complete(now, data.latest.clone(), make).await?).await
}

/// Somebody else's writing came first: when the run is terminal the message has done its work, else it has not.
pub(crate) async fn overtaken(app: &App, run_id: RunId) -> Result<Ended, ExecutionError> {
    let run = app.store.load_run(run_id).await?;
    let active = run.is_some_and(|run| run.is_active());
    tracing::warn!(run.id = %run_id, active, "another attempt overtook this one, which changed nothing");
    Ok(if active { Ended::Open } else { Ended::Settled })
}

async fn settle(app: &App, run_id: RunId, saved: Saved) -> Result<Ended, ExecutionError> {
    match saved {
        Saved::Done(completed) => {
            record(&completed.run);
            Ok(Ended::Settled)
        }
        Saved::Stale | Saved::IdTaken | Saved::Refused(_) => overtaken(app, run_id).await,
    }
}

/// What finishing and blocking have in common.
struct Template<'a> {
    run: &'a OperationRun,
    action: AuditAction,
    now: Timestamp,
    checks: &'a [Check],
}

impl Template<'_> {
    fn seal(&self, previous: Option<PreviousReport>) -> Result<SealedReport, ReportError> {
        let run = &self.run.header;
        Ok(Report { run, generated_at: self.now, previous, checks: self.checks.to_vec() }.seal()?)
    }

    fn completed(&self, run: OperationRun, report: SealedReport) -> Completed {
        let event = EventId::new(self.now, runtime::clock::random());
        let audit = AuditEvent::of_run(event, self.now, self.action, &self.run.header);
        let attempt = match &self.run.state {
            RunState::Running(Attempt { number, .. }) => *number,
            RunState::Queued | RunState::Completed(_) => 0,
        };
        Completed { run, report, origin: Origin::Claimed { attempt }, inventory: None, health: None, audit }
    }
}

/// One line that reads alone, and what dashboards count.
fn record(run: &OperationRun) {
    let RunState::Completed(completion) = &run.state else { return };
    let (outcome, reason) = match &completion.outcome {
        Outcome::Succeeded => ("succeeded", None),
        Outcome::Failed(failures) => ("failed", failures.first().map(|failure| failure.code.as_str())),
        Outcome::Blocked { failure, .. } => ("blocked", Some(failure.code.as_str())),
    };
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
    Metric::one("Completions", "reason", reason.unwrap_or(outcome)).emit(completion.completed_at);
    let dimension = ("outcome", outcome);
    Metric { name: "Duration", unit: Unit::Milliseconds, value: duration_ms, dimension }.emit(completion.completed_at);
}
