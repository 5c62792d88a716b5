//! The transactions that bring a plan into the table. A tenant, its connections, its reservations and its entitlements are one
//! transaction, so nobody ever sees two defaults or half a change. Only a tenant with more changes than a transaction can hold (100
//! items) takes several: rights and defaults are taken away in the first and a default is given in the last, and each moves the
//! tenant's version on, so that another writer in between makes the rest fail instead of mixing with it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::connection::ProviderConnection;
use domain::directory::{
    AppMove, AppReservation, DirectoryChanges, Edit, Entitlement, Membership, TenantEdits, WorkspaceEdits,
};
use domain::id::SessionId;
use domain::onboarding::OnboardingSession;

use super::free_or_mine;
use crate::item::{self, Item, VERSION, connection, directory, session};
use crate::key::{self, Key};
use crate::table::Store;
use crate::transaction::Expression;

/// Items in one transaction (the limit of `TransactWriteItems`).
const MOST: usize = 100;

/// When a write happens, if they do not all fit into one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// Something is taken away.
    Take,
    Move,
    /// A connection becomes the default.
    Give,
}

/// Items that are written together.
struct Unit {
    turn: Turn,
    items: Vec<TransactWriteItem>,
    changes: DirectoryChanges,
}

impl Unit {
    /// The places that it takes: who loses an app has an audit event of its own.
    fn size(&self) -> usize {
        self.items.len() + self.changes.apps.len()
    }
}

/// What goes into one transaction, which leaves room for the audit event that tells of it.
#[derive(Default)]
pub(super) struct Part {
    pub(super) items: Vec<TransactWriteItem>,
    pub(super) changes: DirectoryChanges,
}

impl Store {
    /// The transactions of a workspace and its members. The workspace itself is always written: its version is what makes two files at
    /// once fail.
    pub(super) fn workspace_parts(&self, edits: &WorkspaceEdits) -> Vec<Part> {
        let units = edits.memberships.iter().filter_map(|edit| self.membership(edit)).collect();
        let version = edits.workspace.before().map(|before| before.version);
        let workspace = edits.workspace.after().expect("workspaces are never removed");
        let mut parts = pack(units, 1);
        for (part, number) in parts.iter_mut().zip(0..) {
            part.items.insert(0, self.follow(directory::of_workspace(workspace), version, number));
        }
        parts[0].changes.merge(DirectoryChanges::of(&edits.workspace));
        parts
    }

    /// The transactions of a tenant and all that belongs to it.
    pub(super) fn tenant_parts(&self, edits: &TenantEdits) -> Vec<Part> {
        let tenant = edits.tenant.after().expect("tenants are never removed");
        let version = edits.tenant.before().map(|before| before.version);
        let mine = free_or_mine(tenant.id);
        let mut reservations = Vec::new();
        if let Some(frees) = &edits.entra.frees {
            reservations.push(self.delete_if(key::entra_reservation(frees), &mine));
        }
        if let Some(takes) = &edits.entra.takes {
            reservations.push(self.put_if(directory::of_entra_reservation(takes, tenant.id), &mine));
        }
        let connections = edits.connections.iter().filter_map(|edit| self.connection(edit));
        let entitlements = edits.entitlements.iter().filter_map(|edit| self.entitlement(edit));
        let apps = edits.apps.iter().filter_map(|edit| self.app(edit));
        let mut parts = pack(apps.chain(connections).chain(entitlements).collect(), 1 + reservations.len());
        for (part, number) in parts.iter_mut().zip(0..) {
            part.items.insert(0, self.follow(directory::of_tenant(tenant), version, number));
        }
        parts[0].items.splice(1..1, reservations);
        parts[0].changes.merge(DirectoryChanges::of(&edits.tenant));
        parts
    }

    /// The write of an onboarding session, if it changes.
    pub(super) fn session_part(&self, edit: &Edit<OnboardingSession>) -> Option<(SessionId, Part)> {
        let session = edit.after().filter(|_| edit.is_change())?;
        let read = edit.before().map(|before| before.version);
        let items = vec![self.follow(session::of_session(session), read, 0)];
        Some((session.id, Part { items, changes: DirectoryChanges::of(edit) }))
    }

    fn membership(&self, edit: &Edit<Membership>) -> Option<Unit> {
        let (turn, item) = match edit {
            Edit::Create(after) => (Turn::Move, self.first(directory::of_membership(after))),
            Edit::Change { before, after } => {
                (Turn::Move, self.follow(directory::of_membership(after), Some(before.version), 0))
            }
            Edit::Remove(before) => {
                let key = key::membership(before.value.workspace_id, &before.value.user_id);
                (Turn::Take, self.remove(key, before.version))
            }
            Edit::Keep(_) => return None,
        };
        Some(Unit { turn, items: vec![item], changes: DirectoryChanges::of(edit) })
    }

    fn entitlement(&self, edit: &Edit<Entitlement>) -> Option<Unit> {
        let (turn, item) = match edit {
            Edit::Create(after) => (Turn::Move, self.first(directory::of_entitlement(after))),
            Edit::Change { before, after } => {
                (Turn::Move, self.follow(directory::of_entitlement(after), Some(before.version), 0))
            }
            Edit::Remove(before) => {
                let Entitlement { workspace_id, tenant_id, ref user_id, role: _ } = before.value;
                let key = key::entitlement(workspace_id, user_id, tenant_id);
                (Turn::Take, self.remove(key, before.version))
            }
            Edit::Keep(_) => return None,
        };
        Some(Unit { turn, items: vec![item], changes: DirectoryChanges::of(edit) })
    }

    fn connection(&self, edit: &Edit<ProviderConnection>) -> Option<Unit> {
        let (turn, items) = match edit {
            Edit::Create(after) => {
                let reservation = self.put_if(
                    directory::of_connection_reservation(after.id, after.tenant_id),
                    &free_or_mine(after.tenant_id),
                );
                let turn = if after.is_default { Turn::Give } else { Turn::Move };
                (turn, vec![self.first(connection::of_connection(after)), reservation])
            }
            Edit::Change { before, after } => {
                let turn = match (before.value.is_default, after.is_default) {
                    (true, false) => Turn::Take,
                    (false, true) => Turn::Give,
                    (true, true) | (false, false) => Turn::Move,
                };
                (turn, vec![self.follow(connection::of_connection(after), Some(before.version), 0)])
            }
            Edit::Remove(before) => {
                let (id, tenant) = (before.value.id, before.value.tenant_id);
                let reservation = self.delete_if(key::connection_reservation(id), &free_or_mine(tenant));
                (Turn::Take, vec![self.remove(key::connection(tenant, id), before.version), reservation])
            }
            Edit::Keep(_) => return None,
        };
        Some(Unit { turn, items, changes: DirectoryChanges::of(edit) })
    }

    /// Before the connections that need it.
    fn app(&self, edit: &Edit<AppReservation>) -> Option<Unit> {
        let after = edit.after().filter(|_| edit.is_change())?;
        let (mine, holder) = (after.workspace_id, edit.before().map(|before| before.value.workspace_id));
        let condition = Expression::new("attribute_not_exists(pk) OR workspace_id IN (:mine, :holder)")
            .value(":mine", item::number(mine))
            .value(":holder", item::number(holder.unwrap_or(mine)));
        let items = vec![self.put_if(directory::of_app_reservation(after), &condition)];
        let mut changes = DirectoryChanges::of(edit);
        changes.apps.extend(AppMove::of(edit));
        Some(Unit { turn: Turn::Take, items, changes })
    }

    /// An item that does not exist yet.
    fn first(&self, item: Item) -> TransactWriteItem {
        self.follow(item, None, 0)
    }

    /// The item after the one that was read, when this plan has written it `number` times already.
    fn follow(&self, mut item: Item, read: Option<u64>, number: u64) -> TransactWriteItem {
        let stored = match (read, number) {
            (None, 0) => None,
            (read, number) => Some(read.unwrap_or(0) + number),
        };
        item.insert(VERSION.to_owned(), item::number(stored.unwrap_or(0) + 1));
        self.put_if(item, &stored.map_or_else(Expression::absent, still))
    }

    fn remove(&self, key: Key, version: u64) -> TransactWriteItem {
        self.delete_if(key, &still(version))
    }
}

/// The item is the one that was read.
fn still(version: u64) -> Expression {
    Expression::new("#version = :version").name("#version", VERSION).value(":version", item::number(version))
}

/// Distributes units over as few transactions as possible, in the order of their turns, and makes at least one. `first` items more go
/// into the first one, one into each other, and the audit event into each.
fn pack(mut units: Vec<Unit>, first: usize) -> Vec<Part> {
    units.sort_by_key(|unit| unit.turn);
    let mut parts = vec![Part::default()];
    let mut room = MOST - 1 - first;
    for unit in units {
        let size = unit.size();
        let Unit { items, changes, .. } = unit;
        if size > room {
            parts.push(Part::default());
            room = MOST - 1 - 1;
        }
        room -= size;
        let part = parts.last_mut().expect("it starts with one");
        part.items.extend(items);
        part.changes.merge(changes);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(turn: Turn, items: usize) -> Unit {
        let items = vec![TransactWriteItem::builder().build(); items];
        Unit { turn, items, changes: DirectoryChanges::default() }
    }

    fn sizes(units: Vec<Unit>) -> Vec<usize> {
        pack(units, 3).iter().map(|part| part.items.len()).collect()
    }

    #[test]
    fn as_few_transactions_as_possible_are_made_and_none_is_too_large() {
        let units = |count| (0..count).map(|_| unit(Turn::Move, 1)).collect();
        assert_eq!(sizes(units(0)), [0], "the tenant itself is written all the same");
        assert_eq!(sizes(units(96)), [96], "three more and the audit event are 100");
        assert_eq!(sizes(units(97)), [96, 1]);
        assert_eq!(sizes(units(96 + 98 + 1)), [96, 98, 1]);
        let pairs = (0..49).map(|_| unit(Turn::Move, 2)).collect();
        assert_eq!(sizes(pairs), [96, 2], "a connection and its reservation stay together");
    }

    #[test]
    fn a_default_is_given_last() {
        let mut units: Vec<Unit> = (0..96).map(|_| unit(Turn::Move, 1)).collect();
        units.insert(0, unit(Turn::Give, 2));
        units.push(unit(Turn::Take, 2));
        assert_eq!(sizes(units), [96, 4]);
    }
}
