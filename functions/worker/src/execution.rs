//! The execution of one run: claim, re-authorize, check, end.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::bounds::LONGEST_WAIT;
use domain::checks::evaluate;
use domain::facts::Facts;
use domain::id::RunId;
use domain::operation_run::{IllegalTransition, Initiator, Interruption, OperationRun, RunHeader};
use domain::preflight::Runnable;
use domain::propagation;
use domain::time::Timestamp;
use ending::{EndError, Ending, Interrupter};
use futures_util::FutureExt;
use microsoft::{Budget, ClientCredential, Priority};
use runtime::Chain;
use store::{Claim, ExecutionData, Returned, StoreError};
use tracing::Instrument;

use crate::app::App;
use crate::authority::reauthorize;
use crate::batch::count_failed;
use crate::credential;
use crate::credential_error::CredentialError;
use crate::settings::WRITING_TIME;

/// Less than this is no time for a check: with what is left beside it, the outcome could not be written any more.
const LEAST_CHECK: Duration = Duration::from_secs(1);

/// The wait before the next try when Microsoft does not say how long: a busy service gets half a minute.
const RETRY_DELAY: Duration = Duration::from_secs(30);

/// Trouble of AWS passes within seconds: the wait before the next try is between this and twice this.
const AWS_DELAY: Duration = Duration::from_secs(5);

/// Where an execution leaves its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Its outcome is stored: the message has done its work.
    Settled,
    /// To be delivered again after this time.
    Later(Duration),
    /// Not done, and somebody else may or may not do it: to be delivered again.
    Open,
}

/// Why an execution stopped halfway.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecutionError {
    #[error("the table did not take part")]
    Store(#[from] StoreError),
    #[error("the credential could not be read")]
    Credential(#[from] CredentialError),
    #[error("the run could not be ended")]
    End(#[from] EndError),
    #[error("the run's state does not allow it")]
    Transition(#[from] IllegalTransition),
    /// The panic's text may hold anything; its hook has logged the place.
    #[error("the attempt panicked")]
    Panicked,
}

/// Executes a run once, in an invocation that ends at `deadline`. `last` says that the queue will not deliver its message again.
pub(crate) async fn execute(app: &App, id: RunId, last: bool, deadline: Timestamp) -> Result<Ended, ExecutionError> {
    let now = app.clock.now();
    if deadline.since(now) < WRITING_TIME + LEAST_CHECK {
        tracing::warn!(run.id = %id, "too little is left of the invocation to begin with a run");
        return Ok(Ended::Later(soon()));
    }
    let bounds = &app.settings.bounds;
    let run = match app.store.claim(id, now, bounds.lease(now, deadline), bounds).await? {
        Claim::Mine(run) => run,
        Claim::Done | Claim::Gone => return Ok(Ended::Settled),
        // Whoever holds it may die, so the message is kept, also after its last delivery: among the dead letters it does no harm.
        Claim::Held { until } => return Ok(Ended::Later(until.since(now))),
    };
    // A panic ends this attempt alone: its run may still be ended here.
    let attempted = AssertUnwindSafe(attempt(app, &run, last, deadline)).catch_unwind().await;
    match attempted.unwrap_or(Err(ExecutionError::Panicked)) {
        Ok(ended) => Ok(ended),
        // The queue will not ask again, so this is the last word, whatever the trouble was.
        Err(error) if last => {
            tracing::error!(run.id = %id, error = %Chain(&error), "the last delivery of a run could not check it");
            count_failed(app.clock.now());
            interrupt(app, run).await
        }
        Err(ExecutionError::Credential(error)) => {
            tracing::warn!(run.id = %id, error = %Chain(&error), "the run waits for AWS");
            count_failed(app.clock.now());
            give_back(app, run, soon()).await
        }
        Err(error) => Err(error),
    }
}

/// One try: until the run is ended, or given back because Microsoft is in trouble.
async fn attempt(app: &App, run: &OperationRun, last: bool, deadline: Timestamp) -> Result<Ended, ExecutionError> {
    let data = app.store.load_execution(&run.header, app.clock.now()).await?;
    let runnable = match reauthorize(&run.header, &data, &app.rules) {
        Ok(runnable) => runnable,
        Err(block) => return Ok(settle(ending(app, run, &data).block(&block).await?)),
    };
    match ask_microsoft(app, &run.header, &runnable, deadline).await {
        Ok(asked) => conclude(app, run, &data, &runnable, asked, last).await,
        Err(CredentialError::Unusable(reason)) => {
            let block = app.rules.block(reason, &runnable.subject);
            Ok(settle(ending(app, run, &data).block(&block).await?))
        }
        Err(unavailable @ CredentialError::Unavailable(_)) => Err(unavailable.into()),
    }
}

async fn conclude(
    app: &App,
    run: &OperationRun,
    data: &ExecutionData,
    runnable: &Runnable<'_>,
    Asked { facts, credential_modified_at }: Asked,
    last: bool,
) -> Result<Ended, ExecutionError> {
    if let (Some(trouble), false) = (facts.passing_trouble(), last) {
        let delay = trouble.retry_after.unwrap_or(RETRY_DELAY).min(LONGEST_WAIT);
        tracing::info!(
            run.id = %run.header.id, reason = trouble.reason.code(), retry_after_s = delay.as_secs(),
            "the run waits for Microsoft"
        );
        return give_back(app, run.clone(), delay).await;
    }
    let now = app.clock.now();
    let evaluation = evaluate(&facts, runnable, &app.rules, now);
    if let (Some(reason), false) = (evaluation.may_be_late(), last) {
        let connection = data.connection.as_ref().map(|connection| connection.updated_at);
        // A start from an onboarding session changes the session.
        let session = run.header.session_id.map(|_| run.header.created_at);
        let changes = [connection, credential_modified_at, session].into_iter().flatten();
        if propagation::is_under_way(changes, app.settings.propagation, now) {
            let delay = propagation::delay(run.attempt_number());
            tracing::info!(
                run.id = %run.header.id, reason = reason.code(), retry_after_s = delay.as_secs(),
                "the run waits for a change to be known everywhere"
            );
            return give_back(app, run.clone(), delay).await;
        }
    }
    Ok(settle(ending(app, run, data).finish(evaluation, &runnable.app.client_id).await?))
}

/// Lets somebody else take the run after this time.
async fn give_back(app: &App, run: OperationRun, delay: Duration) -> Result<Ended, ExecutionError> {
    let (header, now) = (run.header.clone(), app.clock.now());
    let returned = run.clone().give_back(now, now + delay)?;
    match app.store.give_back(&returned).await? {
        Returned::Done => Ok(Ended::Later(delay)),
        Returned::Stale => {
            tracing::info!(run.id = %header.id, "a run was taken before it was given back");
            Ok(settle(ending::overtaken(&app.store, &run, now).await?))
        }
    }
}

/// Ends the run as "could not verify", without a word about the connection.
async fn interrupt(app: &App, run: OperationRun) -> Result<Ended, ExecutionError> {
    let now = app.clock.now();
    // Which report came before is not known here; the table says so when it matters.
    let ending = Ending { store: &app.store, run, latest: None, now };
    Ok(settle(ending.interrupt(Interruption::DeliveriesUsedUp, Interrupter::Worker).await?))
}

fn ending<'a>(app: &'a App, run: &OperationRun, data: &ExecutionData) -> Ending<'a> {
    Ending { store: &app.store, run: run.clone(), latest: data.latest.clone(), now: app.clock.now() }
}

fn settle(ended: ending::Ended) -> Ended {
    match ended {
        ending::Ended::Done(completed) => {
            ending::record(&completed.run);
            Ended::Settled
        }
        ending::Ended::Overtaken { is_active: false } => Ended::Settled,
        ending::Ended::Overtaken { is_active: true } => Ended::Open,
    }
}

/// A wait of seconds, so drawn that records which failed together do not come back together.
fn soon() -> Duration {
    AWS_DELAY.mul_f64(1.0 + fastrand::f64())
}

/// What Microsoft said, and to which credential.
struct Asked {
    facts: Facts,
    /// When the parameter that holds it was changed last.
    credential_modified_at: Option<Timestamp>,
}

/// Asks Microsoft with the connection's credential. One from the parameter store that Entra refuses is read again, and asked with
/// once more: it may have been replaced since it was read.
async fn ask_microsoft(
    app: &App,
    run: &RunHeader,
    runnable: &Runnable<'_>,
    deadline: Timestamp,
) -> Result<Asked, CredentialError> {
    // A person waits for what a person started; everything else gives way.
    let priority = match run.initiator {
        Initiator::User { .. } => Priority::Normal,
        Initiator::System => Priority::Low,
    };
    // Both tries share the time of one check: within its budget, and in time to write down what came of it.
    let until = (app.clock.now() + app.settings.check_budget).min(deadline - WRITING_TIME);
    let ask = async |credential: &ClientCredential| {
        let budget = Budget::of(until.since(app.clock.now()));
        let checked = app.provider.check(&runnable.app, credential, runnable.questions(), priority, budget);
        checked.instrument(tracing::info_span!("check", run.id = %run.id)).await
    };
    let mut prepared = credential::prepare(app, runnable).await?;
    let mut facts = ask(&prepared.credential).await;
    let refused = matches!(&facts, Facts::NoToken(cause) if cause.reason.blames_credential());
    if let (Some(stored), true) = (&prepared.stored, refused)
        && stored.is_replaced(app).await?
    {
        prepared = credential::prepare(app, runnable).await?;
        facts = ask(&prepared.credential).await;
    }
    Ok(Asked { facts, credential_modified_at: prepared.stored.and_then(|stored| stored.modified_at()) })
}
