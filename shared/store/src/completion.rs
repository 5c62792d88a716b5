//! The transaction that ends a run: run, report, latest run of the identity, audit event and, where a worker held the run, the
//! connection's slot, inventory and health. All of it or nothing; whoever comes late changes nothing.

use domain::access::Authority;
use domain::audit::AuditEvent;
use domain::connection::ConnectionHealth;
use domain::id::TenantId;
use domain::identity::RunIdentityHash;
use domain::operation_run::OperationRun;
use domain::permissions::PermissionInventory;
use domain::report::{PreviousReport, SealedReport};
use domain::time::Timestamp;

use crate::backoff::Backoff;
use crate::cancellation::Refusals;
use crate::error::StoreError;
use crate::item::latest::Latest;
use crate::item::{self, run, state};
use crate::key;
use crate::start_conditions::{self, ConditionRefused, StartConditions};
use crate::table::Store;
use crate::transaction::{self, Transacted};

mod parts;

use parts::{Parts, Replaced, SlotOwner};

/// A completed run with everything that is stored with it.
#[derive(Debug, Clone)]
pub struct Completed {
    /// The run, completed.
    pub run: OperationRun,
    /// Its report.
    pub report: SealedReport,
    /// Where the run comes from.
    pub origin: Origin,
    /// The connection's permissions, when they were refreshed.
    pub inventory: Option<PermissionInventory>,
    /// The connection's health, when the run says something about it.
    pub health: Option<ConnectionHealth>,
    /// What the audit trail says.
    pub audit: AuditEvent,
}

/// Where a run that is completed comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is made and completed at once, as a start that is blocked: nothing of it is stored yet.
    Fresh {
        /// By whose authority it is made.
        authority: Authority,
        /// What is written beside it.
        conditions: StartConditions,
    },
    /// A worker claimed it.
    Claimed {
        /// The number of the worker's attempt.
        attempt: u32,
    },
    /// Somebody who looks after runs found it like this, active, and nothing has changed since.
    Found {
        /// Counts the changes of the run: what was read.
        version: u64,
    },
}

/// What came of completing a run.
#[derive(Debug, Clone)]
pub enum Saved {
    /// It is completed as given here.
    Done(Box<Completed>),
    /// It was not this attempt's any more: nothing changed.
    Stale,
    /// Another run has the id of this fresh one: make it again with a new one.
    IdTaken,
    /// What is written beside this fresh one does not fit any more.
    Refused(ConditionRefused),
}

/// Why a run was not completed.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError<E> {
    /// The completed run could not be made.
    #[error("the completed run could not be made")]
    Make(#[source] E),
    /// The table did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Each of them follows a report that another run completed meanwhile: as many runs of one identity may complete at once, each in
/// its turn. Who waits for the answer ends it earlier, with a deadline.
const TRIES: u32 = 64;

/// What one try came to.
enum Tried {
    Done,
    Stale,
    IdTaken,
    Refused(ConditionRefused),
    LatestMoved,
    ForeignSlot,
}

impl Store {
    /// Completes a run. `latest` is the latest run of its identity as it was read; `make` seals the report that follows it and
    /// completes the run with it, and is called again when the latest run has changed meanwhile.
    ///
    /// # Errors
    /// [`CompleteError`]: what `make` says, or the table.
    pub async fn complete<E>(
        &self,
        now: Timestamp,
        latest: Option<Latest>,
        make: impl Fn(Option<PreviousReport>) -> Result<Completed, E>,
    ) -> Result<Saved, CompleteError<E>> {
        let mut replaced = latest.map_or(Replaced::Nothing, |latest| Replaced::Run(latest.previous));
        let mut slot = SlotOwner::ThisRun;
        let mut backoff = Backoff::of(TRIES);
        loop {
            let completed = make(replaced.previous()).map_err(CompleteError::Make)?;
            let parts = Parts::of(&completed, replaced.clone())?;
            match self.try_to_complete(&parts, now, slot).await? {
                Tried::Done => return Ok(Saved::Done(Box::new(completed))),
                Tried::Stale => return Ok(Saved::Stale),
                Tried::IdTaken => return Ok(Saved::IdTaken),
                Tried::Refused(refused) => return Ok(Saved::Refused(refused)),
                Tried::LatestMoved => {
                    tokio::time::sleep(backoff.next().ok_or(StoreError::LatestMoved)?).await;
                    replaced = self.replaced(parts.tenant, &completed.run.header.identity_hash, now).await?;
                }
                Tried::ForeignSlot => slot = SlotOwner::AnotherRun,
            }
        }
    }

    /// What the new latest run of an identity would replace now.
    async fn replaced(
        &self,
        tenant: TenantId,
        identity: &RunIdentityHash,
        now: Timestamp,
    ) -> Result<Replaced, StoreError> {
        let Some(stored) = self.get(key::state(tenant, identity)).await? else { return Ok(Replaced::Nothing) };
        let run_id = state::latest_run_id(&stored).cloned();
        Ok(match self.readable(state::to_latest(stored)) {
            Some(latest) => {
                let latest = latest.and_then(|latest| latest.live(now));
                latest.map_or(Replaced::Nothing, |latest| Replaced::Run(latest.previous))
            }
            None => Replaced::Unreadable(run_id),
        })
    }

    async fn try_to_complete(&self, parts: &Parts<'_>, now: Timestamp, slot: SlotOwner) -> Result<Tried, StoreError> {
        let token = transaction::token();
        let items = self.completing_items(parts, now, slot, &token);
        match self.transact(&items, &token).await? {
            Transacted::Committed => Ok(Tried::Done),
            Transacted::Refused(refusals) => judge(&refusals, parts, &token),
        }
    }
}

/// What the refused conditions mean, in this order. Only the run's own condition means that somebody else has it; where the stored
/// run carries this try's token, the commit went through and its answer was lost.
fn judge(refusals: &Refusals, parts: &Parts<'_>, token: &str) -> Result<Tried, StoreError> {
    let (tenant, header) = (parts.tenant, &parts.completed.run.header);
    let stored = refusals.of(&key::run(header.id));
    if stored.is_some_and(|stored| item::attribute(stored, run::WRITTEN_BY) == token) {
        return Ok(Tried::Done);
    }
    match (&parts.completed.origin, stored) {
        (Origin::Claimed { .. } | Origin::Found { .. }, Some(_)) => return Ok(Tried::Stale),
        (Origin::Claimed { .. } | Origin::Found { .. }, None) => {}
        (Origin::Fresh { conditions, .. }, stored) => match (conditions.judge(refusals, tenant, token)?, stored) {
            (start_conditions::Judged::Mine, _) => return Ok(Tried::Done),
            (start_conditions::Judged::Refused(refused), _) => return Ok(Tried::Refused(refused)),
            (start_conditions::Judged::Held, Some(_)) => return Ok(Tried::IdTaken),
            (start_conditions::Judged::Held, None) => {}
        },
    }
    if refusals.of(&key::state(tenant, &header.identity_hash)).is_some() {
        Ok(Tried::LatestMoved)
    } else if parts.connection.is_some_and(|connection| refusals.of(&key::slot(tenant, connection)).is_some()) {
        Ok(Tried::ForeignSlot)
    } else {
        Err(refusals.unexpected())
    }
}
