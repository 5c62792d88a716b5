//! Items as they are stored. Each kind has a wire struct of its own in a file below, with conversions both ways; here is what they
//! share: the attribute `entity`, keys, index keys and the time to live.

pub(crate) mod acknowledgement;
pub(crate) mod audit;
pub(crate) mod connection;
mod digest;
pub(crate) mod directory;
mod entity;
#[cfg(feature = "administration")]
pub(crate) mod fields;
pub(crate) mod health;
pub(crate) mod idempotency;
pub(crate) mod inventory;
pub(crate) mod latest;
mod packed;
pub(crate) mod report;
pub(crate) mod run;
mod run_parts;
pub(crate) mod session;
pub(crate) mod slot;
pub(crate) mod state;
mod stored;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::directory::Versioned;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Damaged, Unreadable};
use crate::key::{IndexEntry, Key};

pub(crate) use entity::Entity;
pub(crate) use stored::Stored;

/// An item with its attributes by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Builds an item from its wire struct, with its key and entity.
pub(crate) fn build(entity: Entity, key: &Key, body: &impl Serialize) -> Item {
    let mut item: Item = serde_dynamo::to_item(body).expect("wire structs hold texts, numbers, lists and maps by text");
    item.insert("entity".to_owned(), text(entity.as_str()));
    item.insert("pk".to_owned(), text(&key.pk));
    item.insert("sk".to_owned(), text(&key.sk));
    item
}

/// Enters an item in an index.
pub(crate) fn enter(item: &mut Item, entry: &IndexEntry) {
    let (pk, sk) = entry.index.attributes();
    item.insert(pk.to_owned(), text(&entry.key.pk));
    item.insert(sk.to_owned(), text(&entry.key.sk));
}

/// Lets an item vanish `retention` after `since`.
pub(crate) fn expire(item: &mut Item, since: Timestamp, retention: Duration) {
    item.insert("ttl".to_owned(), number((since + retention).as_seconds()));
}

/// The attribute that counts the writes of an item.
pub(crate) const VERSION: &str = "version";

/// Reads an item together with how often it was written.
pub(crate) fn versioned<T>(
    entity: Entity,
    item: Item,
    read: impl FnOnce(Item) -> Result<T, Damaged>,
) -> Result<Versioned<T>, Damaged> {
    let version = item.get(VERSION).and_then(|value| value.as_n().ok()).and_then(|version| version.parse().ok());
    let version = version.ok_or_else(|| damaged(entity, &key_of(&item), Unreadable::Missing(VERSION)))?;
    Ok(Versioned { value: read(item)?, version })
}

/// Reads an item as its wire struct.
pub(crate) fn read<T: DeserializeOwned>(entity: Entity, item: Item) -> Result<T, Damaged> {
    require(entity, &item)?;
    let key = key_of(&item);
    serde_dynamo::from_item(item).map_err(|source| damaged(entity, &key, Unreadable::Shape(source)))
}

/// Holds that an item is marked as this.
pub(crate) fn require(entity: Entity, item: &Item) -> Result<(), Damaged> {
    let marked = attribute(item, "entity");
    if marked == entity.as_str() {
        return Ok(());
    }
    Err(damaged(entity, &key_of(item), Unreadable::OtherEntity(marked.to_owned())))
}

/// An item that cannot be read.
pub(crate) fn damaged(entity: Entity, key: &Key, source: Unreadable) -> Damaged {
    Damaged { entity: entity.as_str(), key: key.clone(), source: Arc::new(source) }
}

/// The primary key that an item carries.
pub(crate) fn key_of(item: &Item) -> Key {
    Key { pk: attribute(item, "pk").to_owned(), sk: attribute(item, "sk").to_owned() }
}

/// An attribute's text; empty when it has none.
pub(crate) fn attribute<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// The item, unless its time has passed: DynamoDB removes expired items hours or days late.
pub(crate) fn live(item: Item, now: Timestamp) -> Option<Item> {
    let ttl = item.get("ttl").and_then(|value| value.as_n().ok()).and_then(|seconds| seconds.parse::<i64>().ok());
    match ttl {
        Some(ttl) if ttl <= now.as_seconds() => None,
        Some(_) | None => Some(item),
    }
}

/// A text attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
#[allow(clippy::needless_pass_by_value, reason = "numbers are small, and literals read better without a reference")]
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

#[cfg(test)]
mod tests;
