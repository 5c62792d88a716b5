//! The execution of one run: claim, re-authorize, check, complete.

use std::time::Duration;

use domain::checks::evaluate;
use domain::facts::Facts;
use domain::id::RunId;
use domain::operation_run::{IllegalTransition, OperationRun, RunHeader};
use domain::preflight::Runnable;
use domain::report::SealError;
use domain::time::Timestamp;
use microsoft::{Budget, Credential, Priority};
use store::{Claim, CompleteError, ExecutionData, Returned, StoreError};

use crate::App;
use crate::authority::reauthorize;
use crate::completion;
use crate::credential::{self, CredentialError};

/// A lease outlives its invocation by this much: Lambda may end a function a moment after its deadline.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// What is left of the invocation for writing the outcome once Microsoft has been asked.
const WRITING_TIME: Duration = Duration::from_secs(10);

/// The wait before the next try when Microsoft does not say how long: a busy service gets half a minute.
const RETRY_DELAY: Duration = Duration::from_secs(30);

/// The longest wait that Microsoft may ask for; after that somebody wants an answer.
const MAX_RETRY_DELAY: Duration = Duration::from_mins(15);

/// Where an execution leaves its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Its outcome is stored, or it is in somebody else's hands: the message has done its work.
    Settled,
    /// To be delivered again after this time.
    Later(Duration),
    /// Not done, and nobody else is known to do it: to be delivered again.
    Open,
}

/// Why an execution stopped halfway. The lease runs out, and the message is delivered again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecutionError {
    #[error("the table did not take part")]
    Store(#[from] StoreError),
    #[error("the credential could not be read")]
    Credential(#[from] CredentialError),
    #[error("the run could not be completed")]
    Complete(#[from] CompleteError<ReportError>),
    #[error("the run's state does not allow it")]
    Transition(#[from] IllegalTransition),
}

/// Why a completed run could not be made: a fault of this program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    #[error("the report could not be sealed")]
    Seal(#[from] SealError),
    #[error("the run's state does not allow it")]
    Transition(#[from] IllegalTransition),
}

/// Executes a run once. `last` says that the queue will not deliver its message again.
pub(crate) async fn execute(app: &App, id: RunId, last: bool, deadline: Timestamp) -> Result<Ended, ExecutionError> {
    let now = runtime::clock::now();
    let run = match app.store.claim(id, now, deadline + LEASE_MARGIN).await? {
        Claim::Mine(run) => run,
        Claim::Done | Claim::Gone => return Ok(Ended::Settled),
        // On the last delivery the holder, or the reconciler after it, owns the run.
        Claim::Held { .. } if last => return Ok(Ended::Settled),
        Claim::Held { lease_until } => return Ok(Ended::Later(lease_until.since(now))),
    };
    let data = app.store.load_execution(&run.header, now).await?;
    let runnable = match reauthorize(&run.header, &data, &app.rules) {
        Ok(runnable) => runnable,
        Err(block) => return completion::block(app, run, &data, &block).await,
    };
    match ask_microsoft(app, &run.header, &runnable, deadline).await {
        Ok(facts) => conclude(app, run, &data, &runnable, facts, last).await,
        Err(CredentialError::Unusable(reason)) => {
            let block = app.rules.block(reason, &runnable.subject);
            completion::block(app, run, &data, &block).await
        }
        Err(unavailable @ (CredentialError::Stored(_) | CredentialError::WebIdentity(_))) => Err(unavailable.into()),
    }
}

async fn conclude(
    app: &App,
    run: OperationRun,
    data: &ExecutionData,
    runnable: &Runnable<'_>,
    facts: Facts,
    last: bool,
) -> Result<Ended, ExecutionError> {
    let now = runtime::clock::now();
    if let (Some(trouble), false) = (facts.passing_trouble(), last) {
        let delay = trouble.retry_after.unwrap_or(RETRY_DELAY).min(MAX_RETRY_DELAY);
        let run_id = run.header.id;
        tracing::info!(
            run.id = %run_id, reason = trouble.reason.code(), retry_after_s = delay.as_secs(),
            "the run waits for Microsoft"
        );
        return match app.store.give_back(&run.give_back(now, now + delay)?).await? {
            Returned::Done => Ok(Ended::Later(delay)),
            Returned::Stale => completion::overtaken(app, run_id).await,
        };
    }
    let verdict = evaluate(&facts, runnable, &app.rules, now);
    completion::finish(app, run, data, verdict).await
}

/// Asks Microsoft with the connection's credential. One from the parameter store that Entra refuses is read again, and asked with
/// once more: it may have been replaced since it was read.
async fn ask_microsoft(
    app: &App,
    run: &RunHeader,
    runnable: &Runnable<'_>,
    deadline: Timestamp,
) -> Result<Facts, CredentialError> {
    // A person waits for what a person started; everything else gives way.
    let priority = if run.initiator.user_id.is_some() { Priority::Normal } else { Priority::Low };
    // Both tries share the time of one check.
    let until = check_until(app, deadline);
    let ask = async |credential: &Credential| {
        let budget = Budget::of(until.since(runtime::clock::now()));
        app.provider.check(&runnable.app, credential, runnable.questions(), priority, budget).await
    };
    let prepared = credential::prepare(app, runnable).await?;
    let facts = ask(&prepared.credential).await;
    let refused = matches!(&facts, Facts::NoToken(cause) if cause.reason.blames_credential());
    match prepared.stored.filter(|_| refused) {
        Some(stored) if stored.is_replaced(app).await? => {
            Ok(ask(&credential::prepare(app, runnable).await?.credential).await)
        }
        Some(_) | None => Ok(facts),
    }
}

/// When the questions to Microsoft must have ended: within the check's budget, and in time to write down what came of them.
fn check_until(app: &App, deadline: Timestamp) -> Timestamp {
    (runtime::clock::now() + app.settings.check_budget).min(deadline - WRITING_TIME)
}
