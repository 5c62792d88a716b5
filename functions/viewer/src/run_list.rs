//! Lists of runs, newest first: of a tenant, and of all tenants of a workspace that the caller may see.

use domain::access::{Capability, Decision, Entitled, Rights, Scope, decide};
use domain::id::{TenantId, UserId, WorkspaceId};
use domain::run_list::RunPage;
use domain::time::Timestamp;
use lambda_http::Request;
use store::{Member, RunQuery};
use web::run_list::RunListQuery;
use web::{Problem, Reply, caller};

use crate::App;
use crate::body::{ListedRunBody, RunListBody};
use crate::failure::storage;

/// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/runs`
pub(crate) async fn show_of_tenant(
    app: &App,
    request: &Request,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    user: &UserId,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let head = app.store.load_head(workspace_id, tenant_id, user).await.map_err(|error| storage(&error))?;
    let scope = Scope::of_tenant(workspace_id, head.tenant.as_ref()).ok_or(Problem::NotFound)?;
    let entitled = caller::permit(decide(scope, head.rights, Capability::ViewVerification))?;
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
    let member = app.store.load_member(workspace_id, user).await.map_err(|error| storage(&error))?;
    let rights = Rights { membership: member.membership, entitlement: None };
    let workspace = Scope { workspace_id, tenant_id: None };
    caller::permit(decide(workspace, rights, Capability::ViewVerification))?;
    list(app, request, workspace_id, &visible(workspace_id, &member), user, now).await
}

/// The tenants whose runs a member may see.
fn visible(workspace_id: WorkspaceId, member: &Member) -> Vec<Entitled> {
    let decided = member.entitlements.iter().map(|(tenant_id, role)| {
        let scope = Scope { workspace_id, tenant_id: Some(*tenant_id) };
        let rights = Rights { membership: member.membership, entitlement: Some(*role) };
        decide(scope, rights, Capability::ViewVerification)
    });
    let entitled = decided.filter_map(|decision| match decision {
        Decision::Entitled(entitled) => Some(entitled),
        Decision::Lacks(_) | Decision::Outsider => None,
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
            app.store.list_runs(workspace_id, entitled, &query, now).await.map_err(|error| storage(&error))?
        }
        // No run can have been made then.
        None => RunPage::default(),
    };
    let runs = page.runs.iter().map(|run| ListedRunBody::of(run, &app.bounds, now)).collect();
    Ok(Reply::shown(&RunListBody { runs, next_page_token: page.next.map(|last| asked.token(last)) }))
}
