//! A verification that was decided upon: it is recorded and queued, given the active run of the same identity, or recorded as
//! blocked with its report.

use domain::access::Entitled;
use domain::audit::{AuditAction, AuditEvent};
use domain::connection::{Provider, ProviderConnection};
use domain::id::{EventId, RunId};
use domain::idempotency::{Remembered, StartResult};
use domain::identity::RunIdentityHash;
use domain::operation_run::{IllegalTransition, Initiator, Operation, OperationRun, RunHeader, RunTarget};
use domain::preflight::Block;
use domain::report::{PreviousReport, Report, SealError};
use domain::stub::stub;
use domain::tenant::Tenant;
use domain::time::Timestamp;
use runtime::Chain;
use runtime::clock::random;
use runtime::metric::Metric;
use store::{Beside, BesideRefused, CompleteError, Completed, Deduplicated, Opened, Origin, Saved, Slot};
use web::{Problem, Reply};

use crate::App;
use crate::body::reply;
use crate::failure::storage;

/// How many ids are tried. Two runs of the same millisecond share one in 4,096 times, so a third try is already unheard of.
const ID_TRIES: u32 = 5;

/// What this function starts.
const OPERATION: Operation = Operation::ProviderConnectionCheck;

/// Everything that is known about a verification before it has a run.
pub(crate) struct Verification<'a> {
    pub(crate) app: &'a App,
    pub(crate) now: Timestamp,
    pub(crate) entitled: Entitled,
    pub(crate) tenant: &'a Tenant,
    pub(crate) connection: Option<&'a ProviderConnection>,
    pub(crate) initiator: Initiator,
    /// What is written in the same transaction, whatever the start comes to.
    pub(crate) beside: Beside,
}

/// Why a blocked run cannot be recorded. Each is a fault of this program.
#[derive(Debug, thiserror::Error)]
enum BlockError {
    #[error("the stub cannot be sealed")]
    Seal(#[from] SealError),
    #[error("a new run cannot be blocked")]
    Transition(#[from] IllegalTransition),
}

impl Verification<'_> {
    /// Records a new run and queues it, unless one is active on the connection.
    pub(crate) async fn start(&self, slots: &[Slot]) -> Result<Reply, Problem> {
        let connection_id = self.connection.map(|connection| connection.id);
        if let Some(slot) = slots.iter().find(|slot| Some(slot.connection_id) == connection_id) {
            let same = slot.identity_hash == self.identity();
            return if same { self.deduplicate(slot.run_id).await } else { Err(self.busy(slot.run_id)) };
        }
        for _ in 0..ID_TRIES {
            let run = OperationRun::queue(self.header());
            let audit = self.audit(AuditAction::VerificationStarted, run.header.id);
            let opened = self.app.store.open(&self.entitled, &run, &audit, &self.beside).await;
            match opened.map_err(|error| storage(&error))? {
                Opened::New => {
                    self.app.queue.send(&run.header).await;
                    self.count(StartResult::Accepted.as_str());
                    return reply(&run, None, StartResult::Accepted);
                }
                Opened::Active(active) => return self.deduplicate(active).await,
                Opened::Busy(active) => return Err(self.busy(active)),
                Opened::Refused(refused) => return self.refused(&refused).await,
                Opened::IdTaken => {}
            }
        }
        Err(no_id())
    }

    /// What is written beside the start does not fit any more: the key has been used, or the session changed.
    async fn refused(&self, refused: &BesideRefused) -> Result<Reply, Problem> {
        match refused {
            BesideRefused::Remembered(remembered) => self.replay(remembered).await,
            BesideRefused::SessionChanged => Err(Problem::SessionChanged),
        }
    }

    /// Answers a request that comes again as it was answered before.
    pub(crate) async fn replay(&self, remembered: &Remembered) -> Result<Reply, Problem> {
        let same = self.beside.key.as_ref().is_some_and(|key| key.request == remembered.request);
        if !same {
            return Err(Problem::IdempotencyKeyReused);
        }
        self.count("replayed");
        self.show(remembered.run_id, remembered.start_result).await
    }

    /// Answers with a run as it is stored.
    async fn show(&self, run_id: RunId, result: StartResult) -> Result<Reply, Problem> {
        let stored = self.app.store.load_run_with_report(run_id, self.now).await.map_err(|error| storage(&error))?;
        let Some(stored) = stored else {
            tracing::error!(run.id = run_id.get(), "a run that a start was given is not in the table");
            return Err(Problem::Unavailable);
        };
        reply(&stored.run, stored.report.as_deref(), result)
    }

    /// Answers with the run that is active already.
    async fn deduplicate(&self, active: RunId) -> Result<Reply, Problem> {
        let audit = self.audit(AuditAction::VerificationDeduplicated, active);
        let store = &self.app.store;
        let given = store.deduplicated(&self.entitled, active, &audit, &self.beside).await;
        let run = match given.map_err(|error| storage(&error))? {
            Deduplicated::Done(run) => run,
            Deduplicated::Refused(refused) => return self.refused(&refused).await,
        };
        self.count(StartResult::Deduplicated.as_str());
        match run {
            Some(run) if run.is_active() => reply(&run, None, StartResult::Deduplicated),
            // It ended between the two reads: a completed run is never shown without its report.
            Some(_) | None => self.show(active, StartResult::Deduplicated).await,
        }
    }

    fn busy(&self, active: RunId) -> Problem {
        self.count("scope_busy");
        Problem::ScopeBusy(active)
    }

    /// Records a run that never starts, with the report that says why.
    pub(crate) async fn block(&self, block: &Block) -> Result<Reply, Problem> {
        let store = &self.app.store;
        let latest = store.latest(self.tenant.id, &self.identity(), self.now).await;
        let latest = latest.map_err(|error| storage(&error))?;
        for _ in 0..ID_TRIES {
            let header = self.header();
            let make = |previous| self.blocked(&header, block, previous);
            match store.complete(self.now, latest.clone(), make).await.map_err(|error| unsaved(&error))? {
                Saved::Done(completed) => {
                    self.count(StartResult::Blocked.as_str());
                    return reply(&completed.run, Some(completed.report.json()), StartResult::Blocked);
                }
                Saved::Refused(refused) => return self.refused(&refused).await,
                Saved::IdTaken => {}
                Saved::Stale => {
                    tracing::error!(run.id = header.id.get(), "a new run was completed by somebody else");
                    return Err(Problem::Internal);
                }
            }
        }
        Err(no_id())
    }

    fn blocked(
        &self,
        header: &RunHeader,
        block: &Block,
        previous: Option<PreviousReport>,
    ) -> Result<Completed, BlockError> {
        let report = Report { run: header, generated_at: self.now, previous, checks: stub(block) }.seal()?;
        let run = OperationRun::queue(header.clone()).block(self.now, block, &report)?;
        let reason_code = Some(block.reason.into());
        let audit = AuditEvent { reason_code, ..self.audit(AuditAction::VerificationBlocked, header.id) };
        Ok(Completed { run, report, origin: Origin::Fresh(self.beside.clone()), inventory: None, health: None, audit })
    }

    /// A new run's header; each call makes another id.
    fn header(&self) -> RunHeader {
        RunHeader {
            id: RunId::new(self.now, random()),
            workspace_id: self.tenant.workspace_id,
            tenant_id: Some(self.tenant.id),
            operation: OPERATION,
            identity_hash: self.identity(),
            initiator: self.initiator.clone(),
            target: RunTarget::of(self.tenant, self.connection),
            created_at: self.now,
        }
    }

    fn identity(&self) -> RunIdentityHash {
        let provider = self.connection.map_or(Provider::Microsoft, |connection| connection.provider);
        let connection_id = self.connection.map(|connection| connection.id);
        RunIdentityHash::of(self.tenant.workspace_id, Some(self.tenant.id), OPERATION, provider, connection_id)
    }

    fn audit(&self, action: AuditAction, run_id: RunId) -> AuditEvent {
        AuditEvent {
            id: EventId::new(self.now, random()),
            at: self.now,
            action,
            workspace_id: self.tenant.workspace_id,
            actor: self.initiator.user_id.clone(),
            tenant_id: Some(self.tenant.id),
            connection_id: self.connection.map(|connection| connection.id),
            run_id: Some(run_id),
            check_key: None,
            reason_code: None,
        }
    }

    fn count(&self, result: &str) {
        Metric::one("Starts", "result", result).emit(self.now);
    }
}

fn unsaved(error: &CompleteError<BlockError>) -> Problem {
    match error {
        CompleteError::Store(error) => storage(error),
        CompleteError::Make(error) => {
            tracing::error!(error = %Chain(error), "a blocked run could not be made");
            Problem::Internal
        }
    }
}

fn no_id() -> Problem {
    tracing::error!(tries = ID_TRIES, "every id that was tried for a run is taken");
    Problem::Unavailable
}
