//! Reads of one item and of a stretch of one partition, strongly consistent, through every page.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, text};
use crate::key::{Key, Range};

impl Store {
    /// The item under a key.
    pub(crate) async fn get(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.settings.table).consistent_read(true);
        let output = request.set_key(Some(key.attributes())).send().await;
        Ok(output.map_err(|error| StoreError::of("GetItem", error))?.item)
    }

    /// The items of a stretch, in the order of their sort keys.
    pub(crate) async fn query(&self, range: Range) -> Result<Vec<Item>, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.settings.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(range.pk))
            .expression_attribute_values(":from", text(range.from))
            .expression_attribute_values(":to", text(range.to));
        let items = request.into_paginator().items().send().try_collect().await;
        items.map_err(|error| StoreError::of("Query", error))
    }
}
