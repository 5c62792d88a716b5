//! How entries of the directory are told apart, compared and named for people.

use std::fmt;

use super::{AppInTenant, AppReservation, Edit, Entitlement, Membership, Workspace};
use crate::access::Role;
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
        /// An app that belongs to a workspace in an Entra tenant.
        App = "apps",
        /// An onboarding session.
        Session = "onboarding sessions",
    }
}

/// What happens to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Created,
    /// Some of its fields change.
    Changed,
    /// It goes.
    Removed,
    /// A tenant stops being used; its history stays.
    Archived,
    /// Nothing.
    Unchanged,
}

impl Action {
    /// The word for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Created => "created",
            Action::Changed => "changed",
            Action::Removed => "removed",
            Action::Archived => "archived",
            Action::Unchanged => "unchanged",
        }
    }
}

/// One entry of a plan: `connection 3 (tenant 2): changed client_id 11.. -> 22.., is_enabled`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its kind.
    pub entity: Entity,
    /// Its name among all entries.
    pub label: String,
    /// What happens to it.
    pub action: Action,
    /// The fields that change, and of a new or removed entry those that give or take rights and identities.
    pub details: Vec<String>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = match self.action {
            Action::Changed => " ",
            Action::Created | Action::Removed | Action::Archived | Action::Unchanged => ", ",
        };
        write!(f, "{}: {}", self.label, self.action.as_str())?;
        if self.details.is_empty() {
            return Ok(());
        }
        write!(f, "{between}{}", self.details.join(", "))
    }
}

/// A field of the file, as text.
pub(super) struct Field {
    name: &'static str,
    value: Option<String>,
    /// Whether people are told the value, because it gives or takes rights or an identity.
    is_shown: bool,
}

impl Field {
    fn shown(name: &'static str, value: Option<String>) -> Self {
        Self { name, value, is_shown: true }
    }

    fn named(name: &'static str, value: Option<impl ToString>) -> Self {
        Self { name, value: value.map(|value| value.to_string()), is_shown: false }
    }

    fn told(&self) -> &str {
        self.value.as_deref().unwrap_or("none")
    }
}

/// An entry of the directory.
pub(super) trait Entry {
    /// Its kind.
    const ENTITY: Entity;
    /// What tells it apart from others of its parent.
    type Key: Ord;

    /// See [`Entry::Key`].
    fn key(&self) -> Self::Key;
    /// Its name among all entries.
    fn label(&self) -> String;
    /// What a file may say of it, but for what tells it apart.
    fn fields(&self) -> Vec<Field>;
    /// Whether the change is the end of its use.
    fn is_archived_by(&self, _after: &Self) -> bool {
        false
    }
    /// The right that it gives, if it gives one: to whom, on which tenant or on the workspace, as what.
    fn grant(&self) -> Option<(&UserId, Option<TenantId>, Role)> {
        None
    }
}

/// What an edit does.
pub(super) fn action<T: Entry>(edit: &Edit<T>) -> Action {
    match edit {
        Edit::Create(_) => Action::Created,
        Edit::Change { before, after } if before.value.is_archived_by(after) => Action::Archived,
        Edit::Change { .. } => Action::Changed,
        Edit::Remove(_) => Action::Removed,
        Edit::Keep(_) => Action::Unchanged,
    }
}

/// The line of an edit.
pub(super) fn line<T: Entry>(edit: &Edit<T>) -> Line {
    let action = action(edit);
    let (entry, details) = match edit {
        Edit::Change { before, after } if action == Action::Changed => (after, changed(&before.value, after)),
        Edit::Change { after, .. } => (after, Vec::new()),
        Edit::Create(entry) | Edit::Remove(super::Versioned { value: entry, .. }) => (entry, shown(entry)),
        Edit::Keep(kept) => (&kept.value, Vec::new()),
    };
    Line { entity: T::ENTITY, label: entry.label(), action, details }
}

fn changed<T: Entry>(before: &T, after: &T) -> Vec<String> {
    let both = before.fields().into_iter().zip(after.fields());
    let differing = both.filter(|(before, after)| before.value != after.value);
    let told = |(before, after): (Field, Field)| {
        if after.is_shown {
            format!("{} {} -> {}", after.name, before.told(), after.told())
        } else {
            after.name.to_owned()
        }
    };
    differing.map(told).collect()
}

fn shown<T: Entry>(entry: &T) -> Vec<String> {
    let fields = entry.fields().into_iter().filter(|field| field.is_shown && field.value.is_some());
    fields.map(|field| format!("{} {}", field.name, field.told())).collect()
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

    fn fields(&self) -> Vec<Field> {
        vec![Field::named("name", Some(&self.name))]
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

    fn fields(&self) -> Vec<Field> {
        vec![Field::shown("role", Some(self.role.to_string()))]
    }

    fn grant(&self) -> Option<(&UserId, Option<TenantId>, Role)> {
        Some((&self.user_id, None, self.role))
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

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::named("name", Some(&self.name)),
            Field::named("entra_tenant_id", Some(&self.entra_tenant_id)),
            Field::named("status", Some(self.status)),
        ]
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

    fn fields(&self) -> Vec<Field> {
        vec![Field::shown("role", Some(self.role.to_string()))]
    }

    fn grant(&self) -> Option<(&UserId, Option<TenantId>, Role)> {
        Some((&self.user_id, Some(self.tenant_id), self.role))
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

    fn fields(&self) -> Vec<Field> {
        let credential = &self.credential;
        vec![
            Field::named("provider", Some(self.provider)),
            Field::named("module", Some(&self.module)),
            Field::named("cloud", Some(&self.cloud)),
            Field::named("entra_tenant_id", Some(&self.entra_tenant_id)),
            Field::named("entra_tenant_name", self.entra_tenant_name.as_ref()),
            Field::named("display_name", Some(&self.display_name)),
            Field::shown("client_id", Some(self.client_id.clone())),
            Field::named("connection_type", Some(self.connection_type)),
            Field::named("is_default", Some(self.is_default)),
            Field::named("is_enabled", Some(self.is_enabled)),
            Field::named("consent_status", Some(self.consent_status)),
            Field::named("credential.kind", Some(credential.kind)),
            Field::shown("credential.reference", credential.reference.clone()),
            Field::named("credential.expires_at", credential.expires_at),
            Field::named("credential.certificate_algorithm", credential.certificate_algorithm),
        ]
    }
}

impl Entry for AppReservation {
    const ENTITY: Entity = Entity::App;
    type Key = AppInTenant;

    fn key(&self) -> AppInTenant {
        self.app.clone()
    }

    fn label(&self) -> String {
        format!("app {} (Entra tenant {})", self.app.client_id, self.app.entra_tenant_id)
    }

    fn fields(&self) -> Vec<Field> {
        vec![Field::shown("workspace", Some(self.workspace_id.to_string()))]
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

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::named("tenant_id", self.tenant_id),
            Field::named("entra_tenant_id", Some(&self.entra_tenant_id)),
            Field::named("current_step", Some(&self.current_step)),
            Field::named("state.provider_connection_id", self.state.provider_connection_id),
            Field::named("started_by", Some(self.started_by.as_str())),
            Field::named("updated_by", Some(self.updated_by.as_str())),
            Field::named("completed_at", self.progress.completed_at()),
            Field::named("cancelled_at", self.progress.cancelled_at()),
        ]
    }
}
