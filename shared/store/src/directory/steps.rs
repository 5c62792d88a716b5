//! The transactions that bring a plan into the table. A tenant, its connections, its reservations and its entitlements are one
//! transaction, so nobody ever sees two defaults or half a change. Only a tenant with more changes than a transaction can hold (100
//! items) takes several: rights and defaults are taken away in the first and a default is given in the last, and each moves the
//! tenant's version on, so that another writer in between makes the rest fail instead of mixing with it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::connection::ProviderConnection;
use domain::directory::{Edit, Entitlement, Membership, TenantEdits, WorkspaceEdits};
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
}

impl Unit {
    fn one(turn: Turn, item: TransactWriteItem) -> Self {
        Self { turn, items: vec![item] }
    }
}

impl Store {
    /// The transactions of a workspace and its members. `extra` items more go into the first one. The workspace itself is always
    /// written: its version is what makes two files at once fail.
    pub(super) fn workspace_steps(&self, edits: &WorkspaceEdits, extra: usize) -> Vec<Vec<TransactWriteItem>> {
        let units = edits.memberships.iter().filter_map(|edit| self.membership(edit)).collect();
        let version = edits.workspace.before().map(|before| before.version);
        let workspace = edits.workspace.after().expect("workspaces are never removed");
        let first = 1 + extra;
        let mut steps = pack(units, first, 1);
        for (step, number) in steps.iter_mut().zip(0..) {
            step.insert(0, self.follow(directory::of_workspace(workspace), version, number));
        }
        steps
    }

    /// The transactions of a tenant and all that belongs to it.
    pub(super) fn tenant_steps(&self, edits: &TenantEdits) -> Vec<Vec<TransactWriteItem>> {
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
        let mut steps = pack(connections.chain(entitlements).collect(), 1 + reservations.len(), 1);
        for (step, number) in steps.iter_mut().zip(0..) {
            step.insert(0, self.follow(directory::of_tenant(tenant), version, number));
        }
        if let Some(first) = steps.first_mut() {
            first.splice(1..1, reservations);
        }
        steps
    }

    /// The write of an onboarding session, if it changes.
    pub(super) fn session(&self, edit: &Edit<OnboardingSession>) -> Option<(SessionId, TransactWriteItem)> {
        let session = edit.after().filter(|_| edit.is_change())?;
        let read = edit.before().map(|before| before.version);
        Some((session.id, self.follow(session::of_session(session), read, 0)))
    }

    fn membership(&self, edit: &Edit<Membership>) -> Option<Unit> {
        match edit {
            Edit::Create(after) => Some(Unit::one(Turn::Move, self.first(directory::of_membership(after)))),
            Edit::Change { before, after } => {
                let item = self.follow(directory::of_membership(after), Some(before.version), 0);
                Some(Unit::one(Turn::Move, item))
            }
            Edit::Remove(before) => {
                let key = key::membership(before.value.workspace_id, &before.value.user_id);
                Some(Unit::one(Turn::Take, self.remove(key, before.version)))
            }
            Edit::Keep(_) => None,
        }
    }

    fn entitlement(&self, edit: &Edit<Entitlement>) -> Option<Unit> {
        match edit {
            Edit::Create(after) => Some(Unit::one(Turn::Move, self.first(directory::of_entitlement(after)))),
            Edit::Change { before, after } => {
                let item = self.follow(directory::of_entitlement(after), Some(before.version), 0);
                Some(Unit::one(Turn::Move, item))
            }
            Edit::Remove(before) => {
                let Entitlement { workspace_id, tenant_id, ref user_id, role: _ } = before.value;
                let key = key::entitlement(workspace_id, user_id, tenant_id);
                Some(Unit::one(Turn::Take, self.remove(key, before.version)))
            }
            Edit::Keep(_) => None,
        }
    }

    fn connection(&self, edit: &Edit<ProviderConnection>) -> Option<Unit> {
        match edit {
            Edit::Create(after) => {
                let reservation = self.put_if(
                    directory::of_connection_reservation(after.id, after.tenant_id),
                    &free_or_mine(after.tenant_id),
                );
                let turn = if after.is_default { Turn::Give } else { Turn::Move };
                Some(Unit { turn, items: vec![self.first(connection::of_connection(after)), reservation] })
            }
            Edit::Change { before, after } => {
                let turn = match (before.value.is_default, after.is_default) {
                    (true, false) => Turn::Take,
                    (false, true) => Turn::Give,
                    (true, true) | (false, false) => Turn::Move,
                };
                let item = self.follow(connection::of_connection(after), Some(before.version), 0);
                Some(Unit::one(turn, item))
            }
            Edit::Remove(before) => {
                let (id, tenant) = (before.value.id, before.value.tenant_id);
                let reservation = self.delete_if(key::connection_reservation(id), &free_or_mine(tenant));
                Some(Unit {
                    turn: Turn::Take,
                    items: vec![self.remove(key::connection(tenant, id), before.version), reservation],
                })
            }
            Edit::Keep(_) => None,
        }
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

/// Distributes units over as few transactions as possible, in the order of their turns. `first` places of the first transaction and
/// `others` of each other one are taken.
fn pack(mut units: Vec<Unit>, first: usize, others: usize) -> Vec<Vec<TransactWriteItem>> {
    units.sort_by_key(|unit| unit.turn);
    let mut steps = vec![Vec::new()];
    let mut room = MOST - first;
    for Unit { items, .. } in units {
        if items.len() > room {
            steps.push(Vec::new());
            room = MOST - others;
        }
        room -= items.len();
        steps.last_mut().expect("it starts with one").extend(items);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(turn: Turn, items: usize) -> Unit {
        Unit { turn, items: vec![TransactWriteItem::builder().build(); items] }
    }

    fn sizes(units: Vec<Unit>) -> Vec<usize> {
        pack(units, 3, 1).iter().map(Vec::len).collect()
    }

    #[test]
    fn as_few_transactions_as_possible_are_made_and_none_is_too_large() {
        let units = |count| (0..count).map(|_| unit(Turn::Move, 1)).collect();
        assert_eq!(sizes(units(0)), [0], "the tenant itself is written all the same");
        assert_eq!(sizes(units(97)), [97]);
        assert_eq!(sizes(units(98)), [97, 1]);
        assert_eq!(sizes(units(97 + 99 + 1)), [97, 99, 1]);
        let pairs = (0..49).map(|_| unit(Turn::Move, 2)).collect();
        assert_eq!(sizes(pairs), [96, 2], "a connection and its reservation stay together");
    }

    #[test]
    fn a_default_is_given_last() {
        let mut units: Vec<Unit> = (0..97).map(|_| unit(Turn::Move, 1)).collect();
        units.insert(0, unit(Turn::Give, 2));
        units.push(unit(Turn::Take, 2));
        assert_eq!(sizes(units), [97, 4]);
    }
}
