//! Reads of one item and of a stretch of one partition, strongly consistent, through every page; and of the indexes, which lag
//! behind: one page of items.

use crate::error::StoreError;
use crate::item::{Item, key_of, text};
use crate::key::{Index, Key, Range};
use crate::table::Store;
use crate::transaction::Expression;

/// What is asked of an index.
pub(crate) struct IndexQuery {
    pub(crate) index: Index,
    /// Partition and sort keys in it.
    pub(crate) range: Range,
    /// Which of the items are wanted; all when there is none. It costs no less to look at the others.
    pub(crate) filter: Option<Expression>,
    /// How many items are looked at.
    pub(crate) looked_at: usize,
}

/// The last items of a stretch of an index, from its end backwards.
pub(crate) struct IndexPage {
    /// The items that are wanted.
    pub(crate) items: Vec<Item>,
    /// The primary key of the last item that was looked at, if there are others before it.
    pub(crate) looked_to: Option<Key>,
}

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

    /// One page of an index, in the falling order of its sort keys.
    pub(crate) async fn query_index(&self, query: IndexQuery) -> Result<IndexPage, StoreError> {
        let IndexQuery { index, range, filter, looked_at } = query;
        let (pk, sk) = index.attributes();
        let text_of_filter = filter.as_ref().map(|filter| filter.text().to_owned());
        let expression = filter.unwrap_or(Expression::new(""));
        let expression = expression
            .name("#pk", pk)
            .name("#sk", sk)
            .value(":pk", text(range.pk))
            .value(":from", text(range.from))
            .value(":to", text(range.to));
        let request = self
            .client
            .query()
            .table_name(&self.settings.table)
            .index_name(index.name())
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .set_filter_expression(text_of_filter)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .scan_index_forward(false)
            .limit(i32::try_from(looked_at).unwrap_or(i32::MAX));
        let output = request.send().await.map_err(|error| StoreError::of("Query", error))?;
        let looked_to = output.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(IndexPage { items: output.items.unwrap_or_default(), looked_to: looked_to.as_ref().map(key_of) })
    }

    /// The first items of a stretch of an index, at most so many.
    pub(crate) async fn first_of_index(
        &self,
        index: Index,
        range: Range,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let (pk, sk) = index.attributes();
        let request = self
            .client
            .query()
            .table_name(&self.settings.table)
            .index_name(index.name())
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .expression_attribute_names("#pk", pk)
            .expression_attribute_names("#sk", sk)
            .expression_attribute_values(":pk", text(range.pk))
            .expression_attribute_values(":from", text(range.from))
            .expression_attribute_values(":to", text(range.to))
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        let output = request.send().await.map_err(|error| StoreError::of("Query", error))?;
        Ok(output.items.unwrap_or_default())
    }
}
