//! Ends a run: its report is sealed with the report before it, and everything is written at once or not at all. Workers end the runs
//! that they checked; whoever looks after runs ends those that nothing can finish any more.

mod record;

use domain::audit::{Actor, AuditAction, AuditEvent, OperatorArn};
use domain::check::Check;
use domain::checks::Evaluation;
use domain::connection::ConnectionHealth;
use domain::id::{ClientId, EventId};
use domain::operation_run::{IllegalTransition, Interruption, OperationRun, RunState};
use domain::preflight::Block;
use domain::report::{PreviousReport, Report, SealError, SealedReport};
use domain::stub;
use domain::time::Timestamp;
pub use record::record;
use store::{CompleteError, Completed, Latest, Origin, Saved, Store, StoreError};

/// What came of ending a run.
#[derive(Debug)]
pub enum Ended {
    /// It is completed as was asked. A function tells the log and the metrics so, with [`record`].
    Done(Box<Completed>),
    /// Somebody else's writing came first, and nothing was changed.
    Overtaken {
        /// Whether the run still waits for its end.
        is_active: bool,
    },
}

/// Why a run was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// The table did not take part.
    #[error("the table did not take part")]
    Store(#[from] StoreError),
    /// The completed run could not be stored.
    #[error("the run could not be completed")]
    Complete(#[from] CompleteError<MakeError>),
}

/// Why a completed run could not be made: a fault of this program.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// Its report.
    #[error("the report could not be sealed")]
    Seal(#[from] SealError),
    /// Its state.
    #[error("the run's state does not allow it")]
    Transition(#[from] IllegalTransition),
}

/// By whom a run is interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interrupter {
    /// Whoever looks after runs.
    Reconciler,
    /// The worker that holds it.
    Worker,
    /// An operator.
    Operator(OperatorArn),
}

/// A run that is to be ended now, and the latest completed run of its identity as it was read.
#[derive(Debug)]
pub struct Ending<'a> {
    /// The table.
    pub store: &'a Store,
    /// The run as it was claimed or found.
    pub run: OperationRun,
    /// The report that its own follows; another one is followed where that has changed.
    pub latest: Option<Latest>,
    /// The present, as one reading of the clock.
    pub now: Timestamp,
}

impl Ending<'_> {
    /// The worker's check of this app ended: writes run, report, inventory, health and audit event.
    ///
    /// # Errors
    /// [`EndError`]; then nothing is known to be written.
    pub async fn finish(self, evaluation: Evaluation, client_id: &ClientId) -> Result<Ended, EndError> {
        let health = evaluation.health.as_ref().map(|finding| ConnectionHealth {
            verification_status: finding.status,
            last_verified_at: self.now,
            last_error_reason_code: finding.last_error.clone(),
            run_id: self.run.header.id,
        });
        let end = |run: OperationRun, report: &SealedReport| run.finish(self.now, report);
        let make = |previous| {
            let about = (&evaluation.checks[..], Some(client_id));
            let completed = self.make(previous, about, AuditAction::VerificationCompleted, &end)?;
            Ok(Completed { inventory: evaluation.inventory.clone(), health: health.clone(), ..completed })
        };
        self.settle(make).await
    }

    /// A prerequisite was lost since the start: writes run, stub and audit event. Nothing was sent to Microsoft with effect.
    ///
    /// # Errors
    /// [`EndError`]; then nothing is known to be written.
    pub async fn block(self, block: &Block) -> Result<Ended, EndError> {
        let checks = stub::blocked(block);
        let end = |run: OperationRun, report: &SealedReport| run.block(self.now, block, report);
        let about = (&checks[..], block.client_id.as_ref());
        self.settle(|previous| self.make(previous, about, AuditAction::VerificationBlocked, &end)).await
    }

    /// Nothing will finish the run: writes run, stub and audit event. Nothing is said about the connection.
    ///
    /// # Errors
    /// [`EndError`]; then nothing is known to be written.
    pub async fn interrupt(self, why: Interruption, by: Interrupter) -> Result<Ended, EndError> {
        let checks = stub::interrupted(&self.run.header);
        let action = match &by {
            Interrupter::Reconciler => AuditAction::VerificationReconciled,
            Interrupter::Worker => AuditAction::VerificationCompleted,
            Interrupter::Operator(_) => AuditAction::VerificationReleased,
        };
        let end = |run: OperationRun, report: &SealedReport| run.interrupt(self.now, why, report);
        let make = |previous| {
            let mut completed = self.make(previous, (&checks[..], None), action, &end)?;
            // Not the initiator's doing, and no longer their attempt's: only what was found may be ended.
            let actor = match &by {
                Interrupter::Worker => return Ok(completed),
                Interrupter::Reconciler => Actor::System,
                Interrupter::Operator(operator) => Actor::Operator(operator.clone()),
            };
            completed.audit.actor = actor;
            completed.origin = Origin::Found { version: self.run.version };
            Ok(completed)
        };
        self.settle(make).await
    }

    async fn settle(
        &self,
        make: impl Fn(Option<PreviousReport>) -> Result<Completed, MakeError>,
    ) -> Result<Ended, EndError> {
        match self.store.complete(self.now, self.latest.clone(), make).await? {
            Saved::Done(completed) => Ok(Ended::Done(completed)),
            Saved::Stale | Saved::IdTaken | Saved::Refused(_) => overtaken(self.store, &self.run, self.now).await,
        }
    }

    fn make(
        &self,
        previous: Option<PreviousReport>,
        (checks, client_id): (&[Check], Option<&ClientId>),
        action: AuditAction,
        end: &impl Fn(OperationRun, &SealedReport) -> Result<OperationRun, IllegalTransition>,
    ) -> Result<Completed, MakeError> {
        let header = &self.run.header;
        let checks = checks.to_vec();
        let report = Report { run: header, client_id, generated_at: self.now, previous, checks }.seal()?;
        let run = end(self.run.clone(), &report)?;
        let id = EventId::new(self.now, runtime::clock::random());
        let audit = AuditEvent::of_end(id, self.now, action, &run);
        let origin = match &self.run.state {
            RunState::Running(attempt) => Origin::Claimed { attempt: attempt.number },
            RunState::Queued | RunState::Completed(_) => Origin::Found { version: self.run.version },
        };
        Ok(Completed { run, report, origin, inventory: None, health: None, audit })
    }
}

/// Somebody else's writing came first: whether the run has its end by now.
///
/// # Errors
/// [`EndError::Store`] when the table cannot be read.
pub async fn overtaken(store: &Store, run: &OperationRun, now: Timestamp) -> Result<Ended, EndError> {
    let current = store.load_run(run.header.id, now).await?;
    let is_active = current.is_some_and(|run| run.is_active());
    tracing::warn!(run.id = %run.header.id, is_active, "somebody else was faster with this run: nothing was changed");
    Ok(Ended::Overtaken { is_active })
}
