//! What the viewer of a tenant's permissions reads: its connections with the inventory of each.

use domain::access::Rights;
use domain::connection::ProviderConnection;
use domain::id::{TenantId, UserId, WorkspaceId};
use domain::tenant::Tenant;

use crate::Store;
use crate::batch_get::RightsKeys;
use crate::error::StoreError;
use crate::item::inventory::StoredInventory;
use crate::item::{Stored, directory};
use crate::key;

/// A tenant's permissions and what the caller may do with it. Nothing may be shown before that is decided.
#[derive(Debug, Clone)]
pub struct PermissionView {
    /// What the caller holds in the workspace and on the tenant.
    pub rights: Rights,
    /// The tenant, whichever workspace it belongs to.
    pub tenant: Option<Tenant>,
    /// Its connections, by id.
    pub connections: Vec<ProviderConnection>,
    /// The inventories of those that were ever refreshed.
    pub inventories: Vec<StoredInventory>,
}

impl Store {
    /// Loads a tenant's permissions for a user, in two calls side by side.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_permission_view(
        &self,
        workspace: WorkspaceId,
        tenant: TenantId,
        user: &UserId,
    ) -> Result<PermissionView, StoreError> {
        let rights = RightsKeys::of(workspace, Some(tenant), user);
        let tenant_key = key::tenant(tenant);
        let keys = rights.all().chain([tenant_key.clone()]).collect();
        let items = self.query(key::connections_to_permissions(tenant));
        let (mut found, items) = tokio::try_join!(self.batch_get(keys), items)?;
        // Health and latest runs stand between the two.
        let stored = Stored::of(items);
        self.leave_out(&stored.damaged);
        Ok(PermissionView {
            rights: rights.read(&mut found)?,
            tenant: found.take(&tenant_key).map(directory::to_tenant).transpose()?,
            connections: stored.connections,
            inventories: stored.inventories,
        })
    }
}
