//! The start of a verification: what its decision needs, and the transaction that opens a run.

use domain::access::{Capability, Entitled, Rights, Scope};
use domain::audit::AuditEvent;
use domain::connection::ProviderConnection;
use domain::id::{EventId, RunId, TenantId, UserId, WorkspaceId};
use domain::identity::RunIdentityHash;
use domain::operation_run::{OperationRun, RunState};
use domain::tenant::Tenant;
use domain::time::Timestamp;

use crate::Store;
use crate::batch_get::RightsKeys;
use crate::cancellation::Refusals;
use crate::error::StoreError;
use crate::item::latest::{self, Latest};
use crate::item::slot::{self, Slot};
use crate::item::{self, Entity, Item, audit, connection, directory, run};
use crate::key;
use crate::transaction::{self, Answer, Expression};

/// What the decision over a start needs.
#[derive(Debug, Clone)]
pub struct StartData {
    /// What the caller holds in the workspace and on the tenant.
    pub rights: Rights,
    /// The tenant, whichever workspace it belongs to.
    pub tenant: Option<Tenant>,
    /// The tenant's connections, by id.
    pub connections: Vec<ProviderConnection>,
    /// The active runs of these connections.
    pub slots: Vec<Slot>,
}

/// What came of opening a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// The run is new and waits for a worker.
    New,
    /// The same verification is active already: this run.
    Active(RunId),
    /// Another operation is active on the connection: this run.
    Busy(RunId),
    /// Another run has this id: open it again with a new one.
    IdTaken,
}

/// The places of the items in the opening transaction.
const SLOT: usize = 0;
const RUN: usize = 1;
const AUDIT: usize = 2;

/// New ids for the audit event before giving up: two ids of the same millisecond collide once in 4,096 times.
const AUDIT_IDS: usize = 4;

impl Store {
    /// Loads what the decision over a start needs, in two calls side by side.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_start(
        &self,
        workspace: WorkspaceId,
        tenant: TenantId,
        user: &UserId,
    ) -> Result<StartData, StoreError> {
        let rights = RightsKeys::of(workspace, Some(tenant), user);
        let tenant_key = key::tenant(tenant);
        let keys = rights.all().chain([tenant_key.clone()]).collect();
        let items = self.query(key::slots_and_connections(tenant));
        let (mut found, items) = tokio::try_join!(self.batch_get(keys), items)?;
        let (slots, connections): (Vec<Item>, Vec<Item>) =
            items.into_iter().partition(|item| item::attribute(item, "entity") == Entity::Slot.as_str());
        Ok(StartData {
            rights: rights.read(&mut found)?,
            tenant: found.take(&tenant_key).map(directory::to_tenant).transpose()?,
            connections: connections.into_iter().map(connection::to_connection).collect::<Result<_, _>>()?,
            slots: slots.into_iter().map(slot::to_slot).collect::<Result<_, _>>()?,
        })
    }

    /// Opens a queued run: the run, its connection's slot and the audit event, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] when the rights are for another scope; others when the table does not answer.
    pub async fn open(
        &self,
        entitled: &Entitled,
        run: &OperationRun,
        audit: &AuditEvent,
    ) -> Result<Opened, StoreError> {
        let header = &run.header;
        require(*entitled, Scope { workspace_id: header.workspace_id, tenant_id: header.tenant_id }, audit)?;
        let unfit = |problem| StoreError::Unfit { run_id: header.id, problem };
        if run.state != RunState::Queued {
            return Err(unfit("is not queued, so it cannot be opened"));
        }
        let (Some(tenant), Some(connection)) = (header.tenant_id, header.target.connection_id) else {
            return Err(unfit("has no connection, so nothing could keep it the only one"));
        };
        let mut audit = audit.clone();
        for _ in 0..AUDIT_IDS {
            let token = transaction::token();
            let run_item = run::of_run(run, self.settings.run_retention, &token);
            let slot_item = slot::of_run(header, tenant, connection, &token);
            let items = [
                self.put_if(slot_item, &Expression::absent()),
                self.put_if(run_item, &Expression::absent()),
                self.put_if(audit::of_event(&audit, self.settings.audit_retention), &Expression::absent()),
            ];
            let refusals = match self.transact(&items, &token).await? {
                Answer::Committed => return Ok(Opened::New),
                Answer::Refused(refusals) => refusals,
            };
            if let Some(opened) = judge(&refusals, &header.identity_hash, &token)? {
                return Ok(opened);
            }
            if refusals.at(AUDIT).is_none() {
                return Err(refusals.unexpected());
            }
            audit.id = EventId::new(audit.at, fastrand::u16(..));
        }
        Err(StoreError::Contended)
    }

    /// Reads the active run that a start met, and records beside it that the caller was given that one. None when the run has
    /// vanished meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] when the rights are for another scope; others when the table does not answer.
    pub async fn deduplicated(
        &self,
        entitled: &Entitled,
        active: RunId,
        audit: &AuditEvent,
    ) -> Result<Option<OperationRun>, StoreError> {
        require(*entitled, entitled.scope(), audit)?;
        let (run, ()) = tokio::try_join!(self.load_run(active), self.record(audit))?;
        if let Some(run) = &run {
            let scope = Scope { workspace_id: run.header.workspace_id, tenant_id: run.header.tenant_id };
            require(*entitled, scope, audit)?;
        }
        Ok(run)
    }

    /// Reads a run.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run(&self, run: RunId) -> Result<Option<OperationRun>, StoreError> {
        self.get(key::run(run)).await?.map(run::to_run).transpose()
    }

    /// Reads the latest completed run of an identity, unless it has expired.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn latest(
        &self,
        tenant: TenantId,
        identity: &RunIdentityHash,
        now: Timestamp,
    ) -> Result<Option<Latest>, StoreError> {
        let stored = self.get(key::latest(tenant, identity)).await?;
        stored.and_then(|item| item::live(item, now)).map(latest::to_latest).transpose()
    }

    /// Writes an audit event by itself.
    async fn record(&self, audit: &AuditEvent) -> Result<(), StoreError> {
        let mut audit = audit.clone();
        for _ in 0..AUDIT_IDS {
            let event = audit::of_event(&audit, self.settings.audit_retention);
            let items = [self.put_if(event.clone(), &Expression::absent())];
            match self.transact(&items, &transaction::token()).await? {
                Answer::Committed => return Ok(()),
                // The answer was lost, and the event is there.
                Answer::Refused(refusals) if refusals.at(0) == Some(&event) => return Ok(()),
                Answer::Refused(_) => audit.id = EventId::new(audit.at, fastrand::u16(..)),
            }
        }
        Err(StoreError::Contended)
    }
}

/// What the refused conditions of the slot and the run mean, in this order; none when neither was refused. Where the stored item
/// carries this call's own token, the commit went through and its answer was lost.
fn judge(refusals: &Refusals, identity: &RunIdentityHash, token: &str) -> Result<Option<Opened>, StoreError> {
    let mine = |item: &Item| item::attribute(item, run::WRITTEN_BY) == token;
    match (refusals.at(SLOT), refusals.at(RUN)) {
        (Some(slot), _) if mine(slot) => Ok(Some(Opened::New)),
        (Some(slot), _) => {
            let slot = slot::to_slot(slot.clone())?;
            let same = slot.identity_hash == *identity;
            Ok(Some(if same { Opened::Active(slot.run_id) } else { Opened::Busy(slot.run_id) }))
        }
        (None, Some(run)) if mine(run) => Ok(Some(Opened::New)),
        (None, Some(_)) => Ok(Some(Opened::IdTaken)),
        (None, None) => Ok(None),
    }
}

/// Holds that the rights are for starting in this scope, and that the audit event tells of it.
fn require(entitled: Entitled, scope: Scope, audit: &AuditEvent) -> Result<(), StoreError> {
    let recorded = Scope { workspace_id: audit.workspace_id, tenant_id: audit.tenant_id };
    if entitled.capability() == Capability::RunProvider && entitled.scope() == scope && recorded == scope {
        Ok(())
    } else {
        Err(StoreError::Foreign)
    }
}
