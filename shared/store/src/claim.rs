//! A worker takes a run, and gives it back when the provider is in trouble.

use domain::bounds::Bounds;
use domain::id::RunId;
use domain::operation_run::{OperationRun, RunState};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::item::{self, run, text};
use crate::key;
use crate::table::Store;
use crate::transaction::{self, Expression, Updated};

/// What came of claiming a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "made once a message and taken apart at once")]
pub enum Claim {
    /// It is this worker's until its lease ends.
    Mine(OperationRun),
    /// It is completed.
    Done,
    /// Another worker holds it, or it waits for the provider.
    Held {
        /// Until when, as far as that can be true.
        until: Timestamp,
    },
    /// There is no such run.
    Gone,
}

/// What came of giving a run back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// Another worker may take it.
    Done,
    /// It was not this worker's any more: nothing changed.
    Stale,
}

/// A run waits for a worker, or its last worker's lease has ended or cannot be true, and so has its wait for the provider, as [`OperationRun::claim`] has it: the test
/// `the_database_claims_as_the_domain_does` holds the two together. Times are text of one length in UTC, so they compare as text.
const CLAIMABLE: &str = "#status = :queued OR (#status = :running AND (lease_until < :now OR lease_until > :longest_lease) \
    AND (attribute_not_exists(retry_at) OR retry_at <= :now OR retry_at > :longest_wait))";

const CLAIM: &str = "SET #status = :running, attempt = attempt + :one, version = version + :one, \
    started_at = if_not_exists(started_at, :now), lease_until = :lease_until, written_by = :token REMOVE retry_at";

const MINE: &str = "#status = :running AND attempt = :mine";

const GIVE_BACK: &str = "SET lease_until = :lease_until, retry_at = :retry_at, version = :version";

impl Store {
    /// Takes a run until `lease_until`: the transition of [`OperationRun::claim`], decided by the database.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn claim(
        &self,
        run: RunId,
        now: Timestamp,
        lease_until: Timestamp,
        bounds: &Bounds,
    ) -> Result<Claim, StoreError> {
        let token = transaction::token();
        let update = Expression::new(CLAIM)
            .name("#status", "status")
            .value(":queued", text("queued"))
            .value(":running", text("running"))
            .value(":one", item::number(1))
            .value(":now", text(now))
            .value(":lease_until", text(lease_until))
            .value(":longest_lease", text(bounds.longest_lease(now)))
            .value(":longest_wait", text(bounds.longest_wait(now)))
            .value(":token", text(token.as_str()));
        let stored = match self.update_if(&key::run(run), &update, CLAIMABLE).await? {
            Updated::Done(item) => return Ok(Claim::Mine(run::to_run(item)?)),
            Updated::Refused(item) if item.is_empty() => return Ok(Claim::Gone),
            Updated::Refused(item) => item,
        };
        // The claim went through, and its answer was lost.
        let mine = item::attribute(&stored, run::WRITTEN_BY) == token;
        let stored = run::to_run(stored)?;
        match &stored.state {
            RunState::Running(_) if mine => Ok(Claim::Mine(stored)),
            RunState::Running(attempt) => {
                let waits = attempt.retry_at.filter(|at| bounds.waits(Some(*at), now));
                let held = Some(attempt.lease_until).filter(|until| bounds.holds(*until, now));
                Ok(Claim::Held { until: waits.max(held).unwrap_or(now) })
            }
            RunState::Completed(_) => Ok(Claim::Done),
            RunState::Queued => Err(StoreError::Unfit {
                run_id: run,
                problem: "is queued, and yet the table does not let it be claimed",
            }),
        }
    }

    /// Stores a run that its worker gave back, unless another has taken it meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn give_back(&self, run: &OperationRun) -> Result<Returned, StoreError> {
        let unfit = |problem| StoreError::Unfit { run_id: run.header.id, problem };
        let RunState::Running(attempt) = &run.state else {
            return Err(unfit("is not running, so nobody can give it back"));
        };
        let retry_at = attempt.retry_at.ok_or_else(|| unfit("has not been given back"))?;
        let update = Expression::new(GIVE_BACK)
            .name("#status", "status")
            .value(":running", text("running"))
            .value(":mine", item::number(attempt.number))
            .value(":lease_until", text(attempt.lease_until))
            .value(":retry_at", text(retry_at))
            .value(":version", item::number(run.version));
        match self.update_if(&key::run(run.header.id), &update, MINE).await? {
            Updated::Done(_) => Ok(Returned::Done),
            Updated::Refused(_) => Ok(Returned::Stale),
        }
    }
}
