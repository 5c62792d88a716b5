//! Sends transactions and conditional updates until they are answered. A logical try has one token, so that DynamoDB recognizes a
//! request that comes again because its answer was lost; conflicts and throttling are waited out, within bounds.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use domain::audit::AuditEvent;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::backoff::Backoff;
use crate::cancellation::{self, Cancelled, Refusals};
use crate::error::StoreError;
use crate::item::{self, Item, audit};
use crate::key::Key;
use crate::table::Store;

/// The answer to a transaction.
#[derive(Debug)]
pub(crate) enum Transacted {
    /// Everything is written.
    Committed,
    /// Nothing is written: these conditions do not hold.
    Refused(Refusals),
}

/// The answer to a conditional update.
#[derive(Debug)]
pub(crate) enum Updated {
    /// The item as it is now.
    Done(Item),
    /// The item as it is, which the condition does not take. Empty when there is none.
    Refused(Item),
}

/// A condition, or an update, with what it names.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    text: Cow<'static, str>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// The text, before it is said what its `#names` and `:values` stand for.
    pub(crate) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), names: HashMap::new(), values: HashMap::new() }
    }

    /// The update that sets these attributes and leaves the others as they are. None of their names is a word of DynamoDB's.
    pub(crate) fn set(attributes: Vec<(&str, AttributeValue)>) -> Self {
        let set: Vec<_> = attributes.iter().map(|(name, _)| format!("{name} = :{name}")).collect();
        let update = Self::new(format!("SET {}", set.join(", ")));
        attributes.into_iter().fold(update, |update, (name, value)| update.value(&format!(":{name}"), value))
    }

    /// The item must not exist.
    pub(crate) fn absent() -> Self {
        Self::new("attribute_not_exists(pk)")
    }

    /// The item must not exist, or its time must have passed.
    pub(crate) fn absent_or_expired(now: Timestamp) -> Self {
        let text = "attribute_not_exists(pk) OR #ttl <= :now";
        Self::new(text).name("#ttl", "ttl").value(":now", item::number(now.as_seconds()))
    }

    /// What one of its `#names` stands for.
    pub(crate) fn name(mut self, name: &str, attribute: impl Into<String>) -> Self {
        self.names.insert(name.to_owned(), attribute.into());
        self
    }

    /// What one of its `:values` stands for.
    pub(crate) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

/// A new token of a logical try, in 32 of the 36 characters that DynamoDB allows. The operating system's randomness: a generator that
/// is seeded by the clock gives the same tokens to two processes that start at the same tick, and each would take the other's
/// writes for its own.
pub(crate) fn token() -> String {
    Uuid::new_v4().simple().to_string()
}

impl Store {
    /// An item put on a condition, as part of a transaction.
    pub(crate) fn put_if(&self, item: Item, condition: &Expression) -> TransactWriteItem {
        let put = Put::builder()
            .table_name(&self.settings.table)
            .set_item(Some(item))
            .condition_expression(condition.text())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        TransactWriteItem::builder().put(put.expect("table and item are set")).build()
    }

    /// An item put without a condition, as part of a transaction.
    pub(crate) fn put_always(&self, item: Item) -> TransactWriteItem {
        let put = Put::builder().table_name(&self.settings.table).set_item(Some(item)).build();
        TransactWriteItem::builder().put(put.expect("table and item are set")).build()
    }

    /// An audit event that the write with this token records. Nothing else stands at its place, so it has no condition.
    pub(crate) fn record(&self, event: &AuditEvent, token: &str) -> TransactWriteItem {
        self.put_always(audit::of_event(event, token, self.settings.audit_retention))
    }

    /// An item deleted on a condition, as part of a transaction.
    pub(crate) fn delete_if(&self, key: Key, condition: &Expression) -> TransactWriteItem {
        let delete = Delete::builder()
            .table_name(&self.settings.table)
            .set_key(Some(key.attributes()))
            .condition_expression(condition.text())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        TransactWriteItem::builder().delete(delete.expect("table and key are set")).build()
    }

    /// An item updated on a condition of the same expression's names and values, or on none, as part of a transaction.
    pub(crate) fn update(&self, key: Key, update: &Expression, condition: Option<&str>) -> TransactWriteItem {
        let update = Update::builder()
            .table_name(&self.settings.table)
            .set_key(Some(key.attributes()))
            .update_expression(update.text())
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(update.names())
            .set_expression_attribute_values(update.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        TransactWriteItem::builder().update(update.build().expect("table, key and update are set")).build()
    }

    /// An item that is not written but must be as the condition says, as part of a transaction.
    pub(crate) fn require(&self, key: Key, condition: &Expression) -> TransactWriteItem {
        let check = ConditionCheck::builder()
            .table_name(&self.settings.table)
            .set_key(Some(key.attributes()))
            .condition_expression(condition.text())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        TransactWriteItem::builder().condition_check(check.build().expect("table, key and condition are set")).build()
    }

    /// Writes all of these items or none.
    pub(crate) async fn transact(&self, items: &[TransactWriteItem], token: &str) -> Result<Transacted, StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let request = self.client.transact_write_items().client_request_token(token);
            let Err(error) = request.set_transact_items(Some(items.to_vec())).send().await else {
                return Ok(Transacted::Committed);
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
            else {
                // The SDK has tried these again itself, with the same token.
                return Err(StoreError::of("TransactWriteItems", error));
            };
            let trouble = match cancellation::judge(items, cancelled.cancellation_reasons()) {
                Cancelled::Refused(refusals) => return Ok(Transacted::Refused(refusals)),
                Cancelled::Fault(fault) => return Err(fault),
                Cancelled::Conflict => StoreError::Contended,
                Cancelled::Throttled(code) => StoreError::Throttled { code, source: None },
            };
            let Some(wait) = backoff.next() else { return Err(trouble) };
            tokio::time::sleep(wait).await;
        }
    }

    /// Updates one item on a condition.
    pub(crate) async fn update_if(
        &self,
        key: &Key,
        update: &Expression,
        condition: &str,
    ) -> Result<Updated, StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let request = self
                .client
                .update_item()
                .table_name(&self.settings.table)
                .set_key(Some(key.clone().attributes()))
                .update_expression(update.text())
                .condition_expression(condition)
                .set_expression_attribute_names(update.names())
                .set_expression_attribute_values(update.values())
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let error = match request.send().await {
                Ok(output) => return Ok(Updated::Done(output.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    return Ok(Updated::Refused(refused.item.clone().unwrap_or_default()));
                }
                // A transaction is in the way of a plain write: the SDK does not try that again.
                Some(UpdateItemError::TransactionConflictException(_)) => {}
                Some(_) | None => return Err(StoreError::of("UpdateItem", error)),
            }
            let Some(wait) = backoff.next() else { return Err(StoreError::Contended) };
            tokio::time::sleep(wait).await;
        }
    }
}
