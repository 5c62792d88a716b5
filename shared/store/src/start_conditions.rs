//! What is written beside whatever a start comes to, in the same transaction: the memory of an idempotency key and the pointer of
//! the onboarding session that the start came from.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::id::{RunId, SessionId, TenantId};
use domain::idempotency::{Remembered, RequestHash, StartResult};
use domain::time::Timestamp;

use crate::cancellation::Refusals;
use crate::error::StoreError;
use crate::item::{self, VERSION, idempotency, run};
use crate::key;
use crate::table::Store;
use crate::transaction::Expression;

/// What is written beside a start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StartConditions {
    /// The key that the request carries.
    pub key: Option<KeyUse>,
    /// The session that the start came from.
    pub session: Option<SessionVersion>,
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
        key.into_iter().chain(session).collect()
    }

    /// Judges the conditions of these items: the key first, because a request that comes again is answered again.
    pub(crate) fn judge(&self, refusals: &Refusals, tenant: TenantId, token: &str) -> Result<Judged, StoreError> {
        let key = self.key.as_ref().map(|it| key::idempotency(tenant, &it.caller));
        if let Some(stored) = key.and_then(|key| refusals.of(&key)) {
            if item::attribute(stored, run::WRITTEN_BY) == token {
                return Ok(Judged::Mine);
            }
            return Ok(Judged::Refused(ConditionRefused::Remembered(idempotency::to_remembered(stored.clone())?)));
        }
        if self.session.is_some_and(|session| refusals.of(&key::session(session.id)).is_some()) {
            return Ok(Judged::Refused(ConditionRefused::SessionChanged));
        }
        Ok(Judged::Held)
    }
}
