//! What the viewer of a tenant's permissions reads: its connections with the inventory of each.

use domain::connection::ProviderConnection;
use domain::guarded::Guarded;
use domain::id::{TenantId, UserId, WorkspaceId};

use crate::batch_get::TenantKeys;
use crate::error::StoreError;
use crate::item::Stored;
use crate::item::inventory::StoredInventory;
use crate::key;
use crate::table::Store;

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
        let keys = TenantKeys::of(workspace, tenant, user);
        let items = self.query(key::connections_to_permissions(tenant));
        let (mut found, items) = tokio::try_join!(self.batch_get(keys.all().collect()), items)?;
        // Health and latest runs stand between the two.
        let stored = Stored::of(items);
        self.leave_out(&stored.damaged);
        let view = PermissionView { connections: stored.connections, inventories: stored.inventories };
        keys.guard(&mut found, |_, _| Ok(view))
    }
}
