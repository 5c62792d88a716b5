//! The bodies of a start.

use domain::id::ConnectionId;
use domain::idempotency::StartResult;
use domain::operation_run::OperationRun;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use starting::Started;
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

/// What a start came to, as HTTP says it.
pub(crate) fn reply(started: Started, now: Timestamp) -> Result<Reply, Problem> {
    match started {
        Started::Accepted(run) => of_run(&run, None, StartResult::Accepted, now),
        Started::Deduplicated(run, report) => of_run(&run, report.as_deref(), StartResult::Deduplicated, now),
        Started::Blocked(run, report) => of_run(&run, Some(&report), StartResult::Blocked, now),
        Started::Replayed(run, report, start_result) => of_run(&run, report.as_deref(), start_result, now),
        Started::Busy(active) => Err(Problem::ScopeBusy(active)),
        Started::KeyReused => Err(Problem::IdempotencyKeyReused),
        Started::LimitReached => Err(Problem::TooManyStarts { retry_after: now.left_of_minute() }),
        Started::SessionMoved => Err(Problem::SessionChanged),
        Started::UnknownConnection => Err(Problem::NotFound),
    }
}

fn of_run(
    run: &OperationRun,
    report: Option<&[u8]>,
    start_result: StartResult,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let body = RunBody::of(run, report).map_err(|error| {
        // The run is recorded, so this is no failure of the start: its caller asks again and is told of the same run.
        tracing::error!(run.id = run.header.id.get(), %error, "a stored report is not JSON");
        Problem::Unavailable
    })?;
    Ok(Reply::started(run, &StartBody { run: body, start_result }, now))
}
