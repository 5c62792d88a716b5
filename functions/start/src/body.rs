//! The bodies of a start.

use domain::id::ConnectionId;
use domain::operation_run::OperationRun;
use serde::{Deserialize, Serialize};
use web::run::RunBody;
use web::{Problem, Reply};

/// What the caller asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartRequest {
    /// The connection to verify; without one, the tenant's default.
    pub(crate) provider_connection_id: Option<ConnectionId>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartResult {
    /// A new run waits for a worker.
    Accepted,
    /// A run of the same identity was active already.
    Deduplicated,
    /// A prerequisite is missing.
    Blocked,
    /// Another operation is active on the connection.
    ScopeBusy,
}

impl StartResult {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            StartResult::Accepted => "accepted",
            StartResult::Deduplicated => "deduplicated",
            StartResult::Blocked => "blocked",
            StartResult::ScopeBusy => "scope_busy",
        }
    }
}

#[derive(Serialize)]
struct StartBody<'a> {
    #[serde(flatten)]
    run: RunBody<'a>,
    start_result: &'static str,
}

/// The answer with the run, and its report if it has one.
pub(crate) fn reply(run: &OperationRun, report: Option<&[u8]>, result: StartResult) -> Result<Reply, Problem> {
    let body = RunBody::of(run, report).map_err(|error| {
        tracing::error!(run.id = run.header.id.get(), %error, "a stored report is not JSON");
        Problem::Internal
    })?;
    Ok(Reply::started(run, &StartBody { run: body, start_result: result.as_str() }))
}
