//! Lists of runs, newest first: of a tenant, and of all tenants of a workspace that the caller may see.

use domain::access::{Capability, Entitled, Rights, Scope, decide};
use domain::id::{TenantId, UserId, WorkspaceId};
use domain::run_list::RunPage;
use domain::time::Timestamp;
use lambda_http::Request;
use store::{Member, RunQuery};
use web::run_list::RunListQuery;
use web::{Problem, Reply};

use crate::app::App;
use crate::body::{ListedRunBody, RunListBody};

/// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/runs`
pub(crate) async fn show_of_tenant(
    app: &App,
    request: &Request,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    user: &UserId,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let guarded = app.store.load_tenant_rights(workspace_id, tenant_id, user).await?;
    let entitled = guarded.open(Capability::ViewVerification)?.decide(Capability::ViewVerification)?;
    list(app, request, workspace_id, &[entitled], user, now).await
}

/// `GET /workspaces/{workspace_id}/runs`
pub(crate) async fn show_of_workspace(
    app: &App,
    request: &Request,
    workspace_id: WorkspaceId,
    user: &UserId,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let member = app.store.load_member(workspace_id, user).await?;
    let rights = Rights { membership: member.membership, entitlement: None };
    decide(Scope::Workspace(workspace_id), rights, Capability::ViewVerification)?;
    list(app, request, workspace_id, &visible(workspace_id, &member), user, now).await
}

/// The tenants whose runs a member may see.
fn visible(workspace_id: WorkspaceId, member: &Member) -> Vec<Entitled> {
    let entitled = member.entitlements.iter().filter_map(|(tenant_id, role)| {
        let scope = Scope::Tenant(workspace_id, *tenant_id);
        let rights = Rights { membership: member.membership, entitlement: Some(*role) };
        decide(scope, rights, Capability::ViewVerification).ok()
    });
    entitled.collect()
}

async fn list(
    app: &App,
    request: &Request,
    workspace_id: WorkspaceId,
    entitled: &[Entitled],
    user: &UserId,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let asked = RunListQuery::parse(request, user)?;
    let page = match asked.filter.ids(asked.after, now) {
        Some(ids) => {
            let query = RunQuery { ids, filter: asked.filter, page_size: asked.page_size };
            app.store.list_runs(workspace_id, entitled, &query, now).await?
        }
        // No run can have been made then.
        None => RunPage::default(),
    };
    let runs = page.runs.iter().map(|run| ListedRunBody::of(run, &app.bounds, now)).collect();
    Ok(Reply::shown(&RunListBody { runs, next_page_token: page.next.map(|last| asked.token(last)) }))
}
