//! A tenant: the view of its newest verification that consoles embed, and its connections.

use domain::access::Capability;
use domain::guarded::Opened;
use domain::id::{RunId, TenantId, UserId, WorkspaceId};
use domain::reason::Reason;
use domain::time::Timestamp;
use store::{Slot, StoredRun, TenantView};
use web::{Problem, Reply};

use crate::app::App;
use crate::body::{CanStart, ConnectionsBody, LatestVerificationBody, RunViewBody, ViewState};
use crate::connection::ConnectionBody;
use crate::failure::unreadable_report;

/// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/verification`
pub(crate) async fn show_latest_verification(
    app: &App,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    user: &UserId,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let opened = visible(app, workspace_id, tenant_id, user, now).await?;
    let view = &opened.value;
    let mut stored = None;
    // One that has vanished meanwhile or cannot be read leaves its place to the next.
    for (run_id, previous) in newest_first(view) {
        stored = app.store.load_run_after(run_id, previous, now).await?;
        if stored.is_some() {
            break;
        }
    }
    if let Some(stored) = &mut stored {
        let identity_hash = &stored.run.header.identity_hash;
        let acknowledged = view.acknowledged.iter().find(|found| found.identity_hash == *identity_hash);
        stored.acknowledged_causes = acknowledged.map(|found| found.causes.clone()).unwrap_or_default();
    }
    let can_start = can_start(&opened, stored.as_ref());
    let Some(stored) = stored else {
        return Ok(Reply::shown(&LatestVerificationBody { state: ViewState::Empty, run: None, can_start }));
    };
    let state = if stored.run.is_active() { ViewState::InProgress } else { ViewState::Completed };
    let run_id = stored.run.header.id;
    let run = RunViewBody::of(&stored, &app.bounds, now).map_err(|error| unreadable_report(run_id, &error))?;
    Ok(Reply::about(&stored.run, &LatestVerificationBody { state, run: Some(run), can_start }, now))
}

/// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/connections`
pub(crate) async fn show_connections(
    app: &App,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    user: &UserId,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let view = visible(app, workspace_id, tenant_id, user, now).await?.value;
    let connections = view.connections.iter().map(|connection| {
        let health = view.health.iter().find(|(id, _)| *id == connection.id).map(|(_, health)| health);
        let is_active = view.slots.iter().any(|slot| slot.connection_id == connection.id);
        ConnectionBody::of(connection, health, is_active)
    });
    let default = view.connections.iter().find(|connection| connection.is_default);
    Ok(Reply::shown(&ConnectionsBody {
        default_connection_id: default.map(|connection| connection.id),
        connections: connections.collect(),
    }))
}

/// The tenant, if the caller may see it in this workspace.
async fn visible(
    app: &App,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    user: &UserId,
    now: Timestamp,
) -> Result<Opened<TenantView>, Problem> {
    let guarded = app.store.load_tenant(workspace_id, tenant_id, user).await?;
    Ok(app.store.load_tenant_view(guarded.open(Capability::ViewVerification)?, now).await?)
}

/// The newest runs over all connections, each with the report that its own is compared with: active ones before completed ones. Run ids sort by
/// the time they were made.
fn newest_first(view: &TenantView) -> Vec<(RunId, Option<RunId>)> {
    let before = |slot: &Slot| {
        let latest = view.latest.iter().find(|latest| latest.identity_hash == slot.identity_hash);
        latest.and_then(|latest| latest.previous.last_verified.as_ref()).map(|verified| verified.run_id)
    };
    // It may have ended since the slot was read: then it is compared with the last verified one before it.
    let mut active: Vec<_> = view.slots.iter().map(|slot| (slot.run_id, before(slot))).collect();
    let mut completed: Vec<_> =
        view.latest.iter().map(|latest| (latest.previous.run_id, latest.compared_with)).collect();
    active.sort_by(|one, other| other.cmp(one));
    completed.sort_by(|one, other| other.cmp(one));
    [active, completed].concat()
}

fn can_start(opened: &Opened<TenantView>, shown: Option<&StoredRun>) -> CanStart {
    if opened.decide(Capability::RunProvider).is_err() {
        return CanStart::no(Reason::MissingCapability.code());
    }
    let view = &opened.value;
    let default = view.connections.iter().find(|connection| connection.is_default);
    let active = default.and_then(|default| view.slots.iter().find(|slot| slot.connection_id == default.id));
    // The run may have ended after the slot was read: one answer must not say both.
    let ended = |run_id| shown.is_some_and(|stored| stored.run.header.id == run_id && !stored.run.is_active());
    match active {
        Some(slot) if !ended(slot.run_id) => CanStart::no("run_active"),
        Some(_) | None => CanStart::YES,
    }
}
