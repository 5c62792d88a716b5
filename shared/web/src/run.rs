//! How a run looks on the wire. Apart from the domain's own types, so that one may change without the other.

use domain::connection::Provider;
use domain::id::{ConnectionId, RunId, TenantId, UserId, WorkspaceId};
use domain::next_step::NextStep;
use domain::operation_run::{Failure, Interruption, Operation, OperationRun, Outcome, RunState};
use domain::reason::ReasonCode;
use domain::report::Counts;
use domain::run_status::{RunOutcome, RunStatus};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

/// A run as every answer shows it.
#[derive(Debug, Serialize)]
pub struct RunBody<'a> {
    id: RunId,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    #[serde(rename = "type")]
    operation: Operation,
    status: RunStatus,
    outcome: RunOutcome,
    run_identity_hash: &'a str,
    initiator: InitiatorBody<'a>,
    context: ContextBody<'a>,
    failure_summary: Vec<FailureBody<'a>>,
    summary_counts: Option<Counts>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    version: u64,
    attempt: u32,
    /// Null unless the run waits for its provider.
    waiting_until: Option<Timestamp>,
    /// Null until the run is completed.
    verified: Option<bool>,
}

#[derive(Debug, Serialize)]
struct InitiatorBody<'a> {
    user_id: Option<&'a UserId>,
    name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ContextBody<'a> {
    provider: Provider,
    module: Option<&'a str>,
    provider_connection_id: Option<ConnectionId>,
    target_scope: TargetScopeBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_report: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'a ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_steps: Option<&'a [NextStep]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconciliation: Option<ReconciliationBody>,
}

/// Why and when a run was ended that nothing could finish any more.
#[derive(Debug, Clone, Copy, Serialize)]
struct ReconciliationBody {
    reason: Interruption,
    at: Timestamp,
}

#[derive(Debug, Serialize)]
struct TargetScopeBody<'a> {
    entra_tenant_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entra_tenant_name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct FailureBody<'a> {
    code: &'a ReasonCode,
    message: &'a str,
    count: u32,
}

impl<'a> From<&'a Failure> for FailureBody<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self { code: &failure.code, message: &failure.message, count: failure.count }
    }
}

/// What the fields of a run's representation are taken from, state by state.
#[derive(Default)]
struct Progress<'a> {
    attempt: u32,
    started_at: Option<Timestamp>,
    waiting_until: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    summary_counts: Option<Counts>,
    failures: &'a [Failure],
    blocked: Option<(&'a ReasonCode, &'a [NextStep])>,
    reconciliation: Option<ReconciliationBody>,
    verified: Option<bool>,
}

impl<'a> Progress<'a> {
    fn of(state: &'a RunState) -> Self {
        let completion = match state {
            RunState::Queued => return Self::default(),
            RunState::Running(attempt) => {
                return Self {
                    attempt: attempt.number,
                    started_at: Some(attempt.started_at),
                    waiting_until: attempt.retry_at,
                    ..Self::default()
                };
            }
            RunState::Completed(completion) => completion,
        };
        let completed = Self {
            attempt: completion.attempts,
            started_at: completion.started_at,
            completed_at: Some(completion.completed_at),
            summary_counts: Some(completion.report.counts),
            failures: completion.outcome.failures(),
            verified: Some(completion.outcome.is_verified()),
            ..Self::default()
        };
        match &completion.outcome {
            Outcome::Succeeded | Outcome::Failed(_) => completed,
            Outcome::Interrupted { why, .. } => {
                let reconciliation = ReconciliationBody { reason: *why, at: completion.completed_at };
                Self { reconciliation: Some(reconciliation), ..completed }
            }
            Outcome::Blocked { failure, next_steps } => {
                Self { blocked: Some((&failure.code, next_steps)), ..completed }
            }
        }
    }
}

impl<'a> RunBody<'a> {
    /// The run with its report, as the report is stored: byte for byte.
    ///
    /// # Errors
    /// A stored report that is not JSON.
    pub fn of(run: &'a OperationRun, report: Option<&'a [u8]>) -> Result<Self, serde_json::Error> {
        let mut body = Self::without_report(run);
        body.context.verification_report = report.map(serde_json::from_slice).transpose()?;
        Ok(body)
    }

    /// The run alone, as lists show it.
    #[must_use]
    pub fn without_report(run: &'a OperationRun) -> Self {
        let (header, target) = (&run.header, &run.header.target);
        let progress = Progress::of(&run.state);
        let context = ContextBody {
            provider: target.provider,
            module: target.module.as_deref(),
            provider_connection_id: target.connection_id,
            target_scope: TargetScopeBody {
                entra_tenant_id: &target.entra_tenant_id,
                entra_tenant_name: target.entra_tenant_name.as_deref(),
            },
            verification_report: None,
            reason_code: progress.blocked.map(|(reason_code, _)| reason_code),
            next_steps: progress.blocked.map(|(_, next_steps)| next_steps),
            reconciliation: progress.reconciliation,
        };
        Self {
            id: header.id,
            workspace_id: header.workspace_id,
            tenant_id: header.tenant_id,
            operation: header.operation,
            status: run.status(),
            outcome: run.outcome(),
            run_identity_hash: header.identity_hash.as_str(),
            initiator: InitiatorBody { user_id: header.initiator.user_id(), name: header.initiator.name() },
            context,
            failure_summary: progress.failures.iter().map(FailureBody::from).collect(),
            summary_counts: progress.summary_counts,
            created_at: header.created_at,
            started_at: progress.started_at,
            completed_at: progress.completed_at,
            version: run.version,
            attempt: progress.attempt,
            waiting_until: progress.waiting_until,
            verified: progress.verified,
        }
    }
}

#[cfg(test)]
mod tests;
