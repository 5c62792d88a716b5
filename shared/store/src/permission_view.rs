//! What the viewer of a tenant's permissions reads: its connections with the inventory of each.

use domain::access::Scope;
use domain::connection::ProviderConnection;
use domain::guarded::Guarded;
use domain::id::{TenantId, UserId, WorkspaceId};

use crate::Store;
use crate::batch_get::RightsKeys;
use crate::error::StoreError;
use crate::item::inventory::StoredInventory;
use crate::item::{Stored, directory};
use crate::key;

/// What is stored of a tenant's permissions.
#[derive(Debug, Clone)]
pub struct PermissionView {
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
    ) -> Result<Guarded<PermissionView>, StoreError> {
        let rights = RightsKeys::of(workspace, Some(tenant), user);
        let tenant_key = key::tenant(tenant);
        let keys = rights.all().chain([tenant_key.clone()]).collect();
        let items = self.query(key::connections_to_permissions(tenant));
        let (mut found, items) = tokio::try_join!(self.batch_get(keys), items)?;
        // Health and latest runs stand between the two.
        let stored = Stored::of(items);
        self.leave_out(&stored.damaged);
        let rights = rights.read(&mut found)?;
        let tenant = found.take(&tenant_key).map(directory::to_tenant).transpose()?;
        let Some(scope) = Scope::of_tenant(workspace, tenant.as_ref()) else { return Ok(Guarded::absent()) };
        let view = PermissionView { connections: stored.connections, inventories: stored.inventories };
        Ok(Guarded::new(scope, rights, view))
    }
}
