//! What the viewer of a tenant reads: its connections with their health, what is active, and what completed last.

use domain::access::Rights;
use domain::connection::{ConnectionHealth, ProviderConnection};
use domain::id::{ConnectionId, TenantId, UserId, WorkspaceId};
use domain::tenant::Tenant;
use domain::time::Timestamp;

use crate::Store;
use crate::batch_get::RightsKeys;
use crate::error::StoreError;
use crate::item::acknowledgement::{self, AcknowledgedCauses};
use crate::item::latest::{self, Latest};
use crate::item::slot::{self, Slot};
use crate::item::{self, Entity, connection, directory, health};
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
        let mut view = TenantView {
            rights: rights.read(&mut found)?,
            tenant: found.take(&tenant_key).map(directory::to_tenant).transpose()?,
            connections: Vec::new(),
            health: Vec::new(),
            slots: Vec::new(),
            latest: Vec::new(),
            acknowledged: Vec::new(),
        };
        for item in items.into_iter().filter_map(|item| item::live(item, now)) {
            match item::attribute(&item, "entity") {
                entity if entity == Entity::Slot.as_str() => view.slots.push(slot::to_slot(item)?),
                entity if entity == Entity::Health.as_str() => view.health.push(health::to_health(item)?),
                entity if entity == Entity::Latest.as_str() => view.latest.push(latest::to_latest(item)?),
                entity if entity == Entity::AcknowledgedCauses.as_str() => {
                    view.acknowledged.push(acknowledgement::to_causes(item)?);
                }
                // Nothing else has a sort key in this stretch; what is none says so when it is read.
                _ => view.connections.push(connection::to_connection(item)?),
            }
        }
        Ok(view)
    }
}
