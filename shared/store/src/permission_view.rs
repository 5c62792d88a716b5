//! What the viewer of a tenant's permissions reads: its connections with the inventory of each.

use domain::connection::ProviderConnection;
use domain::guarded::Opened;
use domain::tenant::Tenant;

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
    /// Reads a tenant's permissions.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_permission_view(&self, opened: &Opened<Tenant>) -> Result<PermissionView, StoreError> {
        let items = self.query(key::connections_to_state(opened.value.id)).await?;
        let stored = Stored::of(items);
        self.leave_out(&stored.damaged);
        Ok(PermissionView { connections: stored.connections, inventories: stored.inventories })
    }
}
