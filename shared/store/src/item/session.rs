//! An onboarding session as it is stored. `state` is always there, as a map: a start from the session sets its pointer in it with a
//! plain update.

use domain::id::{ConnectionId, EntraTenantId, RunId, SessionId, TenantId, UserId, WorkspaceId};
use domain::onboarding::{OnboardingSession, Progress, SessionState, Step};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Damaged, Unreadable};
use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize, Deserialize)]
struct SessionItem {
    id: SessionId,
    workspace_id: WorkspaceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<TenantId>,
    entra_tenant_id: EntraTenantId,
    current_step: Step,
    state: StateMap,
    started_by: UserId,
    updated_by: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct StateMap {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_connection_id: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_operation_run_id: Option<RunId>,
}

/// A session's item. It stands among what belongs to its tenant once it has one.
pub(crate) fn of_session(session: &OnboardingSession) -> Item {
    let OnboardingSession { id, workspace_id, tenant_id, state, progress, version, .. } = *session;
    let body = SessionItem {
        id,
        workspace_id,
        tenant_id,
        entra_tenant_id: session.entra_tenant_id.clone(),
        current_step: session.current_step.clone(),
        state: StateMap {
            provider_connection_id: state.provider_connection_id,
            verification_operation_run_id: state.verification_operation_run_id,
        },
        started_by: session.started_by.clone(),
        updated_by: session.updated_by.clone(),
        completed_at: progress.completed_at(),
        cancelled_at: progress.cancelled_at(),
        version,
    };
    let mut item = item::build(Entity::Session, &key::session(id), &body);
    if let Some(tenant) = tenant_id {
        item::enter(&mut item, &key::session_of_tenant(tenant, id));
    }
    item
}

/// Reads a session's item.
pub(crate) fn to_session(item: Item) -> Result<OnboardingSession, Damaged> {
    let key = item::key_of(&item);
    let stored: SessionItem = item::read(Entity::Session, item)?;
    let progress = match (stored.completed_at, stored.cancelled_at) {
        (None, None) => Progress::Open,
        (Some(at), None) => Progress::Completed(at),
        (None, Some(at)) => Progress::Cancelled(at),
        (Some(_), Some(_)) => {
            let both = Unreadable::Exclusive("completed_at", "cancelled_at");
            return Err(item::damaged(Entity::Session, &key, both));
        }
    };
    Ok(OnboardingSession {
        id: stored.id,
        workspace_id: stored.workspace_id,
        tenant_id: stored.tenant_id,
        entra_tenant_id: stored.entra_tenant_id,
        current_step: stored.current_step,
        state: SessionState {
            provider_connection_id: stored.state.provider_connection_id,
            verification_operation_run_id: stored.state.verification_operation_run_id,
        },
        started_by: stored.started_by,
        updated_by: stored.updated_by,
        progress,
        version: stored.version,
    })
}

#[cfg(test)]
mod tests;
