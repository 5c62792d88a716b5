//! The bodies of a start.

use domain::id::ConnectionId;
use domain::idempotency::StartResult;
use domain::operation_run::OperationRun;
use serde::{Deserialize, Serialize};
use web::run::RunBody;
use web::{Problem, Reply};

/// What the caller of a tenant's start asks for.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartRequest {
    /// The connection to verify; without one, the tenant's default.
    pub(crate) provider_connection_id: Option<ConnectionId>,
}

/// What the caller of a session's start asks for: the session says the rest.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionStartRequest {}

#[derive(Serialize)]
struct StartBody<'a> {
    #[serde(flatten)]
    run: RunBody<'a>,
    start_result: StartResult,
}

/// The answer with the run, and its report if it has one.
pub(crate) fn reply(run: &OperationRun, report: Option<&[u8]>, start_result: StartResult) -> Result<Reply, Problem> {
    let body = RunBody::of(run, report).map_err(|error| {
        tracing::error!(run.id = run.header.id.get(), %error, "a stored report is not JSON");
        Problem::Internal
    })?;
    Ok(Reply::started(run, &StartBody { run: body, start_result }))
}
