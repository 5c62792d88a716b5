//! The one reader of stretches, whatever lies in them: it sorts their items by kind. What a newer program wrote is passed over by
//! name; what cannot be read is kept apart, and takes nothing else with it.

use domain::acknowledgement::Acknowledgement;
use domain::audit::AuditEvent;
use domain::connection::{ConnectionHealth, ProviderConnection};
use domain::directory::{Entitlement, Membership};
use domain::id::ConnectionId;
use domain::operation_run::OperationRun;

use super::acknowledgement::{self, AcknowledgedCauses};
use super::inventory::StoredInventory;
use super::latest::Latest;
use super::report::{self, StoredReport};
use super::slot::{self, Slot};
use super::state::{self, State};
use super::{Entity, Item, audit, connection, damaged, directory, key_of, run};
use crate::error::{Damaged, Unreadable};
use crate::key::Key;

/// The items of a stretch by kind, each kind in the order of the stretch.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) memberships: Vec<Membership>,
    pub(crate) entitlements: Vec<Entitlement>,
    pub(crate) connections: Vec<ProviderConnection>,
    pub(crate) health: Vec<(ConnectionId, ConnectionHealth)>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) latest: Vec<Latest>,
    pub(crate) inventories: Vec<StoredInventory>,
    pub(crate) acknowledged: Vec<AcknowledgedCauses>,
    pub(crate) runs: Vec<OperationRun>,
    pub(crate) reports: Vec<StoredReport>,
    pub(crate) acknowledgements: Vec<Acknowledgement>,
    pub(crate) events: Vec<AuditEvent>,
    /// What cannot be read.
    pub(crate) damaged: Vec<Damaged>,
}

impl Stored {
    /// Sorts the items of a stretch.
    pub(crate) fn of(items: impl IntoIterator<Item = Item>) -> Self {
        let mut stored = Self::default();
        for item in items {
            if let Err(damaged) = stored.keep(item) {
                stored.damaged.push(damaged);
            }
        }
        stored
    }

    /// Takes the damage of one item out, for an answer that cannot do without this very item.
    pub(crate) fn damage_of(&mut self, key: &Key) -> Option<Damaged> {
        let place = self.damaged.iter().position(|damaged| damaged.key == *key)?;
        Some(self.damaged.swap_remove(place))
    }

    fn keep(&mut self, item: Item) -> Result<(), Damaged> {
        let Some(entity) = Entity::of(&item)? else { return Ok(()) };
        match entity {
            Entity::Membership => self.memberships.push(directory::to_membership(item)?),
            Entity::Entitlement => self.entitlements.push(directory::to_entitlement(item)?),
            Entity::Connection => self.connections.push(connection::to_connection(item)?),
            Entity::Slot => self.slots.push(slot::to_slot(item)?),
            Entity::State => self.keep_parts(state::to_state(item)?),
            Entity::AcknowledgedCauses => self.acknowledged.push(acknowledgement::to_causes(item)?),
            Entity::Run => self.runs.push(run::to_run(item)?),
            Entity::Report => self.reports.push(report::to_report(item)?),
            Entity::Acknowledgement => self.acknowledgements.push(acknowledgement::to_acknowledgement(item)?),
            Entity::Audit => self.events.push(audit::to_event(item)?),
            // These are read by their keys, and stand in no stretch that is read.
            Entity::Workspace
            | Entity::Tenant
            | Entity::EntraReservation
            | Entity::ConnectionReservation
            | Entity::AppReservation
            | Entity::Session
            | Entity::Idempotency
            | Entity::StartCounter
            | Entity::GivenRun => return Err(damaged(entity, &key_of(&item), Unreadable::Misplaced)),
        }
        Ok(())
    }

    fn keep_parts(&mut self, State { latest, health, inventory }: State) {
        let Self { latest: latest_runs, health: of_connections, inventories, damaged, .. } = self;
        keep_part(latest, latest_runs, damaged);
        keep_part(health, of_connections, damaged);
        keep_part(inventory, inventories, damaged);
    }
}

fn keep_part<T>(part: Option<Result<T, Damaged>>, readable: &mut Vec<T>, damaged: &mut Vec<Damaged>) {
    match part {
        Some(Ok(part)) => readable.push(part),
        Some(Err(damage)) => damaged.push(damage),
        None => {}
    }
}

#[cfg(test)]
mod tests;
