//! Removes what belongs to a tenant, kind by kind.

use std::collections::HashSet;

use domain::id::TenantId;
use domain::tenant::Tenant;
use domain::time::Timestamp;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Archived, Forgotten, Removed};
use crate::backoff::Backoff;
use crate::directory::free_or_mine;
use crate::error::StoreError;
use crate::item::{Entity, connection};
use crate::key::{self, Index, Key};
use crate::query::Entry;
use crate::transaction::{self, Answer};
use crate::{SIDE_BY_SIDE, Store};

/// What was removed, and what of it an index still shows.
#[derive(Default)]
struct Swept {
    removed: Removed,
    keys: HashSet<Key>,
}

impl Swept {
    /// Notes what is gone; an item that an index shows once more is not counted twice.
    fn note(&mut self, entry: &Entry) {
        if self.keys.insert(entry.key.clone()) {
            self.removed.count(&entry.entity);
        }
    }
}

impl Store {
    /// Removes everything of a tenant but the tenant itself and the audit events. After an interruption the same again removes the
    /// rest.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take part, or an index shows removed items for longer than indexes lag.
    pub async fn forget(&self, archived: &Archived, now: Timestamp) -> Result<Forgotten, StoreError> {
        let Archived { tenant, version: _ } = archived;
        if !self.record_forgotten(archived, now).await? {
            return Ok(Forgotten::Changed);
        }
        let mut swept = Swept::default();
        // Without an entitlement nobody starts anything any more. What was started before this shows in the slots.
        self.sweep_entitlements(tenant, &mut swept).await?;
        if let Some(run) = self.active_run(tenant.id).await? {
            return Ok(Forgotten::Overtaken(run, swept.removed));
        }
        self.sweep_claims(tenant.id, &mut swept).await?;
        self.sweep_partition(tenant.id, &mut swept).await?;
        self.sweep_index(tenant.id, &mut swept).await?;
        Ok(Forgotten::Done(swept.removed))
    }

    async fn sweep_entitlements(&self, tenant: &Tenant, swept: &mut Swept) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let entries = self.entries(Index::Workspace, key::directory_entitlements(tenant.workspace_id)).await?;
            let theirs: Vec<_> =
                entries.into_iter().filter(|entry| key::is_entitlement_to(&entry.key, tenant.id)).collect();
            if theirs.is_empty() {
                return Ok(());
            }
            self.sweep_away(&theirs, swept).await?;
            pause(&mut backoff, theirs.len()).await?;
        }
    }

    /// Before the connections, which are what tells the claims. A claim is removed only if it is this tenant's.
    async fn sweep_claims(&self, tenant: TenantId, swept: &mut Swept) -> Result<(), StoreError> {
        for item in self.query(key::connections(tenant)).await? {
            let claim = key::connection_claim(connection::to_connection(item)?.id);
            if self.get(claim.clone()).await?.is_none() {
                continue;
            }
            let delete = self.delete_if(claim.clone(), &free_or_mine(tenant));
            match self.transact(&[delete], &transaction::token()).await? {
                Answer::Committed => {
                    swept.note(&Entry { key: claim, entity: Entity::ConnectionClaim.as_str().to_owned() });
                }
                Answer::Refused(_) => {}
            }
        }
        Ok(())
    }

    async fn sweep_partition(&self, tenant: TenantId, swept: &mut Swept) -> Result<(), StoreError> {
        let mut entries = self.entries_of_table(key::whole_tenant(tenant)).await?;
        let itself = key::tenant(tenant);
        entries.retain(|entry| entry.key != itself);
        self.sweep_away(&entries, swept).await
    }

    /// Runs with all that lies beside them, and whatever else the index has under the tenant.
    async fn sweep_index(&self, tenant: TenantId, swept: &mut Swept) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let entries = self.entries(Index::Tenant, key::entered_under(tenant)).await?;
            if entries.is_empty() {
                return Ok(());
            }
            let runs = entries.iter().filter_map(|entry| key::whole_partition_of_run(&entry.key));
            let partitions = stream::iter(runs.map(|run| self.entries_of_table(run))).buffer_unordered(SIDE_BY_SIDE);
            let whole: Vec<Entry> = partitions.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
            let shown: HashSet<&Entry> = entries.iter().collect();
            let beside: Vec<Entry> = whole.into_iter().filter(|entry| !shown.contains(entry)).collect();
            // The runs themselves come last: it is through them that the next call would find what lies beside them.
            self.sweep_away(&beside, swept).await?;
            self.sweep_away(&entries, swept).await?;
            pause(&mut backoff, entries.len()).await?;
        }
    }

    async fn sweep_away(&self, entries: &[Entry], swept: &mut Swept) -> Result<(), StoreError> {
        self.batch_delete(entries.iter().map(|entry| entry.key.clone())).await?;
        for entry in entries {
            swept.note(entry);
        }
        Ok(())
    }
}

/// Indexes lag behind by milliseconds, so what was removed may show once more.
async fn pause(backoff: &mut Backoff, left: usize) -> Result<(), StoreError> {
    tokio::time::sleep(backoff.next().ok_or(StoreError::Unprocessed(left))?).await;
    Ok(())
}
