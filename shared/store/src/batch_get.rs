//! Reads several items by their keys, strongly consistent. Keys that DynamoDB leaves unprocessed are asked for again: a missing
//! answer is not a missing item.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::access::{Rights, Scope};
use domain::guarded::Guarded;
use domain::id::{TenantId, UserId, WorkspaceId};
use domain::tenant::Tenant;

use crate::backoff::Backoff;
use crate::error::StoreError;
use crate::item::{Item, directory, key_of};
use crate::key::{self, Key};
use crate::table::Store;

/// What was found, by key.
#[derive(Debug)]
pub(crate) struct Found(HashMap<Key, Item>);

impl Found {
    /// The item under this key, if there is one.
    pub(crate) fn take(&mut self, key: &Key) -> Option<Item> {
        self.0.remove(key)
    }
}

/// The keys of a user's rights in one scope.
#[derive(Debug)]
pub(crate) struct RightsKeys {
    membership: Key,
    entitlement: Option<Key>,
}

impl RightsKeys {
    /// In a workspace and, where the scope has one, on a tenant.
    pub(crate) fn of(scope: Scope, user: &UserId) -> Self {
        let workspace = scope.workspace_id();
        Self {
            membership: key::membership(workspace, user),
            entitlement: scope.tenant_id().map(|tenant| key::entitlement(workspace, user, tenant)),
        }
    }

    /// The keys to ask for.
    pub(crate) fn all(&self) -> impl Iterator<Item = Key> + '_ {
        std::iter::once(&self.membership).chain(&self.entitlement).cloned()
    }

    /// The rights, from what was found.
    pub(crate) fn read(&self, found: &mut Found) -> Result<Rights, StoreError> {
        let membership = found.take(&self.membership).map(directory::to_membership).transpose()?;
        let entitlement = self.entitlement.as_ref().and_then(|key| found.take(key));
        let entitlement = entitlement.map(directory::to_entitlement).transpose()?;
        Ok(Rights { membership: membership.map(|it| it.role), entitlement: entitlement.map(|it| it.role) })
    }
}

/// The keys that guard what is stored of a tenant: the tenant itself, and the rights of whoever asks.
#[derive(Debug)]
pub(crate) struct TenantKeys {
    workspace: WorkspaceId,
    tenant: Key,
    rights: RightsKeys,
}

impl TenantKeys {
    /// Of a tenant as a path names it.
    pub(crate) fn of(workspace: WorkspaceId, tenant: TenantId, user: &UserId) -> Self {
        let rights = RightsKeys::of(Scope::Tenant(workspace, tenant), user);
        Self { workspace, tenant: key::tenant(tenant), rights }
    }

    /// The keys to ask for.
    pub(crate) fn all(&self) -> impl Iterator<Item = Key> + '_ {
        self.rights.all().chain([self.tenant.clone()])
    }

    /// Guards what `view` makes, from what was found. A tenant that does not belong to the workspace is as good as absent.
    pub(crate) fn guard<T>(
        &self,
        found: &mut Found,
        view: impl FnOnce(&mut Found, Tenant) -> Result<T, StoreError>,
    ) -> Result<Guarded<T>, StoreError> {
        let rights = self.rights.read(found)?;
        let tenant = found.take(&self.tenant).map(directory::to_tenant).transpose()?;
        let scoped = tenant.and_then(|tenant| Some((Scope::of_tenant(self.workspace, &tenant)?, tenant)));
        let Some((scope, tenant)) = scoped else { return Ok(Guarded::absent()) };
        Ok(Guarded::new(scope, rights, view(found, tenant)?))
    }
}

impl Store {
    /// What a user holds in one scope.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn rights(&self, scope: Scope, user: &UserId) -> Result<Rights, StoreError> {
        let rights = RightsKeys::of(scope, user);
        let mut found = self.batch_get(rights.all().collect()).await?;
        rights.read(&mut found)
    }

    /// Reads the items under these keys, at most 100.
    pub(crate) async fn batch_get(&self, keys: Vec<Key>) -> Result<Found, StoreError> {
        // DynamoDB refuses a request that names a key twice.
        let keys: HashSet<Key> = keys.into_iter().collect();
        let mut wanted: Vec<_> = keys.into_iter().map(Key::attributes).collect();
        let mut found = HashMap::new();
        let mut backoff = Backoff::default();
        loop {
            let left = wanted.len();
            let (items, unprocessed) = self.batch_get_some(wanted).await?;
            found.extend(items.into_iter().map(|item| (key_of(&item), item)));
            if unprocessed.is_empty() {
                return Ok(Found(found));
            }
            wanted = unprocessed;
            // What came is progress; only answers without any are counted.
            if wanted.len() < left {
                backoff = Backoff::default();
            }
            let Some(wait) = backoff.next() else { return Err(StoreError::Unprocessed(wanted.len())) };
            tokio::time::sleep(wait).await;
        }
    }

    async fn batch_get_some(
        &self,
        keys: Vec<HashMap<String, AttributeValue>>,
    ) -> Result<(Vec<Item>, Vec<HashMap<String, AttributeValue>>), StoreError> {
        let table = &self.settings.table;
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let request = self.client.batch_get_item().request_items(table, keys.expect("keys are set"));
        let output = request.send().await.map_err(|error| StoreError::of("BatchGetItem", error))?;
        let items = output.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default();
        let unprocessed = output.unprocessed_keys.and_then(|mut tables| tables.remove(table));
        Ok((items, unprocessed.map(|left| left.keys).unwrap_or_default()))
    }
}
