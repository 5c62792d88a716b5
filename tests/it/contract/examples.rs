//! The contract's examples are what they are examples of, and its objects are closed.

use harness::contract::{compile, document};
use serde_json::{Value, json};
use web::{Problem, SessionHalt};

/// Objects that are open on purpose: the parts of other schemas, which are closed as a whole, and what may grow.
const OPEN: [&str; 5] =
    ["RunBase", "RunContextBase", "RunContextBase/reconciliation", "OpenApiDocument", "VerificationReport/identity"];

/// Everything that has a schema and examples: parameters, headers and contents.
fn exemplified<'a>(value: &'a Value, found: &mut Vec<(&'a Value, &'a Value)>) {
    if let Some(schema) = value.get("schema") {
        if let Some(example) = value.get("example") {
            found.push((schema, example));
        }
        for example in value.get("examples").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::values) {
            found.push((schema, &example["value"]));
        }
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| exemplified(member, found)),
        Value::Array(items) => items.iter().for_each(|item| exemplified(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_example_is_valid() {
    let document = document();
    let mut found = Vec::new();
    exemplified(document, &mut found);
    assert!(found.len() > 60, "only {} examples", found.len());
    for (schema, example) in found {
        let problems: Vec<_> = compile(document, schema).iter_errors(example).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{schema}: {problems:?} in {example}");
    }
}

#[test]
fn a_problem_of_an_example_says_what_the_code_says() {
    let run = "41".parse().unwrap();
    // Those whose detail names something of the request are left to the eye.
    let said = [
        ("unauthenticated", Problem::Unauthenticated),
        ("insufficient-scope", Problem::InsufficientScope),
        ("not-found", Problem::NotFound),
        ("body-too-large", Problem::BodyTooLarge),
        ("unsupported-media-type", Problem::UnsupportedMediaType),
        ("idempotency-key-reused", Problem::IdempotencyKeyReused),
        ("session-not-ready", Problem::SessionNotReady(SessionHalt::WithoutTenant)),
        ("session-changed", Problem::SessionChanged),
        ("report-not-available", Problem::ReportNotAvailable(run)),
        ("run-not-completed", Problem::RunNotCompleted(run)),
        ("check-not-acknowledgeable", Problem::CheckNotAcknowledgeable),
        ("already-acknowledged", Problem::AlreadyAcknowledged),
        ("unavailable", Problem::Unavailable),
        ("internal", Problem::Internal),
    ];
    let mut found = Vec::new();
    exemplified(document(), &mut found);
    for (slug, problem) in said {
        let kind = format!("urn:tenantcheck:problem:{slug}");
        let examples: Vec<_> = found.iter().filter(|(_, example)| example["type"] == kind).collect();
        assert!(!examples.is_empty(), "{slug} has no example");
        for (_, example) in examples {
            assert_eq!(example["detail"], problem.detail().as_ref(), "{slug}");
        }
    }
}

#[test]
fn every_body_has_an_example() {
    fn look(value: &Value) {
        for content in value.get("content").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::values) {
            let is_contract = content["schema"] == json!({ "$ref": "#/components/schemas/OpenApiDocument" });
            let has_example = content.get("example").is_some() || content.get("examples").is_some();
            assert!(has_example || is_contract, "{content}");
        }
        match value {
            Value::Object(members) => members.values().for_each(look),
            Value::Array(items) => items.iter().for_each(look),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    look(document());
}

#[test]
fn every_object_is_closed() {
    fn look(place: &str, schema: &Value) {
        let is_closed = ["additionalProperties", "unevaluatedProperties"].iter().any(|key| schema[key] == false);
        let is_object = schema["type"] == "object" || schema.get("unevaluatedProperties").is_some();
        assert!(!is_object || is_closed || OPEN.contains(&place), "{place} is open");
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // Conditions narrow what is described elsewhere.
            look(&format!("{place}/{name}"), property);
        }
        if let Some(items) = schema.get("items") {
            look(&format!("{place}/items"), items);
        }
    }
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        look(name, schema);
    }
}

#[test]
fn the_published_schemas_refuse_their_counter_examples() {
    for name in ["acknowledge-check.request", "verification-check-acknowledgement"] {
        let read = |path: String| -> Value {
            let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas");
            serde_json::from_str(&std::fs::read_to_string(format!("{root}/{path}")).unwrap()).unwrap()
        };
        let schema = read(format!("{name}.schema.json"));
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let example = read(format!("examples/{name}.json"));
        assert!(validator.is_valid(&example), "{name}");
        let cases = read(format!("counter-examples/{name}.json"));
        for case in cases.as_array().unwrap() {
            let (parent, key) = case["path"].as_str().unwrap().rsplit_once('/').unwrap();
            let mut changed = example.clone();
            let parent = changed.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
            match case.get("value") {
                Some(value) => parent.insert(key.to_owned(), value.clone()),
                None => parent.remove(key),
            };
            assert!(!validator.is_valid(&changed), "{name}: {case}");
        }
    }
}

#[test]
fn the_contract_holds_the_published_schemas_themselves() {
    let document = document();
    for (file, component, fields) in [
        ("verification-report.v1_5", "VerificationReport", 9),
        ("acknowledge-check.request", "AcknowledgeCheckRequest", 2),
        ("verification-check-acknowledgement", "VerificationCheckAcknowledgement", 6),
    ] {
        let path = format!("{}/../schemas/{file}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let published: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let held = &document["components"]["schemas"][component];
        assert_eq!(held["description"], published["description"]);
        assert_eq!(held["required"], published["required"]);
        let names = |schema: &Value| schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(held), names(&published));
        assert_eq!(names(held).len(), fields, "{component}");
    }
}
