//! What the viewer of a tenant reads: its connections with their health, what is active, and what completed last.

use domain::access::Rights;
use domain::connection::{ConnectionHealth, ProviderConnection};
use domain::id::{ConnectionId, TenantId, UserId, WorkspaceId};
use domain::tenant::Tenant;
use domain::time::Timestamp;

use crate::Store;
use crate::batch_get::RightsKeys;
use crate::error::StoreError;
use crate::item::acknowledgement::AcknowledgedCauses;
use crate::item::latest::Latest;
use crate::item::slot::Slot;
use crate::item::{self, Stored, directory};
use crate::key;

/// A tenant and what the caller may do with it. Nothing of the tenant may be shown before that is decided.
#[derive(Debug, Clone)]
pub struct TenantView {
    /// What the caller holds in the workspace and on the tenant.
    pub rights: Rights,
    /// The tenant, whichever workspace it belongs to.
    pub tenant: Option<Tenant>,
    /// Its connections, by id.
    pub connections: Vec<ProviderConnection>,
    /// What is known of their health.
    pub health: Vec<(ConnectionId, ConnectionHealth)>,
    /// Their active runs.
    pub slots: Vec<Slot>,
    /// The latest completed run of each identity that has one.
    pub latest: Vec<Latest>,
    /// What was acknowledged in runs of each identity.
    pub acknowledged: Vec<AcknowledgedCauses>,
}

impl Store {
    /// Loads a tenant for a user, in two calls side by side.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_tenant_view(
        &self,
        workspace: WorkspaceId,
        tenant: TenantId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<TenantView, StoreError> {
        let rights = RightsKeys::of(workspace, Some(tenant), user);
        let tenant_key = key::tenant(tenant);
        let keys = rights.all().chain([tenant_key.clone()]).collect();
        let items = self.query(key::acknowledged_to_latest(tenant));
        let (mut found, items) = tokio::try_join!(self.batch_get(keys), items)?;
        let stored = Stored::of(items.into_iter().filter_map(|item| item::live(item, now)));
        self.leave_out(&stored.damaged);
        Ok(TenantView {
            rights: rights.read(&mut found)?,
            tenant: found.take(&tenant_key).map(directory::to_tenant).transpose()?,
            connections: stored.connections,
            health: stored.health,
            slots: stored.slots,
            latest: stored.latest,
            acknowledged: stored.acknowledged,
        })
    }
}
