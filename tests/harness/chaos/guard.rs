//! What keeps the invariants. Each guard can be taken away, on the wire or around the functions, so that the simulation can show that
//! it would be missed; the functions themselves stay as they are.

use clap::ValueEnum;
use serde_json::{Value, json};

/// Something that keeps an invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Guard {
    /// A run is claimed only while it waits or its lease has ended.
    ClaimCondition,
    /// A run is ended or given back only by the attempt that holds it.
    AttemptCondition,
    /// A run is opened only where the connection's slot is free.
    SlotCondition,
    /// A report follows the one that is the latest when it is written.
    LatestCondition,
    /// The report is written with the end of its run.
    ReportInTransaction,
    /// The message of a run that another worker holds is given back.
    HeldIsNotAcknowledged,
    /// The last delivery ends its run whatever the trouble is.
    LastReceiveEnds,
    /// Somebody looks after active runs.
    Reconciler,
}

/// A condition that holds whatever is stored.
const ALWAYS: &str = "attribute_exists(pk) OR attribute_not_exists(pk)";

impl Guard {
    /// Its name on the command line.
    ///
    /// # Panics
    /// Never: no guard is hidden.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value().expect("no guard is hidden").get_name().to_owned()
    }

    /// Takes the guard out of a write to the table. What was taken out of the transaction comes back, to be put later.
    pub(super) fn take_out(self, operation: &str, request: &mut Value) -> Option<Value> {
        match (self, operation) {
            (Guard::ClaimCondition, "UpdateItem") if condition(request).contains(":longest_lease") => loosen(request),
            (Guard::AttemptCondition, "UpdateItem") => forget_attempt(request),
            (Guard::AttemptCondition, "TransactWriteItems") => puts(request).for_each(forget_attempt),
            (Guard::SlotCondition, "TransactWriteItems") => {
                puts(request).filter(|put| sort_key(put).starts_with("ACTIVE#")).for_each(loosen);
            }
            (Guard::LatestCondition, "TransactWriteItems") => {
                writes(request, "Update").filter(|update| is_of_state(update)).for_each(loosen);
            }
            (Guard::ReportInTransaction, "TransactWriteItems") => return take_report(request),
            _ => {}
        }
        None
    }
}

fn puts(request: &mut Value) -> impl Iterator<Item = &mut Value> {
    writes(request, "Put")
}

fn writes<'a>(request: &'a mut Value, kind: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let items = request["TransactItems"].as_array_mut().into_iter().flatten();
    items.filter_map(move |item| item.get_mut(kind))
}

fn is_of_state(update: &Value) -> bool {
    update["Key"]["sk"]["S"].as_str().is_some_and(|key| key.starts_with("STATE#"))
}

fn sort_key(put: &Value) -> &str {
    put["Item"]["sk"]["S"].as_str().unwrap_or_default()
}

fn condition(write: &Value) -> &str {
    write["ConditionExpression"].as_str().unwrap_or_default()
}

/// The condition holds from now on. What it names stays named: DynamoDB refuses names that nothing uses.
fn loosen(write: &mut Value) {
    write["ConditionExpression"] = json!(format!("({}) OR {ALWAYS}", condition(write)));
}

fn forget_attempt(write: &mut Value) {
    if condition(write).contains("attempt = :mine") {
        write["ConditionExpression"] =
            json!(condition(write).replace("attempt = :mine", "(attempt = :mine OR attempt <> :mine)"));
    }
}

/// The report's place in the transaction stays taken: a refusal has a reason for each place.
fn take_report(request: &mut Value) -> Option<Value> {
    let items = request["TransactItems"].as_array_mut()?;
    let place = items.iter().position(|item| item["Put"]["Item"]["sk"]["S"] == "REPORT")?;
    let put = items[place]["Put"].take();
    items[place] = json!({ "ConditionCheck": {
        "TableName": put["TableName"],
        "Key": { "pk": put["Item"]["pk"], "sk": put["Item"]["sk"] },
        "ConditionExpression": ALWAYS,
    } });
    Some(put)
}
