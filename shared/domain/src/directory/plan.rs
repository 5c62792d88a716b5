//! From what is stored to what a file wants: what is written, in which order, or why not.

use std::collections::BTreeSet;

use super::claims;
use super::compare::Comparison;
use super::entry::{Entry, line};
use super::limits;
use super::{Edit, Entitlement, Line, Membership, StoredDirectory, WantedWorkspace, Workspace};
use crate::connection::ProviderConnection;
use crate::id::{ConnectionId, EntraTenantId, TenantId, WorkspaceId};
use crate::tenant::Tenant;
use crate::time::Timestamp;

/// Whether a file may remove as much as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removals {
    /// At most a fifth of a workspace's memberships, entitlements and connections: more looks like a file that was cut off.
    Limited,
    /// The operator said so.
    Allowed,
}

/// The edits of a workspace and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceEdits {
    /// The workspace itself.
    pub workspace: Edit<Workspace>,
    /// Its members.
    pub memberships: Vec<Edit<Membership>>,
}

/// The edits of a tenant and all that belongs to it. They are one unit: half of them would be another configuration than either file's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantEdits {
    /// The tenant itself.
    pub tenant: Edit<Tenant>,
    /// What happens to its hold on an Entra tenant.
    pub entra: EntraClaim,
    /// Everybody's role on it.
    pub entitlements: Vec<Edit<Entitlement>>,
    /// Its connections.
    pub connections: Vec<Edit<ProviderConnection>>,
}

/// How a tenant's hold on an Entra tenant changes. Archived tenants hold none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntraClaim {
    /// It lets go of this one.
    pub frees: Option<EntraTenantId>,
    /// It takes this one.
    pub takes: Option<EntraTenantId>,
}

/// What a file changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Each workspace of the file.
    pub workspaces: Vec<WorkspaceEdits>,
    /// The tenants, in the order of writing: who frees an Entra tenant comes before who takes it.
    pub tenants: Vec<TenantEdits>,
}

/// Why a valid file cannot be applied to what is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The id is taken.
    #[error("tenant {tenant_id} belongs to workspace {holder}, and a tenant never moves to another workspace")]
    TenantElsewhere {
        /// The tenant.
        tenant_id: TenantId,
        /// Where it is.
        holder: WorkspaceId,
    },
    /// The id is taken.
    #[error("connection {connection_id} belongs to tenant {holder}, and a connection never moves to another tenant")]
    ConnectionElsewhere {
        /// The connection.
        connection_id: ConnectionId,
        /// Where the file has it.
        tenant_id: TenantId,
        /// Where it is.
        holder: TenantId,
    },
    /// Another live tenant, which the file does not change, has it.
    #[error("the Entra tenant {entra_tenant_id} is held by tenant {holder}; archiving that one frees it")]
    EntraTenantHeld {
        /// Who wants it.
        tenant_id: TenantId,
        /// What it wants.
        entra_tenant_id: EntraTenantId,
        /// Who has it.
        holder: TenantId,
    },
    /// None of them can be written first.
    #[error("tenants {} pass their Entra tenants round in a circle; archive one of them first", list(.tenants))]
    EntraTenantsSwapped {
        /// The circle.
        tenants: Vec<TenantId>,
    },
    /// More than the limit.
    #[error(
        "{removed} of {stored} memberships, entitlements and connections would be removed, more than 20 %; \
         --allow-removals permits it"
    )]
    TooManyRemovals {
        /// From which workspace.
        workspace_id: WorkspaceId,
        /// How many would go.
        removed: usize,
        /// Of how many.
        stored: usize,
    },
}

fn list(tenants: &[TenantId]) -> String {
    tenants.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Plan {
    /// Compares a file with what is stored. Expects a file that holds the rules of a file by itself: unique ids, one default, one
    /// live tenant per Entra tenant.
    ///
    /// # Errors
    /// Every [`Refusal`] at once.
    pub fn make(
        wanted: Vec<WantedWorkspace>,
        stored: StoredDirectory,
        removals: Removals,
        now: Timestamp,
    ) -> Result<Self, Vec<Refusal>> {
        let mut refusals = elsewhere(&wanted, &stored);
        let holders = stored.entra_claims.clone();
        let Comparison { workspaces, tenants } = Comparison::of(wanted, stored, now);

        if removals == Removals::Limited {
            refusals.extend(limits::exceeded(&workspaces, &tenants));
        }
        refusals.extend(held(&tenants, &holders));
        match claims::in_order(tenants, &holders) {
            Ok(tenants) if refusals.is_empty() => Ok(Self { workspaces, tenants }),
            Ok(_) => Err(refusals),
            Err(swapped) => {
                refusals.push(swapped);
                Err(refusals)
            }
        }
    }

    /// Every entry, workspace by workspace and tenant by tenant.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for edits in &self.workspaces {
            lines.push(line(&edits.workspace));
            lines.extend(edits.memberships.iter().map(line));
        }
        for edits in &self.tenants {
            lines.push(line(&edits.tenant));
            lines.extend(edits.entitlements.iter().map(line));
            lines.extend(edits.connections.iter().map(line));
        }
        lines
    }

    /// The workspaces in which anything changes.
    #[must_use]
    pub fn changed_workspaces(&self) -> BTreeSet<WorkspaceId> {
        let own = self.workspaces.iter().filter(|edits| edits.is_change()).map(WorkspaceEdits::workspace_id);
        let tenants = self.tenants.iter().filter(|edits| edits.is_change()).map(TenantEdits::workspace_id);
        own.chain(tenants).collect()
    }
}

impl WorkspaceEdits {
    /// Which workspace.
    #[must_use]
    pub fn workspace_id(&self) -> WorkspaceId {
        present(&self.workspace).id
    }

    /// Whether the workspace or a membership changes.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.workspace.is_change() || self.memberships.iter().any(Edit::is_change)
    }
}

impl TenantEdits {
    /// The tenant's workspace.
    #[must_use]
    pub fn workspace_id(&self) -> WorkspaceId {
        present(&self.tenant).workspace_id
    }

    /// Which tenant.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        present(&self.tenant).id
    }

    /// Whether the tenant or anything of it changes.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.tenant.is_change()
            || self.entitlements.iter().any(Edit::is_change)
            || self.connections.iter().any(Edit::is_change)
    }
}

/// A workspace or tenant, which is never removed.
fn present<T: Entry + PartialEq>(edit: &Edit<T>) -> &T {
    edit.after().expect("workspaces and tenants are never removed")
}

/// Tenants and connections whose ids live somewhere else.
fn elsewhere(wanted: &[WantedWorkspace], stored: &StoredDirectory) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for tenant in wanted.iter().flat_map(|workspace| &workspace.tenants) {
        let tenant_id = tenant.tenant.id;
        let holder = stored.tenants.get(&tenant_id).map(|stored| stored.tenant.value.workspace_id);
        if let Some(holder) = holder.filter(|holder| *holder != tenant.tenant.workspace_id) {
            refusals.push(Refusal::TenantElsewhere { tenant_id, holder });
        }
        for connection in &tenant.connections {
            let holder = stored.connection_claims.get(&connection.id).copied();
            if let Some(holder) = holder.filter(|holder| *holder != tenant_id) {
                refusals.push(Refusal::ConnectionElsewhere { connection_id: connection.id, tenant_id, holder });
            }
        }
    }
    refusals
}

/// Tenants that want an Entra tenant whose holder does not let go of it.
fn held(tenants: &[TenantEdits], holders: &claims::Holders) -> Vec<Refusal> {
    let frees = |holder: TenantId, claim: &EntraTenantId| {
        tenants.iter().any(|edits| edits.tenant_id() == holder && edits.entra.frees.as_ref() == Some(claim))
    };
    let mut refusals = Vec::new();
    for edits in tenants {
        let Some(entra_tenant_id) = &edits.entra.takes else { continue };
        let tenant_id = edits.tenant_id();
        let holder = holders.get(entra_tenant_id).copied().filter(|holder| *holder != tenant_id);
        if let Some(holder) = holder.filter(|holder| !frees(*holder, entra_tenant_id)) {
            refusals.push(Refusal::EntraTenantHeld { tenant_id, entra_tenant_id: entra_tenant_id.clone(), holder });
        }
    }
    refusals
}
