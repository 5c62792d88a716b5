//! Where a file speaks of what cannot be applied.

use std::collections::BTreeMap;

use domain::directory::{Refusal, WantedWorkspace};
use domain::id::{ConnectionId, SessionId, TenantId, WorkspaceId};

use crate::file::{Path, Problem};

/// The places of a file's entries by their ids, which are unique in it.
#[derive(Default)]
pub(crate) struct Places {
    workspaces: BTreeMap<WorkspaceId, Path>,
    tenants: BTreeMap<TenantId, Path>,
    connections: BTreeMap<ConnectionId, Path>,
    sessions: BTreeMap<SessionId, Path>,
}

impl Places {
    pub(crate) fn of(wanted: &[WantedWorkspace]) -> Self {
        let mut places = Self::default();
        let root = Path::default().property("workspaces");
        for (index, workspace) in wanted.iter().enumerate() {
            let at = root.index(index);
            for (index, tenant) in workspace.tenants.iter().enumerate() {
                let at = at.property("tenants").index(index);
                for (index, connection) in tenant.connections.iter().enumerate() {
                    places.connections.insert(connection.id, at.property("connections").index(index));
                }
                places.tenants.insert(tenant.tenant.id, at);
            }
            for (index, session) in workspace.sessions.iter().enumerate() {
                places.sessions.insert(session.id, at.property("onboarding_sessions").index(index));
            }
            places.workspaces.insert(workspace.workspace.id, at);
        }
        places
    }

    /// The workspaces of the file that are another than the one that it may name.
    pub(crate) fn other_workspaces(&self, only: Option<WorkspaceId>) -> Vec<Problem> {
        let Some(only) = only else { return Vec::new() };
        let others = self.workspaces.iter().filter(|(id, _)| **id != only);
        let problem = |(id, path): (&WorkspaceId, &Path)| Problem {
            path: path.property("id"),
            message: format!("workspace {id} is none that --workspace {only} permits"),
        };
        others.map(problem).collect()
    }

    /// A refusal at the place that it is about.
    pub(crate) fn problem(&self, refusal: &Refusal) -> Problem {
        let place = match refusal {
            Refusal::TenantElsewhere { tenant_id, .. } => self.tenant(Some(tenant_id), "id"),
            Refusal::ConnectionElsewhere { connection_id, .. } => {
                self.connections.get(connection_id).map(|at| at.property("id"))
            }
            Refusal::AppElsewhere { connection_id, .. } => {
                self.connections.get(connection_id).map(|at| at.property("client_id"))
            }
            Refusal::SessionElsewhere { session_id, .. } => self.session(*session_id, "id"),
            Refusal::SessionOfTenant { session_id, .. } => self.session(*session_id, "tenant_id"),
            Refusal::EntraTenantHeld { tenant_id, .. } => self.tenant(Some(tenant_id), "entra_tenant_id"),
            Refusal::EntraTenantsSwapped { tenants } => self.tenant(tenants.first(), "entra_tenant_id"),
            Refusal::TooManyRemovals { workspace_id, .. } => self.workspaces.get(workspace_id).cloned(),
        };
        Problem { path: place.unwrap_or_default(), message: refusal.to_string() }
    }

    fn tenant(&self, tenant: Option<&TenantId>, property: &str) -> Option<Path> {
        Some(self.tenants.get(tenant?)?.property(property))
    }

    fn session(&self, session: SessionId, property: &str) -> Option<Path> {
        Some(self.sessions.get(&session)?.property(property))
    }
}
