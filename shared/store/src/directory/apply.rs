//! Brings a plan into the table, transaction by transaction: first the workspaces, each with its members and the audit event, so that
//! no change goes without one, then the tenants in the plan's order, and last the onboarding sessions that are about them.

use std::fmt;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::audit::{AuditAction, AuditEvent};
use domain::directory::Plan;
use domain::id::{EventId, SessionId, TenantId, WorkspaceId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::table::Store;
use crate::transaction::{self, Transacted};

/// What a transaction is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectorySubject {
    /// A workspace and its members.
    Workspace(WorkspaceId),
    /// A tenant and what belongs to it.
    Tenant(TenantId),
    /// An onboarding session.
    Session(SessionId),
}

impl fmt::Display for DirectorySubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DirectorySubject::Workspace(id) => write!(f, "workspace {id}"),
            DirectorySubject::Tenant(id) => write!(f, "tenant {id}"),
            DirectorySubject::Session(id) => write!(f, "onboarding session {id}"),
        }
    }
}

/// A plan was brought into the table in part, or not at all. Whatever is written is consistent, and the same file again does the
/// rest.
#[derive(Debug, thiserror::Error)]
#[error("{subject} was not written, nor anything after it; {written} of {planned} transactions were")]
pub struct DirectoryError {
    /// Where it ended.
    pub subject: DirectorySubject,
    /// The transactions written before.
    pub written: usize,
    /// All of them.
    pub planned: usize,
    /// Why it ended.
    #[source]
    pub cause: DirectoryCause,
}

/// Why a plan came to an end.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryCause {
    /// Another writer was faster, or has taken an id meanwhile: a new comparison is needed.
    #[error("it, or an id that it takes, was changed by somebody else after it was read")]
    Changed,
    /// The table does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct Step {
    subject: DirectorySubject,
    items: Vec<TransactWriteItem>,
    /// Which workspace's audit event goes with it.
    audited: Option<WorkspaceId>,
}

impl Store {
    /// Writes what a plan changes; nothing at all when it changes nothing.
    ///
    /// # Errors
    /// [`DirectoryError`] says how far it came.
    pub async fn apply_directory(&self, plan: &Plan, now: Timestamp) -> Result<(), DirectoryError> {
        let steps = self.steps(plan);
        let planned = steps.len();
        for (written, step) in steps.into_iter().enumerate() {
            let subject = step.subject;
            self.write_step(step, now).await.map_err(|cause| DirectoryError { subject, written, planned, cause })?;
        }
        Ok(())
    }

    fn steps(&self, plan: &Plan) -> Vec<Step> {
        let changed = plan.changed_workspaces();
        let mut steps = Vec::new();
        for edits in plan.workspaces.iter().filter(|edits| changed.contains(&edits.workspace_id())) {
            let id = edits.workspace_id();
            let subject = DirectorySubject::Workspace(id);
            let mut audited = Some(id);
            for items in self.workspace_steps(edits, 1) {
                steps.push(Step { subject, items, audited: audited.take() });
            }
        }
        for edits in plan.tenants.iter().filter(|edits| edits.is_change()) {
            let subject = DirectorySubject::Tenant(edits.tenant_id());
            let items = self.tenant_steps(edits).into_iter();
            steps.extend(items.map(|items| Step { subject, items, audited: None }));
        }
        // One by one: a verification that is started from one of them meanwhile is in the way of that one alone.
        steps.extend(plan.sessions.iter().filter_map(|edit| {
            let (session, write) = self.session(edit)?;
            Some(Step { subject: DirectorySubject::Session(session), items: vec![write], audited: None })
        }));
        steps
    }

    async fn write_step(&self, step: Step, now: Timestamp) -> Result<(), DirectoryCause> {
        let token = transaction::token();
        let Step { mut items, audited, .. } = step;
        items.extend(audited.map(|workspace_id| self.record(&applied(workspace_id, now), &token)));
        match self.transact(&items, &token).await? {
            Transacted::Committed => Ok(()),
            Transacted::Refused(_) => Err(DirectoryCause::Changed),
        }
    }
}

fn applied(workspace_id: WorkspaceId, now: Timestamp) -> AuditEvent {
    AuditEvent {
        id: EventId::new(now, fastrand::u16(..)),
        at: now,
        action: AuditAction::DirectoryApplied,
        workspace_id,
        actor: None,
        tenant_id: None,
        connection_id: None,
        run_id: None,
        check_key: None,
        outcome: None,
        reason_code: None,
    }
}
