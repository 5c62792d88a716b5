//! Onboarding sessions: where the host SaaS is in bringing a customer's tenant in. The session belongs to the host SaaS and comes in
//! with the directory file; its pointer to a verification belongs to the start from it.

use std::time::Duration;

use crate::connection::ProviderConnection;
use crate::id::{ConnectionId, EntraTenantId, RunId, SessionId, TenantId, UserId, WorkspaceId};
use crate::names::names;
use crate::operation_run::{OperationRun, RunState};
use crate::parsed_text::parsed_text;
use crate::time::Timestamp;

/// An onboarding session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnboardingSession {
    /// Its id.
    pub id: SessionId,
    /// The workspace it belongs to, for good.
    pub workspace_id: WorkspaceId,
    /// The tenant that it brings in; none until that is identified, and then for good.
    pub tenant_id: Option<TenantId>,
    /// The Entra tenant of the customer.
    pub entra_tenant_id: EntraTenantId,
    /// Where the host SaaS is.
    pub current_step: Step,
    /// What was chosen and done so far.
    pub state: SessionState,
    /// Who began it.
    pub started_by: UserId,
    /// Who moved it on last.
    pub updated_by: UserId,
    /// Whether it goes on.
    pub progress: Progress,
    /// Counts its changes; a write states which one it follows.
    pub version: u64,
}

/// What a session remembers. Closed: ids alone, nothing that could be a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionState {
    /// The connection that was selected; none means the tenant's default.
    pub provider_connection_id: Option<ConnectionId>,
    /// The run that was started from it last. Written by that start alone.
    pub verification_operation_run_id: Option<RunId>,
}

/// Whether a session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It does.
    Open,
    /// The customer was brought in.
    Completed(Timestamp),
    /// It was given up.
    Cancelled(Timestamp),
}

impl Progress {
    /// When the customer was brought in.
    #[must_use]
    pub fn completed_at(self) -> Option<Timestamp> {
        match self {
            Progress::Completed(at) => Some(at),
            Progress::Open | Progress::Cancelled(_) => None,
        }
    }

    /// When it was given up.
    #[must_use]
    pub fn cancelled_at(self) -> Option<Timestamp> {
        match self {
            Progress::Cancelled(at) => Some(at),
            Progress::Open | Progress::Completed(_) => None,
        }
    }
}

names! {
    /// Why a session's verification says nothing of what is selected now.
    StaleReason: "a stale reason" {
        /// None was started.
        NoRun = "no_run",
        /// It was of another connection.
        ConnectionMismatch = "connection_mismatch",
        /// The connection was changed after the run was made.
        ConnectionUpdated = "connection_updated",
        /// It is too long ago, or not kept any more.
        Expired = "expired",
    }
}

/// How long a verification counts: what it found drifts, and a permission inventory is stale at the same age.
const COUNTS_FOR: Duration = Duration::from_hours(24 * 30);

impl OnboardingSession {
    /// The connection to verify: the one in the state, else the tenant's default. None when the one in the state is not among
    /// these: another one was never selected.
    #[must_use]
    pub fn selected<'a>(&self, connections: &'a [ProviderConnection]) -> Option<&'a ProviderConnection> {
        match self.state.provider_connection_id {
            Some(id) => connections.iter().find(|connection| connection.id == id),
            None => connections.iter().find(|connection| connection.is_default),
        }
    }

    /// Why the session's verification does not count; none when it does. `run` is what is still kept of the run in the state.
    #[must_use]
    pub fn staleness(
        &self,
        run: Option<&OperationRun>,
        selected: Option<&ProviderConnection>,
        now: Timestamp,
    ) -> Option<StaleReason> {
        if self.state.verification_operation_run_id.is_none() {
            return Some(StaleReason::NoRun);
        }
        let Some(run) = run else { return Some(StaleReason::Expired) };
        if run.header.target.connection_id != selected.map(|connection| connection.id) {
            return Some(StaleReason::ConnectionMismatch);
        }
        if selected.is_some_and(|connection| connection.updated_at > run.header.created_at) {
            return Some(StaleReason::ConnectionUpdated);
        }
        let last = match &run.state {
            RunState::Queued | RunState::Running(_) => run.header.created_at,
            RunState::Completed(completion) => completion.completed_at,
        };
        (now.since(last) > COUNTS_FOR).then_some(StaleReason::Expired)
    }
}

/// The most bytes of a step's name: a word or a few.
const MAX_STEP_BYTES: usize = 64;

/// Why a text is not a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a step has 1 to {MAX_STEP_BYTES} lower-case letters, digits and _, and starts with a letter")]
pub struct InvalidStep;

parsed_text! {
    /// A step of an onboarding. The host SaaS names them: here it is shown and never decided upon.
    Step, or InvalidStep, by parse_step;
}

fn parse_step(text: String) -> Result<String, InvalidStep> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_one = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= MAX_STEP_BYTES
        && text.bytes().all(plain);
    is_one.then_some(text).ok_or(InvalidStep)
}

#[cfg(test)]
mod tests;
