//! `GET /onboarding-sessions/{session_id}`: a session with the verification that was started from it, and whether that still counts.

use domain::access::Capability;
use domain::id::{ConnectionId, EntraTenantId, RunId, SessionId, TenantId, UserId, WorkspaceId};
use domain::onboarding::{OnboardingSession, StaleReason, Step};
use domain::time::Timestamp;
use serde::Serialize;
use store::SessionView;
use web::{Problem, Reply};

use crate::app::App;
use crate::body::RunViewBody;
use crate::failure::unreadable_report;

#[derive(Debug, Serialize)]
struct SessionBody<'a> {
    id: SessionId,
    workspace_id: WorkspaceId,
    tenant_id: Option<TenantId>,
    entra_tenant_id: &'a EntraTenantId,
    current_step: &'a Step,
    state: StateBody,
    started_by: &'a UserId,
    updated_by: &'a UserId,
    completed_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    version: u64,
    verification: VerificationBody<'a>,
}

/// The allow-list of what a session remembers.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_field_names, reason = "the names of the specification")]
struct StateBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_connection_id: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_operation_run_id: Option<RunId>,
}

#[derive(Debug, Serialize)]
struct VerificationBody<'a> {
    is_stale: bool,
    stale_reason: Option<StaleReason>,
    run: Option<RunViewBody<'a>>,
}

pub(crate) async fn show(app: &App, session_id: SessionId, user: &UserId, now: Timestamp) -> Result<Reply, Problem> {
    let opened = app.store.load_session_head(session_id, user).await?.open_in_workspace(Capability::OnboardTenant)?;
    let SessionView { session, connections, mut stored } = app.store.load_session_view(opened, now).await?;
    if let Some(stored) = &mut stored {
        stored.compared_report = app.store.load_compared_report(&stored.run, now).await?;
    }
    let run = stored.as_ref().map(|stored| &stored.run);
    let stale_reason = session.staleness(run, session.selected(&connections), now);
    let shown = stored.as_ref().map(|stored| {
        let run_id = stored.run.header.id;
        RunViewBody::of(stored, &app.bounds, now).map_err(|error| unreadable_report(run_id, &error))
    });
    let verification = VerificationBody { is_stale: stale_reason.is_some(), stale_reason, run: shown.transpose()? };
    let body = SessionBody::of(&session, verification);
    Ok(match run {
        Some(run) => Reply::about(run, &body, now),
        None => Reply::shown(&body),
    })
}

impl<'a> SessionBody<'a> {
    fn of(session: &'a OnboardingSession, verification: VerificationBody<'a>) -> Self {
        Self {
            id: session.id,
            workspace_id: session.workspace_id,
            tenant_id: session.tenant_id,
            entra_tenant_id: &session.entra_tenant_id,
            current_step: &session.current_step,
            state: StateBody {
                provider_connection_id: session.state.provider_connection_id,
                verification_operation_run_id: session.state.verification_operation_run_id,
            },
            started_by: &session.started_by,
            updated_by: &session.updated_by,
            completed_at: session.progress.completed_at(),
            cancelled_at: session.progress.cancelled_at(),
            version: session.version,
            verification,
        }
    }
}
