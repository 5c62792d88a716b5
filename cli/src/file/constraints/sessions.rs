//! The rules of onboarding sessions: each is about one tenant of its workspace in this file, or about none yet.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{ConnectionId, EntraTenantId, SessionId, TenantId};

use super::Constraints;
use crate::file::node::Node;

/// What a session may refer to in its workspace.
#[derive(Default)]
pub(super) struct Tenants(BTreeMap<TenantId, Tenant>);

struct Tenant {
    /// Absent when the file's is no GUID.
    entra_tenant: Option<EntraTenantId>,
    connections: BTreeSet<ConnectionId>,
}

impl Tenants {
    pub(super) fn of(workspace: &Node<'_>) -> Self {
        let mut tenants = BTreeMap::new();
        for tenant in workspace.items("tenants") {
            let Some(id) = tenant.id("id") else { continue };
            let connections = tenant.items("connections");
            // An id that stands twice has been reported; the first one counts.
            tenants.entry(id).or_insert_with(|| Tenant {
                entra_tenant: tenant.parsed("entra_tenant_id"),
                connections: connections.iter().filter_map(|connection| connection.id("id")).collect(),
            });
        }
        Self(tenants)
    }
}

impl Constraints<'_> {
    pub(super) fn session(&mut self, session: &Node<'_>, tenants: &Tenants) {
        self.id(session, "id");
        if let Some(id) = session.id::<SessionId>("id") {
            let path = session.path.property("id");
            let first = self.sessions.note(id, &path);
            self.report_repeated(path, first);
        }
        self.user(session, "started_by");
        self.user(session, "updated_by");
        self.time(session, "completed_at");
        self.time(session, "cancelled_at");
        let has_tenant = session.field("tenant_id").is_some_and(|tenant| !tenant.value.is_null());
        let mut tenant = None;
        if has_tenant {
            self.id(session, "tenant_id");
            let id = session.id::<TenantId>("tenant_id");
            tenant = id.and_then(|id| tenants.0.get(&id));
            if id.is_some() && tenant.is_none() {
                self.report(session.path.property("tenant_id"), "is not a tenant of this workspace in this file");
            }
        }
        let entra_tenant = session.parsed::<EntraTenantId>("entra_tenant_id");
        let own = tenant.and_then(|tenant| tenant.entra_tenant.as_ref());
        if own.is_some_and(|own| entra_tenant.is_some_and(|it| it != *own)) {
            self.report(session.path.property("entra_tenant_id"), "differs from the tenant's");
        }
        if let Some(state) = session.field("state") {
            self.selected(&state, has_tenant, tenant);
        }
    }

    fn selected(&mut self, state: &Node<'_>, has_tenant: bool, tenant: Option<&Tenant>) {
        self.id(state, "provider_connection_id");
        let path = state.path.property("provider_connection_id");
        match (state.id::<ConnectionId>("provider_connection_id"), tenant) {
            (Some(_), None) if !has_tenant => self.report(path, "needs the session's tenant_id"),
            (Some(id), Some(tenant)) if !tenant.connections.contains(&id) => {
                self.report(path, "is not a connection of the session's tenant in this file");
            }
            // Of a tenant that is not in the file nothing more is to be said.
            (Some(_), Some(_) | None) | (None, _) => {}
        }
    }
}
