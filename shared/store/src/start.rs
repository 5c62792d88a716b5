//! The start of a verification: what its decision needs, and the transaction that opens a run.

use std::time::Duration;

use domain::access::{Authority, Scope};
use domain::audit::AuditEvent;
use domain::connection::ProviderConnection;
use domain::guarded::Guarded;
use domain::id::{ConnectionId, RunId, TenantId, UserId, WorkspaceId};
use domain::idempotency::{Remembered, StartResult};
use domain::identity::RunIdentityHash;
use domain::operation_run::{OperationRun, RunHeader, RunState};
use domain::tenant::Tenant;
use domain::time::Timestamp;
use serde::Serialize;

use crate::batch_get::TenantKeys;
use crate::cancellation::Refusals;
use crate::error::{Damaged, StoreError};
use crate::item::latest::Latest;
use crate::item::slot::{self, Slot};
use crate::item::{self, Entity, Item, Stored, idempotency, run, state};
use crate::key::{self, Key};
use crate::start_conditions::{self, ConditionRefused, StartConditions};
use crate::table::Store;
use crate::transaction::{self, Expression, Transacted};

/// What the decision over a start needs.
#[derive(Debug, Clone)]
pub struct StartData {
    /// The tenant.
    pub tenant: Tenant,
    /// The tenant's connections, by id; of a start that names one, that one alone.
    pub connections: Vec<ProviderConnection>,
    /// The active runs of these connections.
    pub slots: Vec<Slot>,
    /// What is remembered of the caller's idempotency key.
    pub remembered: Option<Remembered>,
    /// What of the connections and slots cannot be read.
    damaged: Vec<Damaged>,
}

impl StartData {
    /// Holds that the connection that a start is about is not one that cannot be read. A start that names none is about the default
    /// one, and while none of those that can be read is that, any of the others may be.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is.
    pub fn require_readable(&self, named: Option<ConnectionId>) -> Result<(), StoreError> {
        let has_default = self.connections.iter().any(|connection| connection.is_default);
        let is_meant = |damaged: &&Damaged| match (key::connection_of(&damaged.key), named) {
            (Some(id), Some(named)) => id == named,
            (Some(_), None) => !has_default,
            (None, _) => false,
        };
        self.damaged.iter().find(is_meant).map_or(Ok(()), |damaged| Err(damaged.clone().into()))
    }
}

/// What came of opening a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The run is new and waits for a worker.
    New,
    /// The same verification is active already: this run.
    Active(RunId),
    /// Another operation is active on the connection: this run.
    Busy(RunId),
    /// Another run has this id: open it again with a new one.
    IdTaken,
    /// What is written beside it does not fit any more.
    Refused(ConditionRefused),
}

/// What came of giving a caller the run that is active already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deduplicated {
    /// The run, and it is recorded that the caller was given it; none when it has vanished meanwhile.
    Done(Option<Box<OperationRun>>),
    /// What is written beside it does not fit any more.
    Refused(ConditionRefused),
}

impl Store {
    /// Loads what the decision over a start needs: in one call where it names its connection, else in two side by side. `caller` is the
    /// caller's own name for the request, if it carries an idempotency key.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_start(
        &self,
        workspace: WorkspaceId,
        tenant: TenantId,
        user: &UserId,
        named: Option<ConnectionId>,
        caller: Option<&str>,
        now: Timestamp,
    ) -> Result<Guarded<StartData>, StoreError> {
        let keys = TenantKeys::of(workspace, tenant, user);
        let remembered_key = caller.map(|caller| key::idempotency(tenant, caller));
        let named_keys = named.map(|named| [key::slot(tenant, named), key::connection(tenant, named)]);
        let all = keys.all().chain(remembered_key.clone()).chain(named_keys.clone().into_iter().flatten()).collect();
        let all_connections = async {
            match named_keys {
                Some(_) => Ok(Vec::new()),
                None => self.query(key::slots_and_connections(tenant)).await,
            }
        };
        let (mut found, items) = tokio::try_join!(self.batch_get(all), all_connections)?;
        let named_items: Vec<_> = named_keys.iter().flatten().filter_map(|key| found.take(key)).collect();
        let Stored { connections, slots, damaged, .. } = Stored::of(items.into_iter().chain(named_items));
        self.leave_out(&damaged);
        keys.guard(&mut found, |found, tenant| {
            let remembered = remembered_key.and_then(|key| found.take(&key)).and_then(|item| item::live(item, now));
            let remembered = remembered.map(idempotency::to_remembered).transpose()?;
            Ok(StartData { tenant, connections, slots, remembered, damaged })
        })
    }

    /// Makes the calls of [`Store::load_start`] for a tenant that does not exist.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_nobodys_start(&self, user: &UserId) -> Result<(), StoreError> {
        let items = self.query(key::nobodys_slots_and_connections());
        tokio::try_join!(self.batch_get(vec![key::nobodys_membership(user)]), items).map(drop)
    }

    /// Opens a queued run: the run, its connection's slot, the audit event and what is written beside them, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] when the rights are for another scope; others when the table does not answer.
    pub async fn open(
        &self,
        authority: Authority,
        run: &OperationRun,
        audit: &AuditEvent,
        conditions: &StartConditions,
    ) -> Result<Opened, StoreError> {
        let header = &run.header;
        require(authority, Scope::of_run(header), audit)?;
        let unfit = |problem| StoreError::Unfit { run_id: header.id, problem };
        if run.state != RunState::Queued {
            return Err(unfit("is not queued, so it cannot be opened"));
        }
        let tenant = header.tenant_id;
        let Some(connection) = header.target.connection_id else {
            return Err(unfit("has no connection, so nothing could keep it the only one"));
        };
        let token = transaction::token();
        let run_item = run::of_run(run, self.settings.run_retention, &token);
        let slot_item = slot::of_run(header, tenant, connection, &token);
        let mut items = vec![
            self.put_if(slot_item, &Expression::absent()),
            self.put_if(run_item, &Expression::absent()),
            self.record(audit, &token),
        ];
        items.extend(conditions.items(self, (tenant, header.id, StartResult::Accepted), header.created_at, &token));
        match self.transact(&items, &token).await? {
            Transacted::Committed => Ok(Opened::New),
            Transacted::Refused(refusals) => judge(&refusals, header, (tenant, connection), conditions, &token),
        }
    }

    /// Reads the active run that a start met, and records at the same time that the caller was given that one.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] when the rights are for another scope; others when the table does not answer.
    pub async fn deduplicated(
        &self,
        authority: Authority,
        active: RunId,
        audit: &AuditEvent,
        conditions: &StartConditions,
    ) -> Result<Deduplicated, StoreError> {
        require(authority, authority.scope(), audit)?;
        let Scope::Tenant(_, tenant) = authority.scope() else { return Err(StoreError::Foreign) };
        let given = (tenant, active, StartResult::Deduplicated);
        let (run, refused) =
            tokio::try_join!(self.load_run(active, audit.at), self.record_given(audit, conditions, given))?;
        if let Some(refused) = refused {
            return Ok(Deduplicated::Refused(refused));
        }
        if let Some(run) = &run {
            require(authority, Scope::of_run(&run.header), audit)?;
        }
        Ok(Deduplicated::Done(run.map(Box::new)))
    }

    /// Records that a caller was given a run that was blocked a moment ago, in place of another one that would be blocked alike.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] when the rights are for another scope; others when the table does not answer.
    pub async fn blocked_again(
        &self,
        authority: Authority,
        run: &RunHeader,
        audit: &AuditEvent,
        conditions: &StartConditions,
    ) -> Result<Option<ConditionRefused>, StoreError> {
        require(authority, Scope::of_run(run), audit)?;
        self.record_given(audit, conditions, (run.tenant_id, run.id, StartResult::Blocked)).await
    }

    /// Reads a run, unless it has expired.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run(&self, run: RunId, now: Timestamp) -> Result<Option<OperationRun>, StoreError> {
        let stored = self.get(key::run(run)).await?;
        Ok(stored.and_then(|item| item::live(item, now)).map(run::to_run).transpose()?)
    }

    /// Reads the latest completed run of an identity, unless it has expired. One that cannot be read is followed by none.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn latest(
        &self,
        tenant: TenantId,
        identity: &RunIdentityHash,
        now: Timestamp,
    ) -> Result<Option<Latest>, StoreError> {
        let stored = self.get(key::state(tenant, identity)).await?;
        Ok(stored.and_then(|item| self.latest_of(item, now)))
    }

    /// The latest run in the state of an identity.
    pub(crate) fn latest_of(&self, item: Item, now: Timestamp) -> Option<Latest> {
        self.readable(state::to_latest(item)).flatten().and_then(|latest| latest.live(now))
    }

    /// Records that a caller was given this run, with what is written beside that. Of a caller and a run there is one event: whoever
    /// asks again and again is given it again and again, and leaves no trail of it.
    async fn record_given(
        &self,
        audit: &AuditEvent,
        conditions: &StartConditions,
        given: (TenantId, RunId, StartResult),
    ) -> Result<Option<ConditionRefused>, StoreError> {
        let (tenant, run, _) = given;
        let token = transaction::token();
        let marker = audit.actor.user().map(|user| key::given_run(tenant, run, user));
        let mut items = vec![self.record(audit, &token)];
        items.extend(marker.iter().map(|key| self.put_if(given_run(key, audit.at), &Expression::absent())));
        items.extend(conditions.items(self, given, audit.at, &token));
        let Transacted::Refused(refusals) = self.transact(&items, &token).await? else { return Ok(None) };
        match conditions.judge(&refusals, tenant, &token)? {
            start_conditions::Judged::Mine => return Ok(None),
            start_conditions::Judged::Refused(refused) => return Ok(Some(refused)),
            start_conditions::Judged::Held => {}
        }
        // It is recorded already: what is left is written without it.
        marker.and_then(|key| refusals.of(&key)).ok_or_else(|| refusals.unexpected())?;
        let token = transaction::token();
        let items = conditions.items(self, given, audit.at, &token);
        if items.is_empty() {
            return Ok(None);
        }
        let Transacted::Refused(refusals) = self.transact(&items, &token).await? else { return Ok(None) };
        match conditions.judge(&refusals, tenant, &token)? {
            start_conditions::Judged::Mine => Ok(None),
            start_conditions::Judged::Refused(refused) => Ok(Some(refused)),
            start_conditions::Judged::Held => Err(refusals.unexpected()),
        }
    }
}

/// How long it is remembered that a caller was given a run: longer than any run is active.
const GIVEN: Duration = Duration::from_hours(24);

#[derive(Serialize)]
struct Nothing {}

/// The item that says that a caller was given a run.
fn given_run(key: &Key, now: Timestamp) -> Item {
    let mut item = item::build(Entity::GivenRun, key, &Nothing {});
    item::expire(&mut item, now, GIVEN);
    item
}

/// What the refused conditions mean: first what is written beside the run, then the slot, then the run's id. Where a stored item carries
/// this call's own token, the commit went through and its answer was lost.
fn judge(
    refusals: &Refusals,
    header: &RunHeader,
    (tenant, connection): (TenantId, ConnectionId),
    conditions: &StartConditions,
    token: &str,
) -> Result<Opened, StoreError> {
    let mine = |item: &Item| item::attribute(item, run::WRITTEN_BY) == token;
    let (slot, run) = (refusals.of(&key::slot(tenant, connection)), refusals.of(&key::run(header.id)));
    if slot.into_iter().chain(run).any(mine) {
        return Ok(Opened::New);
    }
    match conditions.judge(refusals, tenant, token)? {
        start_conditions::Judged::Mine => return Ok(Opened::New),
        start_conditions::Judged::Refused(refused) => return Ok(Opened::Refused(refused)),
        start_conditions::Judged::Held => {}
    }
    if let Some(slot) = slot {
        let slot = slot::to_slot(slot.clone()).map_err(StoreError::UnreadableSlot)?;
        let same = slot.identity_hash == header.identity_hash;
        return Ok(if same { Opened::Active(slot.run_id) } else { Opened::Busy(slot.run_id) });
    }
    run.map(|_| Opened::IdTaken).ok_or_else(|| refusals.unexpected())
}

/// Holds that the authority is for starting in this scope, and that the audit event tells of it.
fn require(authority: Authority, scope: Scope, audit: &AuditEvent) -> Result<(), StoreError> {
    let is_recorded = (audit.workspace_id, audit.tenant_id) == (scope.workspace_id(), scope.tenant_id());
    if authority.starts_in(scope) && is_recorded { Ok(()) } else { Err(StoreError::Foreign) }
}
