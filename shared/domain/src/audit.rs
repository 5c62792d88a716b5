//! Audit events: who did what, when. Ids and codes alone; never tokens, payloads or free text.

use crate::check::CheckKey;
use crate::id::{ConnectionId, EventId, RunId, TenantId, UserId, WorkspaceId};
use crate::names::names;
use crate::operation_run::{OperationRun, RunHeader, RunState};
use crate::reason::ReasonCode;
use crate::run_status::RunOutcome;
use crate::time::Timestamp;

names! {
    /// What happened.
    AuditAction: "an audit action" {
        /// A verification was started.
        VerificationStarted = "verification.started",
        /// A start met an active run and was given that one.
        VerificationDeduplicated = "verification.deduplicated",
        /// A verification could not start, or could not go on.
        VerificationBlocked = "verification.blocked",
        /// A verification ended.
        VerificationCompleted = "verification.completed",
        /// A run that nothing could finish any more was ended.
        VerificationReconciled = "verification.reconciled",
        /// An operator ended an active run.
        VerificationReleased = "verification.released",
        /// A finding of a report was acknowledged.
        VerificationCheckAcknowledged = "verification.check_acknowledged",
        /// The directory was changed.
        DirectoryApplied = "directory.applied",
        /// Everything that was kept of an archived tenant was removed.
        TenantForgotten = "tenant.forgotten",
    }
}

/// One event of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its id; events sort by it in time.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub action: AuditAction,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Who did it; none for the system itself.
    pub actor: Option<UserId>,
    /// On which tenant.
    pub tenant_id: Option<TenantId>,
    /// On which connection.
    pub connection_id: Option<ConnectionId>,
    /// Which run.
    pub run_id: Option<RunId>,
    /// Which check of the run's report.
    pub check_key: Option<CheckKey>,
    /// How the run ended, where it did.
    pub outcome: Option<RunOutcome>,
    /// Why, where there is a code for it.
    pub reason_code: Option<ReasonCode>,
}

impl AuditEvent {
    /// What a run's initiator did to it, or what became of it on their behalf.
    #[must_use]
    pub fn of_run(id: EventId, at: Timestamp, action: AuditAction, run: &RunHeader) -> Self {
        Self {
            id,
            at,
            action,
            workspace_id: run.workspace_id,
            actor: run.initiator.user_id().cloned(),
            tenant_id: Some(run.tenant_id),
            connection_id: run.target.connection_id,
            run_id: Some(run.id),
            check_key: None,
            outcome: None,
            reason_code: None,
        }
    }

    /// How a run ended: its outcome, and the first of its causes.
    #[must_use]
    pub fn of_end(id: EventId, at: Timestamp, action: AuditAction, run: &OperationRun) -> Self {
        let cause = match &run.state {
            RunState::Completed(completion) => completion.outcome.cause(),
            RunState::Queued | RunState::Running(_) => None,
        };
        Self {
            outcome: Some(run.outcome()),
            reason_code: cause.map(|failure| failure.code.clone()),
            ..Self::of_run(id, at, action, &run.header)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{stub, testing};

    #[test]
    fn the_event_of_an_end_names_the_outcome_and_the_first_cause() {
        let id = EventId::new(testing::now(), 1);
        let told = |run: &OperationRun| {
            let event = AuditEvent::of_end(id, testing::now(), AuditAction::VerificationBlocked, run);
            (event.outcome, event.reason_code)
        };
        let queued = OperationRun::queue(testing::header());
        assert_eq!(told(&queued), (Some(RunOutcome::Pending), None));
        let block = testing::block();
        let report = testing::seal(stub::blocked(&block));
        let blocked = queued.block(testing::now(), &block, &report).expect("queued runs are blocked");
        assert_eq!(told(&blocked), (Some(RunOutcome::Blocked), Some(block.reason.into())));
    }
}
