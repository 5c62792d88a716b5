//! From what is stored to what a file wants: what is written, in which order, or why not.

use std::collections::BTreeSet;

use super::app_reservations;
use super::compare::Comparison;
use super::entry::{Entry, line};
use super::limits;
use super::refusal::{elsewhere, held};
use super::reservations;
use super::{
    AppMoves, AppReservation, Edit, Entitlement, Line, Membership, Refusal, StoredDirectory, WantedWorkspace, Workspace,
};
use crate::connection::ProviderConnection;
use crate::id::{EntraTenantId, TenantId, WorkspaceId};
use crate::onboarding::OnboardingSession;
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
    pub entra: EntraReservation,
    /// Everybody's role on it.
    pub entitlements: Vec<Edit<Entitlement>>,
    /// Its connections.
    pub connections: Vec<Edit<ProviderConnection>>,
    /// Whose its connections' apps are. None is ever removed.
    pub apps: Vec<Edit<AppReservation>>,
}

/// How a tenant's hold on an Entra tenant changes. Archived tenants hold none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntraReservation {
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
    /// The onboarding sessions of the file, to be written after the tenants that they are about. None is ever removed.
    pub sessions: Vec<Edit<OnboardingSession>>,
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
        app_moves: AppMoves,
        now: Timestamp,
    ) -> Result<Self, Vec<Refusal>> {
        let mut refusals = elsewhere(&wanted, &stored);
        let connections = wanted.iter().flat_map(|it| &it.tenants).flat_map(|it| &it.connections);
        refusals.extend(app_reservations::elsewhere(connections, &stored, app_moves));
        let holders = stored.entra_reservations.clone();
        let Comparison { workspaces, tenants, sessions } = Comparison::of(wanted, stored, now);

        if removals == Removals::Limited {
            refusals.extend(limits::exceeded(&workspaces, &tenants));
        }
        refusals.extend(held(&tenants, &holders));
        match reservations::in_order(tenants, &holders) {
            Ok(tenants) if refusals.is_empty() => Ok(Self { workspaces, tenants, sessions }),
            Ok(_) => Err(refusals),
            Err(swapped) => {
                refusals.push(swapped);
                Err(refusals)
            }
        }
    }

    /// Every entry: workspace by workspace, tenant by tenant, session by session.
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
            lines.extend(edits.apps.iter().map(line));
        }
        lines.extend(self.sessions.iter().map(line));
        lines
    }

    /// The workspaces in which anything changes.
    #[must_use]
    pub fn changed_workspaces(&self) -> BTreeSet<WorkspaceId> {
        let own = self.workspaces.iter().filter(|edits| edits.is_change()).map(WorkspaceEdits::workspace_id);
        let tenants = self.tenants.iter().filter(|edits| edits.is_change()).map(TenantEdits::workspace_id);
        let sessions = self.sessions.iter().filter(|edit| edit.is_change()).map(|edit| present(edit).workspace_id);
        own.chain(tenants).chain(sessions).collect()
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
            || self.apps.iter().any(Edit::is_change)
    }
}

/// A workspace, tenant or onboarding session, which is never removed.
fn present<T: Entry + PartialEq>(edit: &Edit<T>) -> &T {
    edit.after().expect("workspaces, tenants and sessions are never removed")
}
