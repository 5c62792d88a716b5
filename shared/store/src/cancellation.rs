//! Why a transaction was cancelled, item by item. Only a refused condition is an answer, and whose condition it was decides what
//! the answer means; everything else is trouble that may pass.

use aws_sdk_dynamodb::types::CancellationReason;

use crate::error::{StoreError, is_throttle};
use crate::item::Item;

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

/// The items of a cancelled transaction whose conditions do not hold, in the order of the transaction.
#[derive(Debug)]
pub(crate) struct Refusals(Vec<Option<Item>>);

impl Refusals {
    /// The stored item that the condition of the item at this place met, if that condition does not hold. Empty when there is
    /// no stored item.
    pub(crate) fn at(&self, place: usize) -> Option<&Item> {
        self.0.get(place).and_then(Option::as_ref)
    }

    /// The error of a refusal that this transaction cannot have.
    pub(crate) fn unexpected(&self) -> StoreError {
        let places: Vec<_> = self.0.iter().enumerate().filter(|(_, item)| item.is_some()).map(|(at, _)| at).collect();
        StoreError::Cancelled(format!("the conditions of the items {places:?}"))
    }
}

/// Judges a cancelled transaction by the reasons of its items.
pub(crate) fn judge(reasons: &[CancellationReason]) -> Cancelled {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let codes: Vec<String> = reasons.iter().map(code).collect();
    let is = |wanted: &str| codes.iter().any(|code| code == wanted);
    if is("ConditionalCheckFailed") {
        let refused = |(reason, code): (&CancellationReason, &String)| {
            (code == "ConditionalCheckFailed").then(|| reason.item.clone().unwrap_or_default())
        };
        Cancelled::Refused(Refusals(reasons.iter().zip(&codes).map(refused).collect()))
    } else if is("TransactionConflict") {
        Cancelled::Conflict
    } else if let Some(code) = codes.iter().find(|code| is_throttle(code)) {
        Cancelled::Throttled(code.clone())
    } else {
        Cancelled::Fault(StoreError::Cancelled(codes.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::text;

    fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
        let reason = |(at, code): (usize, &&str)| {
            CancellationReason::builder().code(*code).item("pk", text(at.to_string())).build()
        };
        codes.iter().enumerate().map(reason).collect()
    }

    #[test]
    fn a_refused_condition_outweighs_whatever_else_was_in_the_way() {
        let mixed = ["TransactionConflict", "ConditionalCheckFailed", "None", "ThrottlingError"];
        let Cancelled::Refused(refusals) = judge(&reasons(&mixed)) else { panic!("not refused") };
        assert_eq!(refusals.at(1), Some(&Item::from([("pk".to_owned(), text("1"))])));
        assert!([0, 2, 3, 9].into_iter().all(|place| refusals.at(place).is_none()));
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        assert!(matches!(judge(&reasons(&["None", "TransactionConflict"])), Cancelled::Conflict));
        for code in ["ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"] {
            assert!(matches!(judge(&reasons(&["None", code])), Cancelled::Throttled(seen) if seen == code));
        }
        for codes in [&["ValidationError"][..], &["ItemCollectionSizeLimitExceeded", "None"], &[]] {
            assert!(matches!(judge(&reasons(codes)), Cancelled::Fault(StoreError::Cancelled(_))), "{codes:?}");
        }
    }
}
