//! Removes what belongs to a tenant, kind by kind. Each transaction holds the tenant to what was looked at, so that nothing is taken
//! from one that somebody has brought back meanwhile.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::audit::OperatorArn;
use domain::id::RunId;
use domain::tenant::Tenant;
use domain::time::Timestamp;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::decide::unchanged;
use super::{Archived, Forgotten, Removed};
use crate::backoff::Backoff;
use crate::directory::free_or_mine;
use crate::entries::Entry;
use crate::error::StoreError;
use crate::item::Entity;
use crate::key::{self, Index, Key};
use crate::table::{SIDE_BY_SIDE, Store};
use crate::transaction::{self, Transacted};

/// Items removed in one transaction. It takes 100 but no more than 4 MB, for which ten items are never too large (400 KB each),
/// whatever they are; whether what is deleted counts is not documented.
const TOGETHER: usize = 10;

/// Why a removal ends early.
#[derive(Debug, thiserror::Error)]
enum Stop {
    /// The tenant is no longer what was looked at.
    #[error("the tenant was changed")]
    Changed,
    /// This run is active.
    #[error("the run {0} is active")]
    Overtaken(RunId),
    /// The table does not take part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A removal under way.
struct Sweep<'a> {
    store: &'a Store,
    tenant: &'a Tenant,
    /// The first item of each transaction.
    unchanged: TransactWriteItem,
    removed: Removed,
    /// What is gone: an index may show it once more, and it is not counted twice.
    gone: HashSet<Key>,
}

impl Store {
    /// Removes everything of a tenant but the tenant itself and the audit events. After an interruption the same again removes the
    /// rest.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take part, or an index shows removed items for longer than indexes lag.
    pub async fn forget(
        &self,
        archived: &Archived,
        operator: OperatorArn,
        now: Timestamp,
    ) -> Result<Forgotten, StoreError> {
        if !self.record_forgotten(archived, operator, now).await? {
            return Ok(Forgotten::Changed);
        }
        let Archived { tenant, version } = archived;
        let mut sweep = Sweep {
            store: self,
            tenant,
            unchanged: self.require(key::tenant(tenant.id), &unchanged(*version)),
            removed: Removed::default(),
            gone: HashSet::new(),
        };
        match sweep.everything().await {
            Ok(()) => Ok(Forgotten::Done(sweep.removed)),
            Err(Stop::Changed) => Ok(Forgotten::Stopped(sweep.removed)),
            Err(Stop::Overtaken(run)) => Ok(Forgotten::Overtaken(run, sweep.removed)),
            Err(Stop::Store(error)) => Err(error),
        }
    }
}

impl Sweep<'_> {
    async fn everything(&mut self) -> Result<(), Stop> {
        // Without an entitlement nobody starts anything any more. What was started before this shows in the slots.
        self.entitlements().await?;
        let mut backoff = Backoff::default();
        // The last pass finds nothing, so it also looks for what a start that was on its way has left since the first.
        loop {
            if let Some(run) = self.store.active_run(self.tenant.id).await? {
                return Err(Stop::Overtaken(run));
            }
            let found = self.partition().await? + self.index().await?;
            if found == 0 {
                return Ok(());
            }
            pause(&mut backoff, found).await?;
        }
    }

    async fn entitlements(&mut self) -> Result<(), Stop> {
        let mut backoff = Backoff::default();
        loop {
            let workspace = key::directory_entitlements(self.tenant.workspace_id);
            let mut entries = self.store.entries(Index::Workspace, workspace).await?;
            entries.retain(|entry| key::is_entitlement_to(&entry.key, self.tenant.id));
            if entries.is_empty() {
                return Ok(());
            }
            self.remove(&entries).await?;
            pause(&mut backoff, entries.len()).await?;
        }
    }

    /// What lies in the tenant's partition, and how much that was.
    async fn partition(&mut self) -> Result<usize, Stop> {
        self.claimed_connections().await?;
        let mut entries = self.store.entries_of_table(key::whole_tenant(self.tenant.id)).await?;
        let itself = key::tenant(self.tenant.id);
        entries.retain(|entry| entry.key != itself);
        self.remove(&entries).await?;
        Ok(entries.len())
    }

    /// A connection goes together with its reservation: a tenant that is brought back in between has both or neither. A reservation that is by now
    /// another tenant's stays.
    async fn claimed_connections(&mut self) -> Result<(), Stop> {
        let tenant = self.tenant.id;
        for entry in self.store.entries_of_table(key::connections(tenant)).await? {
            // The key says enough: what cannot be read is removed like the rest.
            let Some(id) = key::connection_of(&entry.key) else { continue };
            let reservation = Entry::new(key::connection_reservation(id), Entity::ConnectionReservation);
            if self.store.get(reservation.key.clone()).await?.is_none() {
                continue;
            }
            let connection = Entry::new(key::connection(tenant, id), Entity::Connection);
            let items = [
                self.unchanged.clone(),
                self.store.delete_if(reservation.key.clone(), &free_or_mine(tenant)),
                self.store.delete_always(connection.key.clone()),
            ];
            match self.store.transact(&items, &transaction::token()).await? {
                Transacted::Committed => [reservation, connection].iter().for_each(|entry| self.note(entry)),
                Transacted::Refused(refusals) if refusals.of(&key::tenant(tenant)).is_some() => {
                    return Err(Stop::Changed);
                }
                Transacted::Refused(_) => {}
            }
        }
        Ok(())
    }

    /// Runs with all that lies beside them, and whatever else the index has under the tenant; and how much the index showed.
    async fn index(&mut self) -> Result<usize, Stop> {
        let entries = self.store.entries(Index::Tenant, key::entered_under(self.tenant.id)).await?;
        let runs = entries.iter().filter_map(|entry| key::whole_partition_of_run(&entry.key));
        let partitions = stream::iter(runs.map(|run| self.store.entries_of_table(run))).buffer_unordered(SIDE_BY_SIDE);
        let whole: Vec<Entry> = partitions.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
        let shown: HashSet<&Entry> = entries.iter().collect();
        let beside: Vec<Entry> = whole.into_iter().filter(|entry| !shown.contains(entry)).collect();
        // The runs themselves come last: it is through them that the next call would find what lies beside them.
        self.remove(&beside).await?;
        self.remove(&entries).await?;
        Ok(entries.len())
    }

    async fn remove(&mut self, entries: &[Entry]) -> Result<(), Stop> {
        // DynamoDB refuses a transaction that names a key twice.
        let mut named = HashSet::new();
        let entries: Vec<&Entry> = entries.iter().filter(|entry| named.insert(&entry.key)).collect();
        for together in entries.chunks(TOGETHER) {
            let deletes = together.iter().map(|entry| self.store.delete_always(entry.key.clone()));
            let items: Vec<_> = [self.unchanged.clone()].into_iter().chain(deletes).collect();
            match self.store.transact(&items, &transaction::token()).await? {
                Transacted::Committed => together.iter().for_each(|entry| self.note(entry)),
                // It is the only item with a condition.
                Transacted::Refused(_) => return Err(Stop::Changed),
            }
        }
        Ok(())
    }

    fn note(&mut self, entry: &Entry) {
        if self.gone.insert(entry.key.clone()) {
            self.removed.count(&entry.entity);
        }
    }
}

/// Indexes lag behind by milliseconds, so what was removed may show once more.
async fn pause(backoff: &mut Backoff, left: usize) -> Result<(), StoreError> {
    tokio::time::sleep(backoff.next().ok_or(StoreError::Unprocessed(left))?).await;
    Ok(())
}
