//! What a call writes, as IAM sees it: each action on an item, the item's partition, and the attributes that the request names.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// One action on an item, alone or within a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// As IAM calls it, such as `PutItem` or `ConditionCheckItem`.
    pub action: String,
    /// The item's partition.
    pub partition: String,
    /// The item's key: `pk/sk`.
    pub key: String,
    /// The item that is put, or of an update the key and what it sets to a value of its own; else the key alone.
    pub item: Map<String, Value>,
    /// The top-level attributes that the request names: those of the item or its key, and those of its expressions.
    pub attributes: BTreeSet<String>,
    /// What is put, by the item's own word for it; nothing where nothing is put.
    pub entity: Option<String>,
}

const KEYWORDS: [&str; 9] = ["ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"];
const FUNCTIONS: [&str; 8] = [
    "attribute_exists",
    "attribute_not_exists",
    "attribute_type",
    "begins_with",
    "contains",
    "if_not_exists",
    "list_append",
    "size",
];

/// The writes of a call, in the order in which it names them.
pub(super) fn writes(operation: &str, request: &Value) -> Vec<Write> {
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => vec![write(operation.to_owned(), request)],
        "TransactWriteItems" => {
            let actions = request["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            actions.flatten().map(|(kind, body)| write(format!("{kind}Item"), body)).collect()
        }
        _ => Vec::new(),
    }
}

fn write(action: String, body: &Value) -> Write {
    let item = if body["Item"].is_null() { &body["Key"] } else { &body["Item"] };
    let text = |name: &str| item[name]["S"].as_str();
    let mut attributes: BTreeSet<_> = item.as_object().into_iter().flat_map(|item| item.keys().cloned()).collect();
    for expression in ["ConditionExpression", "UpdateExpression"] {
        let expression = body[expression].as_str().unwrap_or_default();
        attributes.extend(named(expression, &body["ExpressionAttributeNames"]));
    }
    let partition = text("pk").unwrap_or_default().to_owned();
    let key = format!("{partition}/{}", text("sk").unwrap_or_default());
    let entity = text("entity").map(str::to_owned);
    let written = item.as_object().cloned().unwrap_or_default().into_iter().chain(set(body)).collect();
    Write { action, partition, key, item: written, attributes, entity }
}

/// The attributes that an update sets to a value of its own.
fn set(body: &Value) -> Vec<(String, Value)> {
    let text = body["UpdateExpression"].as_str().unwrap_or_default();
    let (values, names) = (&body["ExpressionAttributeValues"], &body["ExpressionAttributeNames"]);
    let words: Vec<_> = text.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    let set = words.windows(3).filter(|it| it[1] == "=" && values[it[2]].is_object());
    set.map(|it| (names[it[0]].as_str().unwrap_or(it[0]).to_owned(), values[it[2]].clone())).collect()
}

/// The top-level attributes that an expression names; `names` says what its `#names` stand for.
fn named(expression: &str, names: &Value) -> Vec<String> {
    let is_part = |part: char| part.is_ascii_alphanumeric() || "_#:.[]".contains(part);
    let words = expression.split(|part| !is_part(part)).filter(|word| !word.is_empty());
    let paths = words.filter(|word| !word.starts_with(':') && !KEYWORDS.contains(word) && !FUNCTIONS.contains(word));
    let top = paths.map(|path| path.split(['.', '[']).next().unwrap_or(path));
    top.map(|name| match name.strip_prefix('#') {
        Some(_) => names[name].as_str().unwrap_or_else(|| panic!("nobody says what {name} stands for")).to_owned(),
        None => name.to_owned(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_attribute_that_a_request_names_is_seen() {
        let update = json!({
            "Key": { "pk": { "S": "SESSION#1" }, "sk": { "S": "SESSION" } },
            "UpdateExpression": "SET #state.run = :run, #v = if_not_exists(#v, :none)+:one REMOVE old[0] ADD counted :one",
            "ConditionExpression": "attribute_not_exists(pk) OR (size(label) < :most AND NOT #t IN (:a, :b))",
            "ExpressionAttributeNames": { "#state": "state", "#v": "version", "#t": "the type" },
        });
        let request = json!({ "TransactItems": [{ "Update": update }, { "Put": { "Item": {
            "pk": { "S": "RUN#1" }, "sk": { "S": "RUN" }, "entity": { "S": "run" }, "target": { "M": { "inner": { "N": "1" } } },
        } } }] });
        let [updated, put] = &writes("TransactWriteItems", &request)[..] else { panic!("two writes") };
        let of = |write: &Write| write.attributes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        assert_eq!((updated.action.as_str(), updated.partition.as_str()), ("UpdateItem", "SESSION#1"));
        assert_eq!(of(updated), "counted, label, old, pk, sk, state, the type, version");
        assert_eq!((put.action.as_str(), put.entity.as_deref()), ("PutItem", Some("run")));
        assert_eq!(of(put), "entity, pk, sk, target", "what is inside an attribute is not named by itself");
    }
}
