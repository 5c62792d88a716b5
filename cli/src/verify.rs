//! `tenantcheck verify`: starts a verification, waits for its end, and tells it by the exit code.

use std::fmt;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use crate::api::{Answer, Api, ApiError, UNANSWERED};
use crate::arguments::Verify;
use crate::document::Run;
use crate::exit::{CommandError, Exit};
use crate::narrator::Narrator;
use crate::show::print_run;
use crate::text::Text;

/// Between two looks at a run, when the API does not say how long.
const PACE: Duration = Duration::from_secs(2);

/// Looks at a run in a row without an answer, after which it is left to itself.
const SILENT_LOOKS: usize = 2;

/// Why there is no report.
#[derive(Debug)]
pub enum VerifyError {
    /// The API did not say which run it started.
    NoRun,
    /// It takes longer than the operator wants to wait.
    Timeout {
        /// The run, if the start was answered.
        run: Option<u64>,
        /// How long that was.
        patience: Duration,
    },
    /// The run cannot be looked at any more.
    Lost {
        /// The run.
        run: u64,
        /// Why.
        error: ApiError,
    },
    /// The run ended without a report, which it never should.
    NoReport(u64),
    /// The report says something that this version does not know.
    UnknownOverall(Text),
}

impl std::error::Error for VerifyError {}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::NoRun => f.write_str("the API has started a run and does not say which"),
            VerifyError::Timeout { run: None, patience } => {
                write!(f, "the API did not take the start within {} s (--timeout){UNANSWERED}", patience.as_secs())
            }
            VerifyError::Timeout { run: Some(run), patience } => {
                let seconds = patience.as_secs();
                writeln!(f, "run {run} has no report after {seconds} s (--timeout); it goes on by itself")?;
                write!(f, "  look at it with: tenantcheck show {run}")
            }
            VerifyError::Lost { run, error } => {
                writeln!(f, "{error}")?;
                write!(f, "  run {run} goes on by itself; look at it with: tenantcheck show {run}")
            }
            VerifyError::NoReport(run) => write!(f, "run {run} is completed and has no report"),
            VerifyError::UnknownOverall(word) => {
                write!(f, "the report's overall is {word}, which this version does not know")
            }
        }
    }
}

/// Verifies a connection.
///
/// # Errors
/// [`CommandError`] when there is no report to tell about.
pub async fn verify(api: &mut Api, arguments: &Verify) -> Result<Exit, CommandError> {
    let narrator = Narrator::for_output(arguments.output);
    let answer = wait(api, arguments, &narrator).await?;
    let run: Run = answer.read()?;
    let report = run.context.verification_report.as_ref().ok_or(VerifyError::NoReport(run.id))?;
    let exit = match report.overall().as_str() {
        "ready" => Exit::Done,
        "needs_attention" => Exit::NeedsAttention,
        "blocked" => Exit::Blocked,
        _ => return Err(VerifyError::UnknownOverall(report.overall().clone()).into()),
    };
    print_run(&answer.document, &run, arguments.output)?;
    Ok(exit)
}

/// The completed run. The start's own answer never suffices: it does not tell what has changed.
async fn wait(api: &mut Api, arguments: &Verify, narrator: &Narrator) -> Result<Answer, CommandError> {
    let patience = arguments.patience();
    let (started, deadline) = (Instant::now(), Instant::now() + patience);
    let timeout = |run| VerifyError::Timeout { run, patience };
    let answer = timeout_at(deadline, start(api, arguments)).await.map_err(|_| timeout(None))??;
    let mut run: Run = answer.read()?;
    let path = answer.location().ok_or(VerifyError::NoRun)?.to_owned();
    let result = run.start_result.clone().unwrap_or_default();
    narrator.say(&format!("run {}: {result}", run.id));
    let mut pace = answer.retry_after();
    let mut silent = 0;
    loop {
        if !run.is_completed() {
            narrator.say(&format!("run {}: {} ({} s)", run.id, run.status, started.elapsed().as_secs()));
            sleep_until((Instant::now() + pace.unwrap_or(PACE)).min(deadline)).await;
        }
        let late = timeout(Some(run.id));
        let answer = match timeout_at(deadline, api.get(&path, &[])).await.map_err(|_| late)? {
            Ok(answer) => answer,
            Err(error) => {
                silent += 1;
                if !error.is_silence() || silent == SILENT_LOOKS {
                    return Err(VerifyError::Lost { run: run.id, error }.into());
                }
                narrator.say(&format!("run {}: the API does not answer; looking once more", run.id));
                continue;
            }
        };
        silent = 0;
        run = answer.read()?;
        if run.is_completed() {
            return Ok(answer);
        }
        pace = answer.retry_after();
    }
}

async fn start(api: &mut Api, arguments: &Verify) -> Result<Answer, ApiError> {
    let path = format!("/workspaces/{}/tenants/{}/verifications", arguments.workspace, arguments.tenant);
    let body = match arguments.connection {
        Some(connection) => json!({ "provider_connection_id": connection }),
        None => json!({}),
    };
    api.start(&path, &body, &Uuid::new_v4().to_string()).await
}

impl From<VerifyError> for CommandError {
    fn from(error: VerifyError) -> Self {
        Self::new(Exit::Failed, &error)
    }
}
