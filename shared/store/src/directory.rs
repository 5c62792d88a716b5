//! Writes the directory: workspaces, memberships, entitlements, tenants with their claims on Entra tenants, connections, and onboarding
//! sessions. Each `put` writes one entity as it shall be; `apply_directory` brings in a whole file's plan.

mod apply;
mod load;
mod steps;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::connection::ProviderConnection;
use domain::directory::{Entitlement, Membership, Workspace};
use domain::id::{EntraTenantId, TenantId};
use domain::tenant::{Tenant, TenantStatus};

use crate::error::{ClaimError, StoreError};
use crate::item::{self, Item, connection, directory};
use crate::key;
use crate::table::Store;
use crate::transaction::{self, Answer, Expression};

pub use apply::{DirectoryCause, DirectoryError, DirectorySubject};

/// A claim may be written by the tenant that has it, or by anybody when nobody has.
pub(crate) fn free_or_mine(tenant: TenantId) -> Expression {
    Expression::new("attribute_not_exists(pk) OR tenant_id = :mine").value(":mine", item::number(tenant))
}

impl Store {
    /// Puts a workspace.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take it.
    pub async fn put_workspace(&self, workspace: &Workspace) -> Result<(), StoreError> {
        self.put(directory::of_workspace(workspace)).await
    }

    /// Puts a membership.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take it.
    pub async fn put_membership(&self, membership: &Membership) -> Result<(), StoreError> {
        self.put(directory::of_membership(membership)).await
    }

    /// Puts an entitlement.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take it.
    pub async fn put_entitlement(&self, entitlement: &Entitlement) -> Result<(), StoreError> {
        self.put(directory::of_entitlement(entitlement)).await
    }

    /// Puts a tenant with its connections in one transaction, and claims its Entra tenant, or frees it when the tenant is archived.
    ///
    /// # Errors
    /// [`StoreError::Claim`] when another live tenant has the Entra tenant; others when the table does not take it.
    pub async fn put_tenant(&self, tenant: &Tenant, connections: &[ProviderConnection]) -> Result<(), StoreError> {
        let mut items = vec![self.write_claim(tenant)?, self.put_always(directory::of_tenant(tenant))];
        items.extend(connections.iter().map(|it| self.put_always(connection::of_connection(it))));
        // The claim is the only item with a condition.
        match (self.transact(&items, &transaction::token()).await?, tenant.status) {
            (Answer::Committed, _) => Ok(()),
            (Answer::Refused(_), TenantStatus::Pending | TenantStatus::Active) => Err(ClaimError::Taken.into()),
            // Archived before, and somebody else has the Entra tenant by now: there is nothing to free.
            (Answer::Refused(refusals), TenantStatus::Archived) => {
                match self.transact(&items[1..], &transaction::token()).await? {
                    Answer::Committed => Ok(()),
                    Answer::Refused(_) => Err(refusals.unexpected()),
                }
            }
        }
    }

    /// The claim on the tenant's Entra tenant: put, or deleted when the tenant is archived.
    pub(crate) fn write_claim(&self, tenant: &Tenant) -> Result<TransactWriteItem, StoreError> {
        let entra_tenant: EntraTenantId = tenant.entra_tenant_id.parse().map_err(ClaimError::Malformed)?;
        let condition = free_or_mine(tenant.id);
        Ok(match tenant.status {
            TenantStatus::Pending | TenantStatus::Active => {
                self.put_if(directory::of_entra_claim(&entra_tenant, tenant.id), &condition)
            }
            TenantStatus::Archived => self.delete_if(key::entra_claim(&entra_tenant), &condition),
        })
    }

    /// Puts an item without a condition.
    pub(crate) async fn put(&self, item: Item) -> Result<(), StoreError> {
        let request = self.client.put_item().table_name(&self.settings.table).set_item(Some(item));
        request.send().await.map_err(|error| StoreError::of("PutItem", error))?;
        Ok(())
    }
}
