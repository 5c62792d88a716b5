//! How items were stored before something was saved: what was written, in the forms of before.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

use super::Form;

/// An item in DynamoDB's JSON.
pub(super) type Item = Map<String, Value>;

/// What was saved, the latest first, each with the form of before it. Whoever goes back further goes through all of them.
pub(super) const SAVED: [(&str, Form); 3] = [
    ("one item for what the runs of an identity leave behind: latest run, health and permissions", in_three),
    ("the inventory's rows in gzip", with_rows),
    ("digests as bytes", with_hexadecimal_digests),
];

/// The state of an identity as three items.
fn in_three(item: &Item) -> Vec<Item> {
    let sort_key = item["sk"]["S"].as_str().unwrap();
    let Some(identity) = sort_key.strip_prefix("STATE#") else { return vec![item.clone()] };
    let whole = |part: &str, sort_key: String, entity: &str, more: (&str, Value)| {
        let mut parts = item[part]["M"].as_object().unwrap().clone();
        parts.insert("pk".to_owned(), item["pk"].clone());
        parts.insert("sk".to_owned(), json!({ "S": sort_key }));
        parts.insert("entity".to_owned(), json!({ "S": entity }));
        parts.insert(more.0.to_owned(), more.1);
        parts
    };
    let connection = || ("connection_id", item["connection_id"].clone());
    let number = format!("{:0>16}", item["connection_id"]["N"].as_str().unwrap());
    let hash = ("run_identity_hash", json!({ "S": identity }));
    vec![
        whole("latest", format!("LATEST#{identity}"), "latest_run", hash),
        whole("health", format!("HEALTH#{number}"), "connection_health", connection()),
        whole("inventory", format!("PERMISSIONS#{number}"), "permission_inventory", connection()),
    ]
}

/// An inventory with its rows as a list of maps.
fn with_rows(item: &Item) -> Vec<Item> {
    let mut item = item.clone();
    if let Some(packed) = item.get("rows").and_then(|rows| rows["B"].as_str()) {
        let gzip = BASE64_STANDARD.decode(packed).unwrap();
        let rows: Value = serde_json::from_reader(GzDecoder::new(&gzip[..])).unwrap();
        item.insert("rows".to_owned(), attribute(&rows));
    }
    vec![item]
}

/// A value of JSON as an attribute.
fn attribute(value: &Value) -> Value {
    match value {
        Value::Array(all) => json!({ "L": all.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(all) => {
            json!({ "M": all.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Item>() })
        }
        Value::String(text) => json!({ "S": text }),
        other => json!({ "N": other.to_string() }),
    }
}

/// Every attribute of 32 bytes as 64 digits.
fn with_hexadecimal_digests(item: &Item) -> Vec<Item> {
    let spelled = |value: &Value| match value["B"].as_str().map(|bytes| BASE64_STANDARD.decode(bytes).unwrap().len()) {
        Some(32) => json!({ "S": "0".repeat(64) }),
        Some(_) | None => value.clone(),
    };
    vec![item.iter().map(|(name, value)| (name.clone(), spelled(value))).collect()]
}
