//! Reads what is stored of the workspaces of a directory file. The index says which entries a workspace has; the entries
//! themselves, and everything that the file names, come from the base table. So an entry that the index does not show yet (they are
//! eventually consistent) is compared all the same when the file names it; one that the file does not name is removed by the next
//! file instead of this one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::directory::{AppInTenant, Entitlement, StoredDirectory, StoredTenant, Versioned, WantedWorkspace};
use domain::id::{ConnectionId, EntraTenantId, TenantId, WorkspaceId};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::error::{StoreError, Unreadable};
use crate::item::{self, Entity, Item, connection, directory, session};
use crate::key::{self, Index, Key};
use crate::table::{SIDE_BY_SIDE, Store};

/// Keys in one request (the limit of `BatchGetItem`).
const BATCH: usize = 100;

impl Store {
    /// What is stored of the workspaces that a file names.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_directory(&self, wanted: &[WantedWorkspace]) -> Result<StoredDirectory, StoreError> {
        let workspaces: BTreeSet<WorkspaceId> = wanted.iter().map(|it| it.workspace.id).collect();
        let reservations = Reservations::of(wanted);
        let mut keys: HashSet<Key> = wanted.iter().flat_map(named).chain(reservations.keys()).collect();
        for workspace in &workspaces {
            keys.extend(self.directory_keys(*workspace).await?);
        }
        let mut items = self.read_all(keys).await?;
        let mut stored = StoredDirectory::default();
        for (entra_tenant, key) in reservations.entra_tenants {
            if let Some(reservation) = items.remove(&key) {
                stored.entra_reservations.insert(entra_tenant, directory::to_entra_reservation(reservation)?);
            }
        }
        for (connection, key) in reservations.connections {
            if let Some(reservation) = items.remove(&key) {
                stored.connection_reservations.insert(connection, directory::to_connection_reservation(reservation)?);
            }
        }
        for (app, key) in reservations.apps {
            if let Some(reservation) = items.remove(&key) {
                stored.app_reservations.insert(app, directory::to_app_reservation(reservation)?);
            }
        }
        let entitlements = sort(items, &mut stored)?;
        self.add_tenants_of(&entitlements, &mut stored).await?;
        for entitlement in entitlements {
            if let Some(tenant) = stored.tenants.get_mut(&entitlement.value.tenant_id) {
                tenant.entitlements.push(entitlement);
            }
        }
        self.add_connections(&workspaces, &mut stored).await?;
        Ok(stored)
    }

    /// The index may show an entitlement before its tenant.
    async fn add_tenants_of(
        &self,
        entitlements: &[Versioned<Entitlement>],
        stored: &mut StoredDirectory,
    ) -> Result<(), StoreError> {
        let tenants = entitlements.iter().map(|it| it.value.tenant_id);
        let missing = tenants.filter(|tenant| !stored.tenants.contains_key(tenant)).map(key::tenant).collect();
        sort(self.read_all(missing).await?, stored).map(drop)
    }

    async fn add_connections(
        &self,
        workspaces: &BTreeSet<WorkspaceId>,
        stored: &mut StoredDirectory,
    ) -> Result<(), StoreError> {
        let tenants = stored.tenants.values().map(|it| &it.tenant.value);
        let own: Vec<TenantId> = tenants.filter(|it| workspaces.contains(&it.workspace_id)).map(|it| it.id).collect();
        let queries =
            own.into_iter().map(async |id| Ok::<_, StoreError>((id, self.query(key::connections(id)).await?)));
        let mut found = stream::iter(queries).buffer_unordered(SIDE_BY_SIDE);
        while let Some((id, items)) = found.try_next().await? {
            let connections = items.into_iter().map(connection::to_connection).collect::<Result<_, _>>()?;
            stored.tenants.entry(id).and_modify(|tenant| tenant.connections = connections);
        }
        Ok(())
    }

    /// The keys of a workspace's entries, as its index knows them.
    async fn directory_keys(&self, workspace: WorkspaceId) -> Result<Vec<Key>, StoreError> {
        let entries = self.entries(Index::Workspace, key::directory(workspace)).await?;
        Ok(entries.into_iter().map(|entry| entry.key).collect())
    }

    async fn read_all(&self, keys: HashSet<Key>) -> Result<HashMap<Key, Item>, StoreError> {
        let keys: Vec<Key> = keys.into_iter().collect();
        let mut items = HashMap::new();
        for batch in keys.chunks(BATCH) {
            let mut found = self.batch_get(batch.to_vec()).await?;
            items.extend(batch.iter().filter_map(|key| Some((key.clone(), found.take(key)?))));
        }
        Ok(items)
    }
}

/// The keys of everything that a file names in a workspace, but the connections: those are queried by tenant. Of onboarding sessions
/// nothing else is read, because a file changes none that it does not name.
fn named(wanted: &WantedWorkspace) -> Vec<Key> {
    let mut keys = vec![key::workspace(wanted.workspace.id)];
    keys.extend(wanted.memberships.iter().map(|it| key::membership(it.workspace_id, &it.user_id)));
    keys.extend(wanted.sessions.iter().map(|it| key::session(it.id)));
    for tenant in &wanted.tenants {
        keys.push(key::tenant(tenant.tenant.id));
        let entitlements = tenant.entitlements.iter();
        keys.extend(entitlements.map(|it| key::entitlement(it.workspace_id, &it.user_id, it.tenant_id)));
    }
    keys
}

/// The reservations that a file's tenants and connections need.
struct Reservations {
    entra_tenants: Vec<(EntraTenantId, Key)>,
    connections: Vec<(ConnectionId, Key)>,
    apps: BTreeMap<AppInTenant, Key>,
}

impl Reservations {
    fn of(wanted: &[WantedWorkspace]) -> Self {
        let tenants = || wanted.iter().flat_map(|it| &it.tenants);
        let entra_tenants = tenants().filter_map(|it| it.tenant.entra_tenant_id.parse().ok());
        let apps = tenants().flat_map(|it| &it.connections).filter_map(AppInTenant::of);
        let connections = tenants().flat_map(|it| &it.connections).map(|it| it.id);
        Self {
            entra_tenants: entra_tenants.map(|id: EntraTenantId| (id.clone(), key::entra_reservation(&id))).collect(),
            connections: connections.map(|id| (id, key::connection_reservation(id))).collect(),
            apps: apps.map(|app| (app.clone(), key::app_reservation(&app))).collect(),
        }
    }

    fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        let entra_tenants = self.entra_tenants.iter().map(|(_, key)| key.clone());
        let connections = self.connections.iter().map(|(_, key)| key.clone());
        entra_tenants.chain(connections).chain(self.apps.values().cloned())
    }
}

/// Puts workspaces, memberships, sessions and tenants where they belong; entitlements come back, because their tenants may come later.
fn sort(items: HashMap<Key, Item>, stored: &mut StoredDirectory) -> Result<Vec<Versioned<Entitlement>>, StoreError> {
    let mut entitlements = Vec::new();
    for (key, item) in items {
        let Some(entity) = Entity::of(&item)? else { continue };
        match entity {
            Entity::Workspace => {
                let workspace = item::versioned(entity, item, directory::to_workspace)?;
                stored.workspaces.insert(workspace.value.id, workspace);
            }
            Entity::Membership => stored.memberships.push(item::versioned(entity, item, directory::to_membership)?),
            Entity::Entitlement => entitlements.push(item::versioned(entity, item, directory::to_entitlement)?),
            Entity::Session => {
                let session = session::to_session(item)?;
                stored.sessions.insert(session.id, session);
            }
            Entity::Tenant => {
                let tenant = item::versioned(entity, item, directory::to_tenant)?;
                let id = tenant.value.id;
                stored.tenants.insert(id, StoredTenant { tenant, entitlements: Vec::new(), connections: Vec::new() });
            }
            Entity::EntraReservation
            | Entity::ConnectionReservation
            | Entity::AppReservation
            | Entity::Connection
            | Entity::Slot
            | Entity::State
            | Entity::Run
            | Entity::Report
            | Entity::Audit
            | Entity::Acknowledgement
            | Entity::AcknowledgedCauses
            | Entity::Idempotency
            | Entity::StartCounter
            | Entity::GivenRun => return Err(item::damaged(entity, &key, Unreadable::Misplaced).into()),
        }
    }
    Ok(entitlements)
}
