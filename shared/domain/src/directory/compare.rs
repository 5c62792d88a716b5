//! Compares each entry of a file with what is stored.

use std::collections::BTreeMap;

use super::app_reservations;
use super::edit::edits;
use super::{
    Edit, EntraReservation, Membership, StoredDirectory, StoredTenant, TenantEdits, Versioned, WantedTenant,
    WantedWorkspace, WorkspaceEdits,
};
use crate::connection::ProviderConnection;
use crate::id::{EntraTenantId, TenantId, WorkspaceId};
use crate::onboarding::{OnboardingSession, SessionState};
use crate::tenant::{Tenant, TenantStatus};
use crate::time::Timestamp;

/// Every entry of the file's workspaces, with what happens to it.
pub(super) struct Comparison {
    pub(super) workspaces: Vec<WorkspaceEdits>,
    pub(super) tenants: Vec<TenantEdits>,
    pub(super) sessions: Vec<Edit<OnboardingSession>>,
}

impl Comparison {
    pub(super) fn of(wanted: Vec<WantedWorkspace>, stored: StoredDirectory, now: Timestamp) -> Self {
        let StoredDirectory {
            workspaces: mut stored_workspaces,
            memberships,
            mut tenants,
            mut sessions,
            app_reservations,
            ..
        } = stored;
        let mut members: BTreeMap<WorkspaceId, Vec<Versioned<Membership>>> = BTreeMap::new();
        for membership in memberships {
            members.entry(membership.value.workspace_id).or_default().push(membership);
        }
        let mut comparison = Self { workspaces: Vec::new(), tenants: Vec::new(), sessions: Vec::new() };
        for WantedWorkspace { workspace, memberships, tenants: wanted, sessions: wanted_sessions } in wanted {
            let id = workspace.id;
            for tenant in wanted {
                let before = tenants.remove(&tenant.tenant.id);
                comparison.tenants.push(tenant_edits(before, tenant, &app_reservations, now));
            }
            let absent: Vec<TenantId> = tenants
                .iter()
                .filter(|(_, it)| it.tenant.value.workspace_id == id)
                .map(|(tenant, _)| *tenant)
                .collect();
            let absent = absent.into_iter().filter_map(|tenant| tenants.remove(&tenant));
            comparison.tenants.extend(absent.map(|stored| {
                let archived = archived(stored.tenant.value.clone());
                tenant_edits(Some(stored), archived, &app_reservations, now)
            }));
            comparison.workspaces.push(WorkspaceEdits {
                workspace: Edit::of(stored_workspaces.remove(&id), workspace),
                memberships: edits(members.remove(&id).unwrap_or_default(), memberships),
            });
            let wanted = wanted_sessions.into_iter();
            comparison.sessions.extend(wanted.map(|session| session_edit(sessions.remove(&session.id), session)));
        }
        comparison
    }
}

/// What a file wants of a tenant by not naming it.
fn archived(tenant: Tenant) -> WantedTenant {
    let tenant = Tenant { status: TenantStatus::Archived, ..tenant };
    WantedTenant { tenant, entitlements: Vec::new(), connections: Vec::new() }
}

fn tenant_edits(
    before: Option<StoredTenant>,
    wanted: WantedTenant,
    apps: &app_reservations::Holders,
    now: Timestamp,
) -> TenantEdits {
    let WantedTenant { tenant: after, entitlements, connections } = wanted;
    let (before, stored_entitlements, stored_connections) = match before {
        Some(StoredTenant { tenant, entitlements, connections }) => (Some(tenant), entitlements, connections),
        None => (None, Vec::new(), Vec::new()),
    };
    let apps = app_reservations::needed(&connections, after.workspace_id, apps);
    let versioned = |connection: ProviderConnection| Versioned { version: connection.version, value: connection };
    let stored: BTreeMap<_, _> =
        stored_connections.into_iter().map(|connection| (connection.id, versioned(connection))).collect();
    let connections: Vec<_> = connections
        .into_iter()
        .map(|connection| match stored.get(&connection.id) {
            Some(stored) => carry_on(&stored.value, connection, now),
            None => ProviderConnection { updated_at: now, version: 1, ..connection },
        })
        .collect();
    TenantEdits {
        entra: reservation(before.as_ref().map(|before| &before.value), &after),
        tenant: Edit::of(before, after),
        entitlements: edits(stored_entitlements, entitlements),
        connections: edits(stored.into_values(), connections),
        apps,
    }
}

/// `updated_at` and `version` move only when something else of the connection does.
fn carry_on(before: &ProviderConnection, after: ProviderConnection, now: Timestamp) -> ProviderConnection {
    let same = ProviderConnection { updated_at: before.updated_at, version: before.version, ..after };
    if same == *before {
        return same;
    }
    ProviderConnection { updated_at: now, version: before.version + 1, ..same }
}

/// The pointer to a run is carried on from what is stored, and the version moves on only when something else of the session does.
fn session_edit(before: Option<OnboardingSession>, wanted: OnboardingSession) -> Edit<OnboardingSession> {
    let pointer = before.as_ref().and_then(|before| before.state.verification_operation_run_id);
    let state = SessionState { verification_operation_run_id: pointer, ..wanted.state };
    let Some(before) = before else { return Edit::Create(OnboardingSession { state, version: 1, ..wanted }) };
    let version = before.version;
    let same = OnboardingSession { state, version, ..wanted };
    let after = if same == before { same } else { OnboardingSession { version: version + 1, ..same } };
    Edit::of(Some(Versioned { value: before, version }), after)
}

fn reservation(before: Option<&Tenant>, after: &Tenant) -> EntraReservation {
    let held = before.and_then(claimed_by);
    let wanted = claimed_by(after);
    if held == wanted { EntraReservation::default() } else { EntraReservation { frees: held, takes: wanted } }
}

/// The Entra tenant that a tenant holds.
fn claimed_by(tenant: &Tenant) -> Option<EntraTenantId> {
    match tenant.status {
        TenantStatus::Pending | TenantStatus::Active => tenant.entra_tenant_id.parse().ok(),
        TenantStatus::Archived => None,
    }
}
