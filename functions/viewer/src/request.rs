//! Finds what a request asks for. The contract, an unknown path and a wrong method are answered before anybody is asked who they
//! are, because the gateway checks no token for them.

use std::sync::LazyLock;

use domain::fingerprint::sha256_hex;
use lambda_http::{Request, RequestExt};
use web::route::{self, Route, Routed};
use web::{Problem, Reply};

use crate::app::App;
use crate::{permissions, run, run_list, session, tenant};

/// The digest of the contract: made when somebody asks for it first.
static CONTRACT_TAG: LazyLock<String> = LazyLock::new(|| sha256_hex(contract::OPENAPI_JSON.as_bytes()));

pub(crate) async fn answer(app: &App, request: &Request) -> Result<Reply, Problem> {
    let route = match route::parse(request.method(), request.raw_http_path()) {
        Routed::Unknown => return Err(Problem::NotFound),
        Routed::WrongMethod { allow } => return Err(Problem::MethodNotAllowed(allow)),
        // The contract is public: the gateway lets anybody through to it.
        Routed::To(Route::OpenApi) => {
            let reply = Reply::published(contract::OPENAPI_JSON, &CONTRACT_TAG);
            return Ok(reply.packed_as(contract::OPENAPI_JSON_GZIP.to_vec()));
        }
        Routed::MalformedId => None,
        Routed::To(route) => Some(route),
    };
    let user = app.callers.user(request)?;
    let now = app.clock.now();
    match route {
        Some(Route::Run(run_id)) => run::show(app, run_id, &user, now).await,
        Some(Route::Report(run_id)) => run::show_report(app, run_id, &user, now).await,
        Some(Route::LatestVerification(workspace_id, tenant_id)) => {
            tenant::show_latest_verification(app, workspace_id, tenant_id, &user, now).await
        }
        Some(Route::Connections(workspace_id, tenant_id)) => {
            tenant::show_connections(app, workspace_id, tenant_id, &user, now).await
        }
        Some(Route::Permissions(workspace_id, tenant_id)) => {
            permissions::show(app, workspace_id, tenant_id, &user, now).await
        }
        Some(Route::TenantRuns(workspace_id, tenant_id)) => {
            run_list::show_of_tenant(app, request, workspace_id, tenant_id, &user, now).await
        }
        Some(Route::WorkspaceRuns(workspace_id)) => {
            run_list::show_of_workspace(app, request, workspace_id, &user, now).await
        }
        Some(Route::Session(session_id)) => session::show(app, session_id, &user, now).await,
        // The gateway sends these to their own functions.
        Some(Route::StartVerification(..) | Route::StartFromSession(_) | Route::Acknowledge(..) | Route::OpenApi)
        | None => Err(Problem::NotFound),
    }
}
