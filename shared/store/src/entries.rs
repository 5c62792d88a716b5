//! What stands in a stretch, by key alone, and how it is swept away.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};

use crate::error::StoreError;
use crate::item::{self, Entity, Item, text};
use crate::key::{Index, Key, Range};
use crate::table::Store;

/// What a list of keys says of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    /// Its key in the base table.
    pub(crate) key: Key,
    /// Its attribute `entity`: a word that may be newer than this program.
    pub(crate) entity: String,
}

impl Entry {
    /// An item of a kind that this program knows.
    pub(crate) fn new(key: Key, entity: Entity) -> Self {
        Self { key, entity: entity.as_str().to_owned() }
    }
}

impl Store {
    /// An item deleted without a condition, as part of a transaction. One that does not exist is as good as deleted.
    pub(crate) fn delete_always(&self, key: Key) -> TransactWriteItem {
        let delete = Delete::builder().table_name(&self.settings.table).set_key(Some(key.attributes())).build();
        TransactWriteItem::builder().delete(delete.expect("table and key are set")).build()
    }

    /// What an index shows in a stretch of it.
    pub(crate) async fn entries(&self, index: Index, range: Range) -> Result<Vec<Entry>, StoreError> {
        let (pk, sk) = index.attributes();
        self.list(self.client.query().index_name(index.name()), (pk, sk), range).await
    }

    /// What is in a stretch of one partition of the base table.
    pub(crate) async fn entries_of_table(&self, range: Range) -> Result<Vec<Entry>, StoreError> {
        self.list(self.client.query().consistent_read(true), ("pk", "sk"), range).await
    }

    async fn list(
        &self,
        query: QueryFluentBuilder,
        (pk, sk): (&str, &str),
        range: Range,
    ) -> Result<Vec<Entry>, StoreError> {
        let request = query
            .table_name(&self.settings.table)
            .projection_expression("pk, sk, entity")
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .expression_attribute_names("#pk", pk)
            .expression_attribute_names("#sk", sk)
            .expression_attribute_values(":pk", text(range.pk))
            .expression_attribute_values(":from", text(range.from))
            .expression_attribute_values(":to", text(range.to));
        let items: Result<Vec<Item>, _> = request.into_paginator().items().send().try_collect().await;
        let items = items.map_err(|error| StoreError::of("Query", error))?;
        let entry = |item: &Item| Entry { key: item::key_of(item), entity: item::attribute(item, "entity").to_owned() };
        Ok(items.iter().map(entry).collect())
    }
}
