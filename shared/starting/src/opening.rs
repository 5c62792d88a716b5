//! A start that was decided upon: it is recorded and queued, given the active run of the same identity, or recorded as blocked with
//! its report.

use std::time::Duration;

use domain::audit::{Actor, AuditAction, AuditEvent};
use domain::connection::{Provider, ProviderConnection};
use domain::id::{EventId, RunId};
use domain::idempotency::Remembered;
use domain::identity::RunIdentityHash;
use domain::naming::NamingDigest;
use domain::operation_run::{Operation, OperationRun, RunHeader, RunTarget};
use domain::preflight::Block;
use domain::report::{PreviousReport, Report};
use domain::stub;
use domain::tenant::Tenant;
use domain::time::Timestamp;
use runtime::Chain;
use runtime::clock::random;
use runtime::metric::Metric;
use store::{Completed, ConditionRefused, Deduplicated, Latest, Opened, Origin, Saved, Slot};

use crate::started::{MakeError, ReportJson, StartError, Started};
use crate::starter::{Start, Starter};

/// How many ids are tried. Two runs of the same millisecond share one in 4,096 times, so a third try is already unheard of.
const ID_TRIES: u32 = 5;

/// What is started here.
const OPERATION: Operation = Operation::ProviderConnectionCheck;

/// For so long a blocked run is given to whoever starts the same again and would be blocked alike: who asks in a loop fills nothing.
const BLOCKED_AGAIN: Duration = Duration::from_mins(1);

/// Whether the latest run says already what another blocked one would say, of the same app.
fn is_again(latest: &Latest, block: &Block, now: Timestamp) -> bool {
    let is_recent = latest.completed_at <= now && now.since(latest.completed_at) < BLOCKED_AGAIN;
    let Some((code, before)) = &latest.blocked else { return false };
    let naming = || NamingDigest::of(block.client_id.as_ref(), &stub::blocked(block));
    is_recent && code.as_str() == block.reason.code() && *before == naming()
}

/// Everything that is known about a verification before it has a run.
pub(crate) struct Opening<'a> {
    pub(crate) starter: &'a Starter,
    pub(crate) start: &'a Start<'a>,
    pub(crate) tenant: &'a Tenant,
    pub(crate) connection: Option<&'a ProviderConnection>,
}

impl Opening<'_> {
    /// Records a new run and queues it, unless one is active on the connection.
    pub(crate) async fn open(&self, slots: &[Slot]) -> Result<Started, StartError> {
        let connection_id = self.connection.map(|connection| connection.id);
        if let Some(slot) = slots.iter().find(|slot| Some(slot.connection_id) == connection_id) {
            let same = slot.identity_hash == self.identity();
            return if same { self.deduplicate(slot.run_id).await } else { Ok(Started::Busy(slot.run_id)) };
        }
        let store = &self.starter.store;
        for _ in 0..ID_TRIES {
            let run = OperationRun::queue(self.header());
            let audit = self.audit(AuditAction::VerificationStarted, run.header.id);
            match store.open(self.start.authority, &run, &audit, &self.start.conditions).await? {
                Opened::New => {
                    self.send(&run.header).await;
                    return Ok(Started::Accepted(run));
                }
                Opened::Active(active) => return self.deduplicate(active).await,
                Opened::Busy(active) => return Ok(Started::Busy(active)),
                Opened::Refused(refused) => return self.refused(&refused).await,
                Opened::IdTaken => {}
            }
        }
        Err(StartError::NoId)
    }

    /// Asks the workers to take the run. That they cannot be asked is no failure of the start: the run is safe in the table, and
    /// whoever looks after runs asks again.
    async fn send(&self, run: &RunHeader) {
        match tokio::time::timeout_at(self.start.send_by, self.starter.queue.send(run)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                tracing::error!(run.id = %run.id, error = %Chain(&error), "a run is recorded, but its message was not sent");
            }
            Err(_elapsed) => {
                tracing::error!(run.id = %run.id, "a run is recorded, but the queue did not take its message in time");
            }
        }
        Metric::count("Unsent", 1).emit(self.start.now);
    }

    /// What is written beside the start does not fit any more: the key has been used, or the session changed.
    async fn refused(&self, refused: &ConditionRefused) -> Result<Started, StartError> {
        match refused {
            ConditionRefused::Remembered(remembered) => self.replay(remembered).await,
            ConditionRefused::SessionChanged => Ok(Started::SessionMoved),
        }
    }

    /// Answers a request that comes again as it was answered before.
    pub(crate) async fn replay(&self, remembered: &Remembered) -> Result<Started, StartError> {
        let same = self.start.conditions.key.as_ref().is_some_and(|key| key.request == remembered.request);
        if !same {
            return Ok(Started::KeyReused);
        }
        let (run, report) = self.load(remembered.run_id).await?;
        Ok(Started::Replayed(run, report, remembered.start_result))
    }

    /// A run as it is stored, with its report if it has one.
    async fn load(&self, run_id: RunId) -> Result<(OperationRun, Option<ReportJson>), StartError> {
        let stored = self.starter.store.load_run_with_report(run_id, self.start.now).await;
        let stored = stored.map_err(StartError::AfterCommit)?.ok_or(StartError::Vanished(run_id))?;
        Ok((stored.run, stored.report.map(|report| report.json)))
    }

    /// Answers with the run that is active already.
    async fn deduplicate(&self, active: RunId) -> Result<Started, StartError> {
        let audit = self.audit(AuditAction::VerificationDeduplicated, active);
        let given = self.starter.store.deduplicated(self.start.authority, active, &audit, &self.start.conditions).await;
        match given.map_err(StartError::AfterCommit)? {
            Deduplicated::Done(Some(run)) if run.is_active() => Ok(Started::Deduplicated(*run, None)),
            // It ended between the two reads: a completed run is never shown without its report.
            Deduplicated::Done(_) => {
                let (run, report) = self.load(active).await?;
                Ok(Started::Deduplicated(run, report))
            }
            Deduplicated::Refused(refused) => self.refused(&refused).await,
        }
    }

    /// Records a run that never starts, with the report that says why.
    pub(crate) async fn block(&self, block: &Block) -> Result<Started, StartError> {
        let (store, now) = (&self.starter.store, self.start.now);
        let latest = store.latest(self.tenant.id, &self.identity(), now).await?;
        if let Some(again) = latest.as_ref().filter(|latest| is_again(latest, block, now))
            && let Some((run, report)) = self.blocked_before(again.previous.run_id).await?
        {
            return self.block_again(run, report).await;
        }
        for _ in 0..ID_TRIES {
            let header = self.header();
            let make = |previous| self.blocked(&header, block, previous);
            match store.complete(now, latest.clone(), make).await? {
                Saved::Done(completed) => {
                    let Completed { run, report, .. } = *completed;
                    return Ok(Started::Blocked(run, report.json().to_vec()));
                }
                Saved::Refused(refused) => return self.refused(&refused).await,
                Saved::IdTaken => {}
                Saved::Stale => return Err(StartError::Overtaken(header.id)),
            }
        }
        Err(StartError::NoId)
    }

    /// A run that was blocked a moment ago, with its report; none when it cannot be read, which must not keep anybody from another one.
    async fn blocked_before(&self, run_id: RunId) -> Result<Option<(OperationRun, ReportJson)>, StartError> {
        match self.starter.store.load_run_with_report(run_id, self.start.now).await {
            Ok(stored) => Ok(stored.and_then(|stored| Some((stored.run, stored.report?.json)))),
            Err(error) if error.is_retryable() => Err(StartError::Store(error)),
            Err(error) => {
                runtime::damage::tell_of(&error);
                Ok(None)
            }
        }
    }

    /// Answers with the run that was blocked alike a moment ago.
    async fn block_again(&self, run: OperationRun, report: ReportJson) -> Result<Started, StartError> {
        let audit = self.audit(AuditAction::VerificationDeduplicated, run.header.id);
        let (store, start) = (&self.starter.store, self.start);
        let recorded = store.blocked_again(start.authority, &run.header, &audit, &start.conditions).await;
        if let Some(refused) = recorded.map_err(StartError::AfterCommit)? {
            return self.refused(&refused).await;
        }
        Ok(Started::Blocked(run, report))
    }

    fn blocked(
        &self,
        header: &RunHeader,
        block: &Block,
        previous: Option<PreviousReport>,
    ) -> Result<Completed, MakeError> {
        let now = self.start.now;
        let (checks, client_id) = (stub::blocked(block), block.client_id.as_ref());
        let report = Report { run: header, client_id, generated_at: now, previous, checks }.seal()?;
        let run = OperationRun::queue(header.clone()).block(now, block, &report)?;
        let id = EventId::new(now, random());
        let audit = AuditEvent::of_end(id, now, AuditAction::VerificationBlocked, &run);
        let origin = Origin::Fresh { authority: self.start.authority, conditions: self.start.conditions.clone() };
        Ok(Completed { run, report, origin, inventory: None, health: None, audit })
    }

    /// A new run's header; each call makes another id.
    fn header(&self) -> RunHeader {
        RunHeader {
            id: RunId::new(self.start.now, random()),
            workspace_id: self.tenant.workspace_id,
            tenant_id: self.tenant.id,
            operation: OPERATION,
            identity_hash: self.identity(),
            initiator: self.start.initiator.clone(),
            target: RunTarget::of(self.tenant, self.connection),
            session_id: self.start.conditions.session.as_ref().map(|session| session.id),
            created_at: self.start.now,
        }
    }

    fn identity(&self) -> RunIdentityHash {
        let provider = self.connection.map_or(Provider::Microsoft, |connection| connection.provider);
        let connection_id = self.connection.map(|connection| connection.id);
        RunIdentityHash::of(self.tenant.workspace_id, self.tenant.id, OPERATION, provider, connection_id)
    }

    fn audit(&self, action: AuditAction, run_id: RunId) -> AuditEvent {
        let (id, actor) = (EventId::new(self.start.now, random()), Actor::from(&self.start.initiator));
        AuditEvent {
            tenant_id: Some(self.tenant.id),
            connection_id: self.connection.map(|connection| connection.id),
            run_id: Some(run_id),
            ..AuditEvent::new(id, self.start.now, action, self.tenant.workspace_id, actor)
        }
    }
}
