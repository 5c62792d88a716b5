//! What the viewer of a tenant reads: its connections with their health, what is active, and what completed last.

use domain::connection::{ConnectionHealth, ProviderConnection};
use domain::guarded::{Guarded, Opened};
use domain::id::{ConnectionId, TenantId, UserId, WorkspaceId};
use domain::tenant::Tenant;
use domain::time::Timestamp;

use crate::batch_get::TenantKeys;
use crate::error::StoreError;
use crate::item::acknowledgement::AcknowledgedCauses;
use crate::item::latest::Latest;
use crate::item::slot::Slot;
use crate::item::{self, Stored};
use crate::key;
use crate::table::Store;

/// What is stored of a tenant.
#[derive(Debug, Clone)]
pub struct TenantView {
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
    /// Loads a tenant of a workspace for a user, and nothing else of it, in one call.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_tenant(
        &self,
        workspace: WorkspaceId,
        tenant: TenantId,
        user: &UserId,
    ) -> Result<Guarded<Tenant>, StoreError> {
        let keys = TenantKeys::of(workspace, tenant, user);
        let mut found = self.batch_get(keys.all().collect()).await?;
        keys.guard(&mut found, |_, tenant| Ok(tenant))
    }

    /// Reads what is stored of a tenant.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_tenant_view(
        &self,
        opened: Opened<Tenant>,
        now: Timestamp,
    ) -> Result<Opened<TenantView>, StoreError> {
        let items = self.query(key::acknowledged_to_state(opened.value.id)).await?;
        let stored = Stored::of(items.into_iter().filter_map(|item| item::live(item, now)));
        self.leave_out(&stored.damaged);
        Ok(opened.with(TenantView {
            connections: stored.connections,
            health: stored.health,
            slots: stored.slots,
            latest: stored.latest.into_iter().filter_map(|latest| latest.live(now)).collect(),
            acknowledged: stored.acknowledged,
        }))
    }
}
