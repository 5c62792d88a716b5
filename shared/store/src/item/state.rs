//! What the runs of an identity leave behind, in one item, because nearly every verification writes all of it: which run was the latest,
//! and of the connection its health and its permissions. Each part is an attribute of its own and is read by itself, so that one that is
//! damaged takes no other with it. The item stays; what is said of the latest run expires with that run.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::connection::ConnectionHealth;
use domain::id::ConnectionId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::health::HealthPart;
use super::inventory::{InventoryPart, StoredInventory};
use super::latest::{Latest, LatestPart};
use super::{Entity, Item, damaged, key_of, number, require, text};
use crate::error::{Damaged, Unreadable};
use crate::key::{self, Key};

/// What a part is called in the item, and where it is said that it is damaged.
const LATEST: &str = "latest";
const HEALTH: &str = "health";
const INVENTORY: &str = "inventory";
const CONNECTION: &str = "connection_id";

/// What a run that has ended says of its identity.
pub(crate) struct Said {
    /// The connection that it was about, if it came to that.
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) latest: LatestPart,
    /// The rest stays as it is where the run says nothing of it.
    pub(crate) health: Option<HealthPart>,
    pub(crate) inventory: Option<InventoryPart>,
}

impl Said {
    /// The attributes that say it.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, AttributeValue)> {
        let mut parts = vec![("entity", text(Entity::State.as_str())), (LATEST, part(&self.latest))];
        parts.extend(self.connection.map(|connection| (CONNECTION, number(connection))));
        parts.extend(self.health.as_ref().map(|health| (HEALTH, part(health))));
        parts.extend(self.inventory.as_ref().map(|inventory| (INVENTORY, part(inventory))));
        parts
    }
}

fn part(part: &impl Serialize) -> AttributeValue {
    serde_dynamo::to_attribute_value(part).expect("parts hold texts, numbers, bytes, lists and maps by text")
}

/// The parts of the item, each readable or damaged, as far as there are any.
pub(crate) struct State {
    pub(crate) latest: Option<Result<Latest, Damaged>>,
    pub(crate) health: Option<Result<(ConnectionId, ConnectionHealth), Damaged>>,
    pub(crate) inventory: Option<Result<StoredInventory, Damaged>>,
}

/// Reads the parts of an item that is marked as this.
pub(crate) fn to_state(mut item: Item) -> Result<State, Damaged> {
    require(Entity::State, &item)?;
    let key = key_of(&item);
    let latest = read_latest(&mut item, &key);
    let connection = || match item.get(CONNECTION) {
        Some(id) => serde_dynamo::from_attribute_value(id.clone()).map_err(Unreadable::Shape),
        None => Err(Unreadable::Missing(CONNECTION)),
    };
    let connection = connection().map_err(|source| damaged(Entity::State, &key, source));
    let health = read::<HealthPart>(&mut item, &key, HEALTH).map(|part| {
        let (part, connection) = (part?, connection.clone()?);
        Ok((connection, part.into()))
    });
    let inventory = read::<InventoryPart>(&mut item, &key, INVENTORY).map(|part| {
        let (part, connection) = (part?, connection.clone()?);
        Ok(part.into_stored(connection))
    });
    Ok(State { latest, health, inventory })
}

/// Reads the latest run alone; none when there was none yet.
pub(crate) fn to_latest(mut item: Item) -> Result<Option<Latest>, Damaged> {
    require(Entity::State, &item)?;
    let key = key_of(&item);
    read_latest(&mut item, &key).transpose()
}

fn read_latest(item: &mut Item, key: &Key) -> Option<Result<Latest, Damaged>> {
    let part = read::<LatestPart>(item, key, LATEST)?;
    let identity_hash = key::identity_of(key).ok_or_else(|| damaged(Entity::State, key, Unreadable::Misplaced));
    Some(part.and_then(|part| Ok(part.into_latest(identity_hash?))))
}

/// Which run the item names as the latest, readable or not.
pub(crate) fn latest_run_id(item: &Item) -> Option<&AttributeValue> {
    item.get(LATEST)?.as_m().ok()?.get("run_id")
}

fn read<T: DeserializeOwned>(item: &mut Item, key: &Key, name: &'static str) -> Option<Result<T, Damaged>> {
    let part = item.remove(name)?;
    let read = serde_dynamo::from_attribute_value(part);
    Some(read.map_err(|source| damaged(Entity::State, key, Unreadable::Part(name, source))))
}
