//! The form of an onboarding session.

use domain::id::{ConnectionId, EntraTenantId, SessionId, TenantId, UserId, WorkspaceId};
use domain::onboarding::{OnboardingSession, Progress, SessionState, Step};
use domain::time::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct SessionForm {
    id: SessionId,
    tenant_id: Option<TenantId>,
    entra_tenant_id: EntraTenantId,
    current_step: Step,
    #[serde(default)]
    state: StateForm,
    started_by: UserId,
    updated_by: UserId,
    completed_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
struct StateForm {
    provider_connection_id: Option<ConnectionId>,
}

impl SessionForm {
    pub(super) fn into_session(self, workspace_id: WorkspaceId) -> OnboardingSession {
        let progress = match (self.completed_at, self.cancelled_at) {
            // The schema has refused both at once.
            (Some(at), _) => Progress::Completed(at),
            (None, Some(at)) => Progress::Cancelled(at),
            (None, None) => Progress::Open,
        };
        OnboardingSession {
            id: self.id,
            workspace_id,
            tenant_id: self.tenant_id,
            entra_tenant_id: self.entra_tenant_id,
            current_step: self.current_step,
            state: SessionState {
                provider_connection_id: self.state.provider_connection_id,
                verification_operation_run_id: None,
            },
            started_by: self.started_by,
            updated_by: self.updated_by,
            progress,
            version: 1,
        }
    }
}
