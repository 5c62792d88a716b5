//! The order of a request: who calls, what the path names, whether they may, what the body says, and only then the work. Nothing is
//! written before the last step.

use domain::access::{Capability, Scope, decide};
use domain::operation_run::Initiator;
use domain::preflight::Resolved;
use lambda_http::{Request, RequestExt};
use web::caller;
use web::route::{self, Route, Routed};
use web::{Problem, Reply, input};

use crate::App;
use crate::body::StartRequest;
use crate::failure::storage;
use crate::verification::Verification;

pub(crate) async fn answer(app: &App, request: &Request) -> Result<Reply, Problem> {
    let user_id = caller::user_id(request, &app.claims.user_id)?;
    let (workspace_id, tenant_id) = match route::parse(request.method(), request.raw_http_path()) {
        Routed::To(Route::StartVerification(workspace_id, tenant_id)) => (workspace_id, tenant_id),
        Routed::WrongMethod { allow } => return Err(Problem::MethodNotAllowed(allow)),
        // Other functions answer these.
        Routed::To(Route::Run(_) | Route::Report(_) | Route::LatestVerification(..) | Route::Connections(..))
        | Routed::MalformedId
        | Routed::Unknown => return Err(Problem::NotFound),
    };
    let data = app.store.load_start(workspace_id, tenant_id, &user_id).await.map_err(|error| storage(&error))?;
    let tenant = data.tenant.as_ref().ok_or(Problem::NotFound)?;
    let scope = Scope::of_tenant(workspace_id, Some(tenant)).ok_or(Problem::NotFound)?;
    let entitled = caller::permit(decide(scope, data.rights, Capability::RunProvider))?;

    let body: StartRequest = input::json(request)?;
    let (connection, block) = match app.rules.resolve(tenant, &data.connections, body.provider_connection_id) {
        Resolved::Unknown => return Err(Problem::NotFound),
        Resolved::Missing(block) => (None, Some(block)),
        Resolved::Connection(connection) => (Some(connection), app.rules.preflight(tenant, connection).err()),
    };
    let initiator = Initiator::user(user_id, caller::claim(request, &app.claims.user_name));
    let verification = Verification { app, now: runtime::clock::now(), entitled, tenant, connection, initiator };
    match block {
        Some(block) => verification.block(&block).await,
        None => verification.start(&data.slots).await,
    }
}
