//! Tenants: a customer of a workspace, bound to one Microsoft Entra tenant.

use crate::id::{TenantId, WorkspaceId};
use crate::names::names;

names! {
    /// Where a tenant is in its life.
    TenantStatus: "a tenant status" {
        /// Being onboarded.
        Pending = "pending",
        /// In use.
        Active = "active",
        /// Kept for its history; nothing runs for it any more.
        Archived = "archived",
    }
}

/// A customer's tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// The workspace it belongs to, for good.
    pub workspace_id: WorkspaceId,
    /// A name for people.
    pub name: String,
    /// The Entra tenant, a GUID. One live tenant per GUID over all workspaces.
    pub entra_tenant_id: String,
    /// Where it is in its life.
    pub status: TenantStatus,
}
