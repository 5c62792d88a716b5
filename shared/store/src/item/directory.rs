//! Workspaces, memberships, entitlements, tenants, and their reservations on Entra tenants, connection ids and apps, as they are stored.

use domain::access::Role;
use domain::directory::{AppReservation, Entitlement, Membership, Workspace};
use domain::id::{ConnectionId, EntraTenantId, TenantId, UserId, WorkspaceId};
use domain::tenant::{Tenant, TenantStatus};
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize, Deserialize)]
struct WorkspaceItem {
    id: WorkspaceId,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct MembershipItem {
    workspace_id: WorkspaceId,
    user_id: UserId,
    role: Role,
}

#[derive(Serialize, Deserialize)]
struct EntitlementItem {
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    user_id: UserId,
    role: Role,
}

#[derive(Serialize, Deserialize)]
struct TenantItem {
    id: TenantId,
    workspace_id: WorkspaceId,
    name: String,
    entra_tenant_id: String,
    status: TenantStatus,
}

#[derive(Serialize, Deserialize)]
struct AppReservationItem {
    workspace_id: WorkspaceId,
}

#[derive(Serialize, Deserialize)]
struct ReservationItem {
    tenant_id: TenantId,
}

/// A workspace's item.
pub(crate) fn of_workspace(workspace: &Workspace) -> Item {
    let body = WorkspaceItem { id: workspace.id, name: workspace.name.clone() };
    let mut item = item::build(Entity::Workspace, &key::workspace(workspace.id), &body);
    item::enter(&mut item, &key::directory_workspace(workspace.id));
    item
}

/// Reads a workspace's item.
pub(crate) fn to_workspace(item: Item) -> Result<Workspace, Damaged> {
    let WorkspaceItem { id, name } = item::read(Entity::Workspace, item)?;
    Ok(Workspace { id, name })
}

/// A membership's item.
pub(crate) fn of_membership(membership: &Membership) -> Item {
    let Membership { workspace_id, ref user_id, role } = *membership;
    let body = MembershipItem { workspace_id, user_id: user_id.clone(), role };
    let mut item = item::build(Entity::Membership, &key::membership(workspace_id, user_id), &body);
    item::enter(&mut item, &key::directory_membership(workspace_id, user_id));
    item
}

/// Reads a membership's item.
pub(crate) fn to_membership(item: Item) -> Result<Membership, Damaged> {
    let MembershipItem { workspace_id, user_id, role } = item::read(Entity::Membership, item)?;
    Ok(Membership { workspace_id, user_id, role })
}

/// An entitlement's item.
pub(crate) fn of_entitlement(entitlement: &Entitlement) -> Item {
    let Entitlement { workspace_id, tenant_id, ref user_id, role } = *entitlement;
    let body = EntitlementItem { workspace_id, tenant_id, user_id: user_id.clone(), role };
    let mut item = item::build(Entity::Entitlement, &key::entitlement(workspace_id, user_id, tenant_id), &body);
    item::enter(&mut item, &key::directory_entitlement(workspace_id, user_id, tenant_id));
    item
}

/// Reads an entitlement's item.
pub(crate) fn to_entitlement(item: Item) -> Result<Entitlement, Damaged> {
    let EntitlementItem { workspace_id, tenant_id, user_id, role } = item::read(Entity::Entitlement, item)?;
    Ok(Entitlement { workspace_id, tenant_id, user_id, role })
}

/// A tenant's item.
pub(crate) fn of_tenant(tenant: &Tenant) -> Item {
    let body = TenantItem {
        id: tenant.id,
        workspace_id: tenant.workspace_id,
        name: tenant.name.clone(),
        entra_tenant_id: tenant.entra_tenant_id.clone(),
        status: tenant.status,
    };
    let mut item = item::build(Entity::Tenant, &key::tenant(tenant.id), &body);
    item::enter(&mut item, &key::directory_tenant(tenant.workspace_id, tenant.id));
    item
}

/// Reads a tenant's item.
pub(crate) fn to_tenant(item: Item) -> Result<Tenant, Damaged> {
    let TenantItem { id, workspace_id, name, entra_tenant_id, status } = item::read(Entity::Tenant, item)?;
    Ok(Tenant { id, workspace_id, name, entra_tenant_id, status })
}

/// The item of a tenant's reservation on its Entra tenant.
pub(crate) fn of_entra_reservation(entra_tenant: &EntraTenantId, tenant: TenantId) -> Item {
    item::build(Entity::EntraReservation, &key::entra_reservation(entra_tenant), &ReservationItem { tenant_id: tenant })
}

/// Reads whose reservation it is.
pub(crate) fn to_entra_reservation(item: Item) -> Result<TenantId, Damaged> {
    let ReservationItem { tenant_id } = item::read(Entity::EntraReservation, item)?;
    Ok(tenant_id)
}

/// The item of a tenant's reservation on the id of its connection.
pub(crate) fn of_connection_reservation(connection: ConnectionId, tenant: TenantId) -> Item {
    item::build(
        Entity::ConnectionReservation,
        &key::connection_reservation(connection),
        &ReservationItem { tenant_id: tenant },
    )
}

/// Reads whose reservation it is.
pub(crate) fn to_connection_reservation(item: Item) -> Result<TenantId, Damaged> {
    let ReservationItem { tenant_id } = item::read(Entity::ConnectionReservation, item)?;
    Ok(tenant_id)
}

/// The item of a workspace's reservation on an app in an Entra tenant.
pub(crate) fn of_app_reservation(reservation: &AppReservation) -> Item {
    let body = AppReservationItem { workspace_id: reservation.workspace_id };
    item::build(Entity::AppReservation, &key::app_reservation(&reservation.app), &body)
}

/// Reads whose app it is.
pub(crate) fn to_app_reservation(item: Item) -> Result<WorkspaceId, Damaged> {
    let AppReservationItem { workspace_id } = item::read(Entity::AppReservation, item)?;
    Ok(workspace_id)
}
