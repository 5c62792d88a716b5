//! Why a transaction was cancelled, item by item. Only a refused condition is an answer, and whose condition it was decides what
//! the answer means; everything else is trouble that may pass.

use aws_sdk_dynamodb::types::{CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use crate::error::{StoreError, is_throttle};
use crate::item::{self, Item};
use crate::key::Key;

/// What DynamoDB calls a condition that does not hold.
const REFUSED: &str = "ConditionalCheckFailed";

/// What becomes of a cancelled transaction.
#[derive(Debug)]
pub(crate) enum Cancelled {
    /// At least one item's condition does not hold. Whatever else was in the way, trying again would not change that.
    Refused(Refusals),
    /// Another transaction was in the way of an item.
    Conflict,
    /// An item was throttled, and this is what DynamoDB calls it.
    Throttled(String),
    /// Something that trying again does not mend.
    Fault(StoreError),
}

/// The items of a cancelled transaction whose conditions do not hold. Their keys name them: DynamoDB takes no transaction that has two
/// items with one key.
#[derive(Debug)]
pub(crate) struct Refusals(Vec<(Key, Item)>);

impl Refusals {
    /// The stored item that the condition under this key met, if that condition does not hold. Empty when there is no stored item.
    pub(crate) fn of(&self, key: &Key) -> Option<&Item> {
        self.0.iter().find(|(refused, _)| refused == key).map(|(_, item)| item)
    }

    /// The error of a refusal that this transaction cannot have.
    pub(crate) fn unexpected(&self) -> StoreError {
        let keys: Vec<String> = self.0.iter().map(|(key, _)| key.to_string()).collect();
        StoreError::Cancelled(format!("the conditions of {}", keys.join(", ")))
    }
}

/// Judges a cancelled transaction by the reasons, of which DynamoDB gives one for each item, in their order.
pub(crate) fn judge(items: &[TransactWriteItem], reasons: &[CancellationReason]) -> Cancelled {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
    if codes.contains(&REFUSED) {
        let refused = items.iter().zip(reasons).filter(|(_, reason)| reason.code() == Some(REFUSED));
        let named = refused.map(|(item, reason)| (key_of(item), reason.item.clone().unwrap_or_default()));
        Cancelled::Refused(Refusals(named.collect()))
    } else if codes.contains(&"TransactionConflict") {
        Cancelled::Conflict
    } else if let Some(code) = codes.iter().find(|code| is_throttle(code)) {
        Cancelled::Throttled((*code).to_owned())
    } else {
        Cancelled::Fault(StoreError::Cancelled(codes.join(", ")))
    }
}

/// The key of what an item of a transaction writes or requires.
fn key_of(item: &TransactWriteItem) -> Key {
    let put = item.put().map(Put::item);
    let update = item.update().map(Update::key);
    let delete = item.delete().map(Delete::key);
    let required = item.condition_check().map(ConditionCheck::key);
    item::key_of(put.or(update).or(delete).or(required).expect("an item is one of the four"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::text;

    fn attributes(key: &str) -> Item {
        Item::from([("pk".to_owned(), text(key)), ("sk".to_owned(), text("RUN"))])
    }

    fn key(pk: &str) -> Key {
        Key { pk: pk.to_owned(), sk: "RUN".to_owned() }
    }

    /// One item of each kind, and the reasons why they were not written.
    fn cancelled(codes: &[&str]) -> Cancelled {
        let table = "table";
        let put = Put::builder().table_name(table).set_item(Some(attributes("put"))).build();
        let update = Update::builder().table_name(table).set_key(Some(attributes("update"))).update_expression("");
        let delete = Delete::builder().table_name(table).set_key(Some(attributes("delete"))).build();
        let required = ConditionCheck::builder().table_name(table).set_key(Some(attributes("required")));
        let required = required.condition_expression("").build();
        let items = [
            TransactWriteItem::builder().put(put.expect("whole")).build(),
            TransactWriteItem::builder().update(update.build().expect("whole")).build(),
            TransactWriteItem::builder().delete(delete.expect("whole")).build(),
            TransactWriteItem::builder().condition_check(required.expect("whole")).build(),
        ];
        let reason = |code: &&str| CancellationReason::builder().code(*code).item("code", text(*code)).build();
        judge(&items, &codes.iter().map(reason).collect::<Vec<_>>())
    }

    #[test]
    fn a_refused_condition_is_known_by_its_key_whatever_is_written_there() {
        let keys = ["put", "update", "delete", "required"];
        for refused in keys {
            let codes = keys.map(|key| if key == refused { REFUSED } else { "None" });
            let Cancelled::Refused(refusals) = cancelled(&codes) else { panic!("not refused") };
            let found: Vec<_> = keys.into_iter().filter(|pk| refusals.of(&key(pk)).is_some()).collect();
            assert_eq!(found, [refused]);
            assert!(refusals.unexpected().to_string().ends_with(&format!("the conditions of {refused}/RUN")));
        }
    }

    #[test]
    fn a_refused_condition_outweighs_whatever_else_was_in_the_way() {
        let mixed = ["TransactionConflict", REFUSED, "None", "ThrottlingError"];
        let Cancelled::Refused(refusals) = cancelled(&mixed) else { panic!("not refused") };
        assert_eq!(refusals.of(&key("update")), Some(&Item::from([("code".to_owned(), text(REFUSED))])));
        assert_eq!(refusals.0.len(), 1);
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        assert!(matches!(cancelled(&["None", "TransactionConflict"]), Cancelled::Conflict));
        for code in ["ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"] {
            assert!(matches!(cancelled(&["None", code]), Cancelled::Throttled(seen) if seen == code));
        }
        for codes in [&["ValidationError"][..], &["ItemCollectionSizeLimitExceeded", "None"], &[]] {
            assert!(matches!(cancelled(codes), Cancelled::Fault(StoreError::Cancelled(_))), "{codes:?}");
        }
    }
}
