//! Audit events: who did what, when. Ids and codes alone; never tokens, payloads or free text.

use crate::check::CheckKey;
use crate::directory::DirectoryChanges;
use crate::fingerprint::{InvalidFingerprint, parse_digest, sha256_hex};
use crate::id::{ConnectionId, EventId, RunId, TenantId, UserId, WorkspaceId};
use crate::names::names;
use crate::operation_run::{Initiator, OperationRun, RunHeader, RunState};
use crate::parsed_text::parsed_text;
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

/// Why a text is not an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an ARN is arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, in at most 2048 printable characters")]
pub struct InvalidArn;

parsed_text! {
    /// Who holds the operators' AWS credentials, as `sts:GetCallerIdentity` names them: a user, or a role with the name of its session.
    OperatorArn, or InvalidArn, by parse_arn;
    /// SHA-256 of a directory file's bytes, in 64 lower-case hexadecimal digits, as `sha256sum` prints it.
    FileDigest, or InvalidFingerprint, by parse_digest;
}

fn parse_arn(text: String) -> Result<String, InvalidArn> {
    let is_one = text.len() <= 2048 && text.starts_with("arn:") && text.splitn(6, ':').count() == 6;
    let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_one && is_printable).then_some(text).ok_or(InvalidArn)
}

impl FileDigest {
    /// Of a file with these bytes.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        Self(sha256_hex(file).into())
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody: the system itself.
    System,
    /// A user of the API.
    User(UserId),
    /// An operator, at the table.
    Operator(OperatorArn),
}

impl Actor {
    /// The user, if it was one.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Actor::User(user) => Some(user),
            Actor::System | Actor::Operator(_) => None,
        }
    }

    /// The operator, if it was one.
    #[must_use]
    pub fn operator(&self) -> Option<&OperatorArn> {
        match self {
            Actor::Operator(operator) => Some(operator),
            Actor::System | Actor::User(_) => None,
        }
    }
}

impl From<&Initiator> for Actor {
    fn from(initiator: &Initiator) -> Self {
        initiator.user_id().map_or(Actor::System, |user| Actor::User(user.clone()))
    }
}

/// A directory file that is brought into the table, and who does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedFile {
    /// Who.
    pub operator: OperatorArn,
    /// Which file.
    pub digest: FileDigest,
}

/// What one transaction made of a directory file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The file.
    pub digest: FileDigest,
    /// What changed with it.
    pub changes: DirectoryChanges,
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
    /// Who did it.
    pub actor: Actor,
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
    /// What changed in the directory, where that did.
    pub applied: Option<Applied>,
}

impl AuditEvent {
    /// What somebody did in a workspace, without anything more.
    #[must_use]
    pub fn new(id: EventId, at: Timestamp, action: AuditAction, workspace_id: WorkspaceId, actor: Actor) -> Self {
        Self {
            id,
            at,
            action,
            workspace_id,
            actor,
            tenant_id: None,
            connection_id: None,
            run_id: None,
            check_key: None,
            outcome: None,
            reason_code: None,
            applied: None,
        }
    }

    /// What a run's initiator did to it, or what became of it on their behalf.
    #[must_use]
    pub fn of_run(id: EventId, at: Timestamp, action: AuditAction, run: &RunHeader) -> Self {
        Self {
            tenant_id: Some(run.tenant_id),
            connection_id: run.target.connection_id,
            run_id: Some(run.id),
            ..Self::new(id, at, action, run.workspace_id, Actor::from(&run.initiator))
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
    fn an_operator_is_named_by_an_arn() {
        for text in [
            "arn:aws:iam::123456789012:user/ops/ada",
            "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_0a/ada@example.com",
            "arn:aws-us-gov:iam::123456789012:root",
        ] {
            assert_eq!(text.parse::<OperatorArn>().expect("an ARN").as_str(), text);
        }
        let long = format!("arn:aws:iam::123456789012:user/{}", "x".repeat(2048));
        for text in ["", "ada", "arn:aws:iam", "arn:aws:iam::1:user/\u{202e}ada", "arn:aws:iam::1:user/a b", &long] {
            assert_eq!(text.parse::<OperatorArn>(), Err(InvalidArn), "{text}");
        }
    }

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
