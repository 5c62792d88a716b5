//! A run as it is stored: everything but its report. The states' own data are attributes that only some states have; reading puts
//! them back into the variant that needs them, and refuses an item that lacks one.

use std::time::Duration;

use domain::fingerprint::Fingerprint;
use domain::id::{ConnectionId, RunId, SessionId, TenantId, UserId, WorkspaceId};
use domain::identity::RunIdentityHash;
use domain::naming::NamingDigest;
use domain::next_step::NextStep;
use domain::operation_run::{
    Attempt, Completion, Failures, Initiator, Interruption, Operation, OperationRun, Outcome, ReportDigest, RunHeader,
    RunState, RunTarget,
};
use domain::report::{Overall, PreviousReport, VerifiedReport};
use domain::run_status::{RunOutcome, RunStatus};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::run_parts::{CountsMap, FailureMap};
use crate::error::{Damaged, Unreadable};
use crate::item::{self, Entity, Item, digest};
use crate::key;

/// The attribute that tells this call's own write from another's: the token of the call that wrote the run last.
pub(crate) const WRITTEN_BY: &str = "written_by";

/// Who started a run, where it was no user.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum InitiatedBy {
    System,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RunItem {
    id: RunId,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    #[serde(rename = "type")]
    operation: Operation,
    run_identity_hash: RunIdentityHash,
    /// Written when it was nobody but the system; a user is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    initiated_by: Option<InitiatedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initiator_user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initiator_name: Option<String>,
    provider: domain::connection::Provider,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_connection_id: Option<ConnectionId>,
    entra_tenant_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    entra_tenant_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onboarding_session_id: Option<SessionId>,
    created_at: Timestamp,
    version: u64,
    status: RunStatus,
    outcome: RunOutcome,
    /// 0 until a worker takes the run.
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failure_summary: Vec<FailureMap>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    next_steps: Vec<NextStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interruption: Option<Interruption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overall: Option<Overall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<CountsMap>,
    #[serde(default, with = "digest::optional", skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Fingerprint>,
    #[serde(default, with = "digest::optional", skip_serializing_if = "Option::is_none")]
    naming: Option<NamingDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_report_id: Option<RunId>,
    /// The last verified report before its own, with the next two.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_with: Option<RunId>,
    #[serde(default, with = "digest::optional", skip_serializing_if = "Option::is_none")]
    compared_fingerprint: Option<Fingerprint>,
    #[serde(default, with = "digest::optional", skip_serializing_if = "Option::is_none")]
    compared_naming: Option<NamingDigest>,
}

/// The item of a run, as the call with this token writes it. A completed run vanishes `retention` after it ended; an active one
/// stays.
pub(crate) fn of_run(run: &OperationRun, retention: Duration, token: &str) -> Item {
    let body = RunItem::of(run);
    let mut item = item::build(Entity::Run, &key::run(body.id), &body);
    item.insert(WRITTEN_BY.to_owned(), item::text(token));
    item::enter(&mut item, &key::run_of_tenant(body.tenant_id, body.id));
    item::enter(&mut item, &key::run_of_workspace(body.workspace_id, body.id));
    if let Some(completed_at) = body.completed_at {
        item::expire(&mut item, completed_at, retention);
    }
    item
}

/// Reads a run.
pub(crate) fn to_run(item: Item) -> Result<OperationRun, Damaged> {
    let key = item::key_of(&item);
    let stored: RunItem = item::read(Entity::Run, item)?;
    stored.into_run().map_err(|source| item::damaged(Entity::Run, &key, source))
}

impl RunItem {
    fn of(run: &OperationRun) -> Self {
        let header = run.header.clone();
        let (initiated_by, initiator_user_id, initiator_name) = match header.initiator {
            Initiator::User { id, name } => (None, Some(id), name),
            Initiator::System => (Some(InitiatedBy::System), None, None),
        };
        let queued = Self {
            id: header.id,
            workspace_id: header.workspace_id,
            tenant_id: header.tenant_id,
            operation: header.operation,
            run_identity_hash: header.identity_hash,
            initiated_by,
            initiator_user_id,
            initiator_name,
            provider: header.target.provider,
            module: header.target.module,
            provider_connection_id: header.target.connection_id,
            entra_tenant_id: header.target.entra_tenant_id,
            entra_tenant_name: header.target.entra_tenant_name,
            onboarding_session_id: header.session_id,
            created_at: header.created_at,
            version: run.version,
            status: RunStatus::Queued,
            outcome: RunOutcome::Pending,
            attempt: 0,
            started_at: None,
            lease_until: None,
            retry_at: None,
            completed_at: None,
            failure_summary: Vec::new(),
            next_steps: Vec::new(),
            interruption: None,
            overall: None,
            counts: None,
            fingerprint: None,
            naming: None,
            previous_report_id: None,
            compared_with: None,
            compared_fingerprint: None,
            compared_naming: None,
        };
        match &run.state {
            RunState::Queued => queued,
            RunState::Running(attempt) => Self {
                status: RunStatus::Running,
                attempt: attempt.number,
                started_at: Some(attempt.started_at),
                lease_until: Some(attempt.lease_until),
                retry_at: attempt.retry_at,
                ..queued
            },
            RunState::Completed(completion) => queued.completed(completion),
        }
    }

    fn completed(self, completion: &Completion) -> Self {
        let (outcome, next_steps, interruption) = match &completion.outcome {
            Outcome::Succeeded => (RunOutcome::Succeeded, &[][..], None),
            Outcome::Failed(_) => (RunOutcome::Failed, &[][..], None),
            Outcome::Interrupted { why, .. } => (RunOutcome::Failed, &[][..], Some(*why)),
            Outcome::Blocked { next_steps, .. } => (RunOutcome::Blocked, next_steps.as_slice(), None),
        };
        let failures = completion.outcome.failures();
        let report = &completion.report;
        let last_verified = report.previous.as_ref().and_then(|previous| previous.last_verified.as_ref());
        Self {
            status: RunStatus::Completed,
            outcome,
            attempt: completion.attempts,
            started_at: completion.started_at,
            completed_at: Some(completion.completed_at),
            failure_summary: failures.iter().map(FailureMap::from).collect(),
            next_steps: next_steps.to_vec(),
            interruption,
            overall: Some(report.overall),
            counts: Some(report.counts.into()),
            fingerprint: Some(report.fingerprint.clone()),
            naming: report.naming.clone(),
            previous_report_id: report.previous.as_ref().map(|previous| previous.run_id),
            compared_with: last_verified.map(|verified| verified.run_id),
            compared_fingerprint: last_verified.map(|verified| verified.fingerprint.clone()),
            compared_naming: last_verified.and_then(|verified| verified.naming.clone()),
            ..self
        }
    }

    fn into_run(self) -> Result<OperationRun, Unreadable> {
        let header = RunHeader {
            id: self.id,
            workspace_id: self.workspace_id,
            tenant_id: self.tenant_id,
            operation: self.operation,
            identity_hash: self.run_identity_hash.clone(),
            initiator: self.initiator()?,
            target: RunTarget {
                provider: self.provider,
                module: self.module.clone(),
                connection_id: self.provider_connection_id,
                entra_tenant_id: self.entra_tenant_id.clone(),
                entra_tenant_name: self.entra_tenant_name.clone(),
            },
            session_id: self.onboarding_session_id,
            created_at: self.created_at,
        };
        let version = self.version;
        let state = match self.status {
            RunStatus::Queued => RunState::Queued,
            RunStatus::Running => RunState::Running(Attempt {
                number: self.attempt,
                started_at: needed(self.started_at, "started_at")?,
                lease_until: needed(self.lease_until, "lease_until")?,
                retry_at: self.retry_at,
            }),
            RunStatus::Completed => RunState::Completed(self.into_completion()?),
        };
        Ok(OperationRun { header, version, state })
    }

    /// Who started it. A run that does not say is nobody's: it never counts as the system's own.
    fn initiator(&self) -> Result<Initiator, Unreadable> {
        match (self.initiated_by, &self.initiator_user_id) {
            (None, Some(id)) => Ok(Initiator::User { id: id.clone(), name: self.initiator_name.clone() }),
            (None, None) => Err(Unreadable::Missing("initiator_user_id")),
            (Some(InitiatedBy::System), None) => Ok(Initiator::System),
            (Some(InitiatedBy::System), Some(_)) => {
                Err(Unreadable::Exclusive("initiator_user_id", "initiated_by = system"))
            }
        }
    }

    fn into_completion(self) -> Result<Completion, Unreadable> {
        let mut failures = self.failure_summary.into_iter().map(Into::into);
        let outcome = match self.outcome {
            RunOutcome::Pending => return Err(Unreadable::Missing("outcome")),
            RunOutcome::Succeeded => Outcome::Succeeded,
            RunOutcome::Failed => match self.interruption {
                Some(why) => Outcome::Interrupted { failure: needed(failures.next(), "failure_summary")?, why },
                None => {
                    Outcome::Failed(Failures::stored(failures.collect()).ok_or(Unreadable::Missing("failure_summary"))?)
                }
            },
            RunOutcome::Blocked => {
                Outcome::Blocked { failure: needed(failures.next(), "failure_summary")?, next_steps: self.next_steps }
            }
        };
        let last_verified = match (self.compared_with, self.compared_fingerprint) {
            (Some(run_id), Some(fingerprint)) => {
                Some(VerifiedReport { run_id, fingerprint, naming: self.compared_naming })
            }
            (None, None) => None,
            (Some(_), None) => return Err(Unreadable::Missing("compared_fingerprint")),
            (None, Some(_)) => return Err(Unreadable::Missing("compared_with")),
        };
        let previous = match (self.previous_report_id, last_verified) {
            (Some(run_id), last_verified) => Some(PreviousReport { run_id, last_verified }),
            (None, None) => None,
            (None, Some(_)) => return Err(Unreadable::Missing("previous_report_id")),
        };
        Ok(Completion {
            outcome,
            attempts: self.attempt,
            started_at: self.started_at,
            completed_at: needed(self.completed_at, "completed_at")?,
            report: ReportDigest {
                overall: needed(self.overall, "overall")?,
                counts: needed(self.counts, "counts")?.into(),
                fingerprint: needed(self.fingerprint, "fingerprint")?,
                naming: self.naming,
                previous,
            },
        })
    }
}

fn needed<T>(value: Option<T>, name: &'static str) -> Result<T, Unreadable> {
    value.ok_or(Unreadable::Missing(name))
}

#[cfg(test)]
mod tests;
