//! The ways in which a stored item is not what this program writes.

use std::io::Write;

use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::table::Item;

/// An attribute that each kind of item needs, and one that holds a word out of a list, where there is one.
fn attributes(kind: &str) -> (&'static str, Option<&'static str>) {
    match kind {
        "run" | "active run" => ("run_identity_hash", Some("status")),
        "report" => ("report", None),
        "state" => ("connection_id", None),
        "latest run of a state" => ("completed_at", Some("overall")),
        "health of a state" => ("run_id", Some("verification_status")),
        "inventory of a state" => ("rows", Some("source")),
        "default connection" | "other connection" => ("cloud", Some("consent_status")),
        "acknowledgement" => ("acknowledged_at", None),
        "slot" | "acknowledged causes" => ("run_identity_hash", None),
        "idempotency record" => ("run_id", Some("start_result")),
        "audit event" => ("at", Some("action")),
        "session" => ("current_step", None),
        "entitlement to another tenant" | "own entitlement" | "own membership" => ("user_id", Some("role")),
        "own tenant" => ("entra_tenant_id", Some("status")),
        other => panic!("{other} is no kind"),
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn gzip(text: &str) -> AttributeValue {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    AttributeValue::B(gzip.finish().unwrap().into())
}

/// The item in each way, with the way's name. Of a part of an item, the item with that part in each way.
pub(super) fn ways(kind: &str, whole: &Item) -> Vec<(&'static str, Item)> {
    let Some(part) = kind.strip_suffix(" of a state").and_then(|part| part.split(' ').next()) else {
        return ways_of(kind, whole);
    };
    let with = |value| {
        let mut item = whole.clone();
        item.insert(part.to_owned(), value);
        item
    };
    let of_part = ways_of(kind, whole[part].as_m().unwrap());
    let ways = of_part.into_iter().map(|(way, damaged)| (way, with(AttributeValue::M(damaged))));
    ways.chain([("another type", with(text("hunter2")))]).collect()
}

fn ways_of(kind: &str, whole: &Item) -> Vec<(&'static str, Item)> {
    let (needed, word) = attributes(kind);
    let mut ways = Vec::new();
    let mut add = |way, change: &dyn Fn(&mut Item)| {
        let mut item = whole.clone();
        change(&mut item);
        assert_ne!(item, *whole, "{kind}: {way}");
        ways.push((way, item));
    };
    let set = |name: &'static str, value: AttributeValue| {
        move |item: &mut Item| drop(item.insert(name.to_owned(), value.clone()))
    };
    add("attribute missing", &|item| drop(item.remove(needed)));
    add("attribute of another type", &set(needed, AttributeValue::Bool(true)));
    if let Some(word) = word {
        add("unknown word", &set(word, text("hunter2")));
    }
    if needed == "report" {
        let b = whole["report"].as_b().unwrap().as_ref();
        add("broken gzip", &set("report", AttributeValue::B(b[..b.len() / 2].to_vec().into())));
        add("no JSON", &set("report", gzip("no report")));
        add("JSON of something else", &set("report", gzip("{}")));
    }
    if kind == "acknowledged causes" {
        let cause = whole.keys().find(|name| name.starts_with("cause ")).unwrap();
        add("one cause damaged", &|item| drop(item.insert(cause.clone(), text("hunter2"))));
    }
    if whole.contains_key("entity") {
        add("kind missing", &|item| drop(item.remove("entity")));
        add("kind of another item", &set("entity", text("workspace")));
        add("kind of a newer program", &set("entity", text("hunter2")));
    }
    add("attribute of a newer program", &set("colour", text("blue")));
    ways
}
