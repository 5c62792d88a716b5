//! What a transaction changes in the directory, as the audit trail keeps it: how many entries of each kind, and each right by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{Entry, action};
use super::{Action, AppInTenant, AppReservation, Edit, Entity};
use crate::access::Role;
use crate::id::{ClientId, EntraTenantId, TenantId, UserId, WorkspaceId};

/// How many entries of one kind something happened to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// New ones.
    #[serde(skip_serializing_if = "is_none")]
    pub created: usize,
    /// Changed ones.
    #[serde(skip_serializing_if = "is_none")]
    pub changed: usize,
    /// Removed ones.
    #[serde(skip_serializing_if = "is_none")]
    pub removed: usize,
    /// Tenants that are not used any more.
    #[serde(skip_serializing_if = "is_none")]
    pub archived: usize,
    /// The others.
    #[serde(skip_serializing_if = "is_none")]
    pub unchanged: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Counts {
    /// One entry more.
    pub fn add(&mut self, action: Action) {
        *match action {
            Action::Created => &mut self.created,
            Action::Changed => &mut self.changed,
            Action::Removed => &mut self.removed,
            Action::Archived => &mut self.archived,
            Action::Unchanged => &mut self.unchanged,
        } += 1;
    }
}

/// A right that somebody is given, changes or loses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantChange {
    /// Whose.
    pub user_id: UserId,
    /// On which tenant; in the workspace where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// As what until now; none where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Role>,
    /// As what from now on; none where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Role>,
}

/// An app that goes to another workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppMove {
    /// The app.
    pub client_id: ClientId,
    /// The Entra tenant that it signs in to.
    pub entra_tenant_id: EntraTenantId,
    /// Whose it was.
    pub before: WorkspaceId,
    /// Whose it is.
    pub after: WorkspaceId,
}

impl AppMove {
    /// What an edit moves, if it does.
    #[must_use]
    pub fn of(edit: &Edit<AppReservation>) -> Option<Self> {
        let Edit::Change { before, after } = edit else { return None };
        let AppInTenant { client_id, entra_tenant_id } = after.app.clone();
        Some(Self { client_id, entra_tenant_id, before: before.value.workspace_id, after: after.workspace_id })
    }
}

/// What a transaction changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryChanges {
    /// The kinds of which any entry changes.
    pub counts: BTreeMap<Entity, Counts>,
    /// Each right that changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantChange>,
    /// Each app that goes to another workspace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apps: Vec<AppMove>,
}

impl DirectoryChanges {
    /// What an edit changes; nothing where it keeps what is there.
    #[must_use]
    #[expect(private_bounds, reason = "the kinds of entries are a closed set")]
    pub fn of<T: Entry + PartialEq>(edit: &Edit<T>) -> Self {
        let mut changes = Self::default();
        if !edit.is_change() {
            return changes;
        }
        changes.counts.entry(T::ENTITY).or_default().add(action(edit));
        let (before, after) = (edit.before().and_then(|it| it.value.grant()), edit.after().and_then(Entry::grant));
        if let Some((user, tenant_id, _)) = after.or(before) {
            let role = |grant: Option<(_, _, Role)>| grant.map(|(_, _, role)| role);
            let (before, after) = (role(before), role(after));
            changes.grants.push(GrantChange { user_id: user.clone(), tenant_id, before, after });
        }
        changes
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Both together.
    pub fn merge(&mut self, other: Self) {
        for (entity, more) in other.counts {
            let counts = self.counts.entry(entity).or_default();
            counts.created += more.created;
            counts.changed += more.changed;
            counts.removed += more.removed;
            counts.archived += more.archived;
            counts.unchanged += more.unchanged;
        }
        self.grants.extend(other.grants);
        self.apps.extend(other.apps);
    }
}
