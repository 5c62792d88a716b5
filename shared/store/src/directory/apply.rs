//! Brings a plan into the table, transaction by transaction: first the workspaces, each with its members, then the tenants in the plan's
//! order, and last the onboarding sessions that are about them. Each carries the audit event of what it changes, so no change goes
//! without one, and none is told that did not happen.

use std::collections::BTreeMap;
use std::fmt;

use domain::audit::{Actor, Applied, AppliedFile, AuditAction, AuditEvent};
use domain::directory::{DirectoryChanges, Plan};
use domain::id::{EventId, SessionId, TenantId, WorkspaceId};
use domain::time::Timestamp;

use super::steps::Part;
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
    workspace: WorkspaceId,
    tenant: Option<TenantId>,
    part: Part,
}

impl Store {
    /// Writes what a plan of this file changes; nothing at all when it changes nothing.
    ///
    /// # Errors
    /// [`DirectoryError`] says how far it came.
    pub async fn apply_directory(&self, plan: &Plan, file: &AppliedFile, now: Timestamp) -> Result<(), DirectoryError> {
        let steps = self.steps(plan);
        let planned = steps.len();
        for (written, step) in steps.into_iter().enumerate() {
            let subject = step.subject;
            let result = self.write_step(step, file, now).await;
            result.map_err(|cause| DirectoryError { subject, written, planned, cause })?;
        }
        Ok(())
    }

    fn steps(&self, plan: &Plan) -> Vec<Step> {
        let changed = plan.changed_workspaces();
        let mut steps = Vec::new();
        for edits in plan.workspaces.iter().filter(|edits| changed.contains(&edits.workspace_id())) {
            let workspace = edits.workspace_id();
            let subject = DirectorySubject::Workspace(workspace);
            let parts = self.workspace_parts(edits).into_iter();
            steps.extend(parts.map(|part| Step { subject, workspace, tenant: None, part }));
        }
        for edits in plan.tenants.iter().filter(|edits| edits.is_change()) {
            let (tenant, workspace) = (edits.tenant_id(), edits.workspace_id());
            let subject = DirectorySubject::Tenant(tenant);
            let parts = self.tenant_parts(edits).into_iter();
            steps.extend(parts.map(|part| Step { subject, workspace, tenant: Some(tenant), part }));
        }
        // One by one: a verification that is started from one of them meanwhile is in the way of that one alone.
        steps.extend(plan.sessions.iter().filter_map(|edit| {
            let (session, part) = self.session_part(edit)?;
            let (workspace, tenant) = edit.after().map(|session| (session.workspace_id, session.tenant_id))?;
            Some(Step { subject: DirectorySubject::Session(session), workspace, tenant, part })
        }));
        steps
    }

    async fn write_step(&self, step: Step, file: &AppliedFile, now: Timestamp) -> Result<(), DirectoryCause> {
        let token = transaction::token();
        let events = applied(&step, file, now);
        let mut items = step.part.items;
        items.extend(events.iter().map(|event| self.record(event, &token)));
        match self.transact(&items, &token).await? {
            Transacted::Committed => Ok(()),
            Transacted::Refused(_) => Err(DirectoryCause::Changed),
        }
    }
}

/// What the trails say of a transaction, unless that only counts the versions on: that of its workspace everything, that of each workspace
/// that loses an app, that.
fn applied(step: &Step, file: &AppliedFile, now: Timestamp) -> Vec<AuditEvent> {
    let changes = &step.part.changes;
    if changes.is_empty() {
        return Vec::new();
    }
    let event = |workspace, changes| {
        let (id, actor) = (EventId::new(now, fastrand::u16(..)), Actor::Operator(file.operator.clone()));
        let event = AuditEvent::new(id, now, AuditAction::DirectoryApplied, workspace, actor);
        AuditEvent { applied: Some(Applied { digest: file.digest.clone(), changes }), ..event }
    };
    let mut lost: BTreeMap<WorkspaceId, DirectoryChanges> = BTreeMap::new();
    for app in &changes.apps {
        lost.entry(app.before).or_default().apps.push(app.clone());
    }
    let own = AuditEvent { tenant_id: step.tenant, ..event(step.workspace, changes.clone()) };
    std::iter::once(own).chain(lost.into_iter().map(|(workspace, changes)| event(workspace, changes))).collect()
}
