//! What is stored in a scene's table, seen past the product.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use harness::scene::Scene;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Everything in the table, by `pk sk`: to tell that nothing was written.
pub(crate) async fn items(scene: &Scene) -> BTreeMap<String, Item> {
    let place = |item: &Item| format!("{} {}", text(item, "pk"), text(item, "sk"));
    all(scene).await.into_iter().map(|item| (place(&item), item)).collect()
}

/// What is stored of a kind.
pub(crate) async fn stored(scene: &Scene, entity: &str) -> Vec<Item> {
    let mut items = all(scene).await;
    items.retain(|item| text(item, "entity") == entity);
    items
}

/// Puts an item past the product.
pub(crate) async fn put(scene: &Scene, item: Item) {
    let put = Client::new(&scene.sandbox.aws).put_item().table_name(&scene.sandbox.table).set_item(Some(item));
    put.send().await.expect("the table takes the item");
}

/// Deletes an item past the product.
pub(crate) async fn delete(scene: &Scene, item: &Item) {
    let delete = Client::new(&scene.sandbox.aws).delete_item().table_name(&scene.sandbox.table);
    let delete = delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone());
    delete.send().await.expect("the table lets go of the item");
}

/// An attribute's text; empty when it has none.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

async fn all(scene: &Scene) -> Vec<Item> {
    let pages = Client::new(&scene.sandbox.aws).scan().table_name(&scene.sandbox.table).consistent_read(true);
    let pages = pages.into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.expect("the table can be read")
}
