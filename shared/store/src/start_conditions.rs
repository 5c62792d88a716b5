//! What is written beside whatever a start comes to, in the same transaction: the memory of an idempotency key, the pointer of the
//! onboarding session that the start came from, and the count of what its user has started.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::id::{RunId, SessionId, TenantId};
use domain::idempotency::{Remembered, RequestHash, StartResult};
use domain::time::Timestamp;

use crate::cancellation::Refusals;
use crate::error::StoreError;
use crate::item::{self, VERSION, idempotency, run};
use crate::key;
use crate::start_limit::StartLimit;
use crate::table::Store;
use crate::transaction::Expression;

/// What is written beside a start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StartConditions {
    /// The key that the request carries.
    pub key: Option<KeyUse>,
    /// The session that the start came from.
    pub session: Option<SessionVersion>,
    /// What its user may start within a minute; none for what the system starts.
    pub limit: Option<StartLimit>,
}

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The caller's own name for the request: [`domain::idempotency::IdempotencyKey::of_caller`].
    pub caller: String,
    /// What it asks for.
    pub request: RequestHash,
}

/// A session as it was when the start was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionVersion {
    /// The session.
    pub id: SessionId,
    /// The version that was read.
    pub version: u64,
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConditionRefused {
    /// The key has been used meanwhile, for this.
    Remembered(Remembered),
    /// The user has started as much as they may within this minute.
    LimitReached,
    /// The session has changed since it was read: what to start must be decided again.
    SessionChanged,
}

/// What the conditions of these items say.
pub(crate) enum Judged {
    /// Nothing: they hold.
    Held,
    /// The commit went through, and its answer was lost.
    Mine,
    /// They do not hold.
    Refused(ConditionRefused),
}

/// Points a session to a run and nothing else.
const POINT: &str = "SET #state.verification_operation_run_id = :run, #version = #version + :one";

impl StartConditions {
    /// The items for a start that came to this run with this result, as the call with this token writes them.
    pub(crate) fn items(
        &self,
        store: &Store,
        (tenant, run_id, start_result): (TenantId, RunId, StartResult),
        now: Timestamp,
        token: &str,
    ) -> Vec<TransactWriteItem> {
        let key = self.key.as_ref().map(|KeyUse { caller, request }| {
            let remembered = Remembered { request: request.clone(), run_id, start_result };
            let item = idempotency::of_remembered(tenant, caller, &remembered, now, token);
            store.put_if(item, &Expression::absent_or_expired(now))
        });
        let session = self.session.map(|session| {
            let update = Expression::new(POINT)
                .name("#state", "state")
                .name("#version", VERSION)
                .value(":run", item::number(run_id))
                .value(":read", item::number(session.version))
                .value(":one", item::number(1));
            store.update(key::session(session.id), &update, Some("#version = :read"))
        });
        let limit = self.limit.as_ref().map(|limit| limit.item(store));
        key.into_iter().chain(session).chain(limit).collect()
    }

    /// Judges the conditions of these items: the key first, because a request that comes again is answered again, then the limit.
    pub(crate) fn judge(&self, refusals: &Refusals, tenant: TenantId, token: &str) -> Result<Judged, StoreError> {
        let key = self.key.as_ref().map(|it| key::idempotency(tenant, &it.caller));
        if let Some(stored) = key.and_then(|key| refusals.of(&key)) {
            if item::attribute(stored, run::WRITTEN_BY) == token {
                return Ok(Judged::Mine);
            }
            return Ok(Judged::Refused(ConditionRefused::Remembered(idempotency::to_remembered(stored.clone())?)));
        }
        if self.limit.as_ref().is_some_and(|limit| refusals.of(&limit.key()).is_some()) {
            return Ok(Judged::Refused(ConditionRefused::LimitReached));
        }
        if self.session.is_some_and(|session| refusals.of(&key::session(session.id)).is_some()) {
            return Ok(Judged::Refused(ConditionRefused::SessionChanged));
        }
        Ok(Judged::Held)
    }
}
