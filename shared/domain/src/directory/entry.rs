//! How entries of the directory are told apart, compared and named for people.

use std::fmt;

use super::{Edit, Entitlement, Membership, Workspace};
use crate::connection::ProviderConnection;
use crate::id::{ConnectionId, SessionId, TenantId, UserId, WorkspaceId};
use crate::names::names;
use crate::onboarding::OnboardingSession;
use crate::tenant::{Tenant, TenantStatus};

names! {
    /// The kinds of entries.
    Entity: "an entity" {
        /// A workspace.
        Workspace = "workspaces",
        /// A member of a workspace.
        Membership = "memberships",
        /// A tenant.
        Tenant = "tenants",
        /// A member's role on a tenant.
        Entitlement = "entitlements",
        /// A provider connection.
        Connection = "connections",
        /// An onboarding session.
        Session = "onboarding sessions",
    }
}

/// What happens to an entry, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Created,
    /// These fields change.
    Changed(Vec<&'static str>),
    /// It goes.
    Removed,
    /// A tenant stops being used; its history stays.
    Archived,
    /// Nothing.
    Unchanged,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Created => f.write_str("created"),
            Action::Changed(fields) => write!(f, "changed {}", fields.join(", ")),
            Action::Removed => f.write_str("removed"),
            Action::Archived => f.write_str("archived"),
            Action::Unchanged => f.write_str("unchanged"),
        }
    }
}

/// One entry of a plan: `connection 3 (tenant 2): changed is_enabled, consent_status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its kind.
    pub entity: Entity,
    /// Its name among all entries.
    pub label: String,
    /// What happens to it.
    pub action: Action,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.action)
    }
}

/// An entry of the directory.
pub(super) trait Entry {
    /// Its kind.
    const ENTITY: Entity;
    /// What tells it apart from others of its parent.
    type Key: Ord;

    fn key(&self) -> Self::Key;
    fn label(&self) -> String;
    /// The fields of the file in which `after` differs.
    fn differences(&self, after: &Self) -> Vec<&'static str>;
    /// Whether the change is the end of its use.
    fn is_archived_by(&self, _after: &Self) -> bool {
        false
    }
}

/// The line of an edit.
pub(super) fn line<T: Entry + PartialEq>(edit: &Edit<T>) -> Line {
    let (entry, action) = match edit {
        Edit::Create(after) => (after, Action::Created),
        Edit::Change { before, after } if before.value.is_archived_by(after) => (after, Action::Archived),
        Edit::Change { before, after } => (after, Action::Changed(before.value.differences(after))),
        Edit::Remove(before) => (&before.value, Action::Removed),
        Edit::Keep(kept) => (&kept.value, Action::Unchanged),
    };
    Line { entity: T::ENTITY, label: entry.label(), action }
}

/// The names of the fields that differ.
fn differing<const N: usize>(fields: [(&'static str, bool); N]) -> Vec<&'static str> {
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

impl Entry for Workspace {
    const ENTITY: Entity = Entity::Workspace;
    type Key = WorkspaceId;

    fn key(&self) -> WorkspaceId {
        self.id
    }

    fn label(&self) -> String {
        format!("workspace {}", self.id)
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        differing([("name", self.name != after.name)])
    }
}

impl Entry for Membership {
    const ENTITY: Entity = Entity::Membership;
    type Key = UserId;

    fn key(&self) -> UserId {
        self.user_id.clone()
    }

    fn label(&self) -> String {
        format!("membership of {} (workspace {})", self.user_id.as_str(), self.workspace_id)
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        differing([("role", self.role != after.role)])
    }
}

impl Entry for Tenant {
    const ENTITY: Entity = Entity::Tenant;
    type Key = TenantId;

    fn key(&self) -> TenantId {
        self.id
    }

    fn label(&self) -> String {
        format!("tenant {} (workspace {})", self.id, self.workspace_id)
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        differing([
            ("name", self.name != after.name),
            ("entra_tenant_id", self.entra_tenant_id != after.entra_tenant_id),
            ("status", self.status != after.status),
        ])
    }

    fn is_archived_by(&self, after: &Self) -> bool {
        self.status != TenantStatus::Archived && after.status == TenantStatus::Archived
    }
}

impl Entry for Entitlement {
    const ENTITY: Entity = Entity::Entitlement;
    type Key = UserId;

    fn key(&self) -> UserId {
        self.user_id.clone()
    }

    fn label(&self) -> String {
        format!("entitlement of {} (tenant {})", self.user_id.as_str(), self.tenant_id)
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        differing([("role", self.role != after.role)])
    }
}

impl Entry for ProviderConnection {
    const ENTITY: Entity = Entity::Connection;
    type Key = ConnectionId;

    fn key(&self) -> ConnectionId {
        self.id
    }

    fn label(&self) -> String {
        format!("connection {} (tenant {})", self.id, self.tenant_id)
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        differing([
            ("provider", self.provider != after.provider),
            ("module", self.module != after.module),
            ("cloud", self.cloud != after.cloud),
            ("entra_tenant_id", self.entra_tenant_id != after.entra_tenant_id),
            ("entra_tenant_name", self.entra_tenant_name != after.entra_tenant_name),
            ("display_name", self.display_name != after.display_name),
            ("client_id", self.client_id != after.client_id),
            ("connection_type", self.connection_type != after.connection_type),
            ("is_default", self.is_default != after.is_default),
            ("is_enabled", self.is_enabled != after.is_enabled),
            ("consent_status", self.consent_status != after.consent_status),
            ("credential.kind", self.credential.kind != after.credential.kind),
            ("credential.reference", self.credential.reference != after.credential.reference),
            ("credential.expires_at", self.credential.expires_at != after.credential.expires_at),
            (
                "credential.certificate_algorithm",
                self.credential.certificate_algorithm != after.credential.certificate_algorithm,
            ),
        ])
    }
}

impl Entry for OnboardingSession {
    const ENTITY: Entity = Entity::Session;
    type Key = SessionId;

    fn key(&self) -> SessionId {
        self.id
    }

    fn label(&self) -> String {
        format!("onboarding session {} (workspace {})", self.id, self.workspace_id)
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        let (selected, selects) = (self.state.provider_connection_id, after.state.provider_connection_id);
        differing([
            ("tenant_id", self.tenant_id != after.tenant_id),
            ("entra_tenant_id", self.entra_tenant_id != after.entra_tenant_id),
            ("current_step", self.current_step != after.current_step),
            ("state.provider_connection_id", selected != selects),
            ("started_by", self.started_by != after.started_by),
            ("updated_by", self.updated_by != after.updated_by),
            ("completed_at", self.progress.completed_at() != after.progress.completed_at()),
            ("cancelled_at", self.progress.cancelled_at() != after.progress.cancelled_at()),
        ])
    }
}
