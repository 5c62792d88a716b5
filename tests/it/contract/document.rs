//! What can be compared without a request: the contract's paths with the router's and the gateway's, its problems with ours.

use std::collections::{BTreeMap, BTreeSet};

use harness::contract::{document, operations};
use harness::template::resource_properties;
use serde_json::Value;

fn documented() -> BTreeSet<(String, String)> {
    operations().map(|operation| (operation.method.to_owned(), operation.template.to_owned())).collect()
}

#[test]
fn the_contract_has_the_routers_paths_and_no_other() {
    let known: BTreeSet<_> =
        web::route::templates().map(|(method, template)| (method.to_owned(), template.to_owned())).collect();
    assert_eq!(documented(), known);
}

#[test]
fn the_gateway_has_the_contracts_operations_with_the_same_authorization() {
    let mut routed = BTreeSet::new();
    let mut public = BTreeSet::new();
    for function in ["StartFunction", "AcknowledgeFunction", "ViewerFunction"] {
        let properties: Value = resource_properties(function).unwrap();
        for event in properties["Events"].as_object().unwrap().values() {
            let event = &event["Properties"];
            // The route of everything else has no path.
            let Some(path) = event["Path"].as_str() else { continue };
            let route = (event["Method"].as_str().unwrap().to_owned(), path.to_owned());
            if event["Auth"].is_null() {
                public.insert(route.clone());
            }
            assert!(routed.insert(route), "two events for {path}");
        }
    }
    let with_head = |routes: BTreeSet<(String, String)>| -> BTreeSet<(String, String)> {
        let heads = routes.iter().filter(|(method, _)| method == "GET");
        let heads: Vec<_> = heads.map(|(_, path)| ("HEAD".to_owned(), path.clone())).collect();
        routes.into_iter().chain(heads).collect()
    };
    assert_eq!(routed, with_head(documented()));
    let without_security = operations()
        .filter(|operation| operation.object.get("security").is_some_and(|security| security == &Value::Array(vec![])))
        .map(|operation| (operation.method.to_owned(), operation.template.to_owned()))
        .collect();
    assert_eq!(public, with_head(without_security));
}

#[test]
fn the_contract_has_every_problem_with_its_status_and_title() {
    let components = document()["components"]["schemas"].as_object().unwrap();
    let text = |schema: &Value, field: &str| schema["properties"][field]["const"].clone();
    let documented: BTreeMap<_, _> = components
        .iter()
        .filter(|(name, schema)| name.ends_with("Problem") && schema["properties"]["type"]["const"].is_string())
        .map(|(_, schema)| (text(schema, "type"), (text(schema, "status"), text(schema, "title"))))
        .map(|(kind, rest)| (kind.as_str().unwrap().to_owned(), rest))
        .collect();
    let ours: BTreeMap<_, _> =
        web::Problem::all().map(|(status, kind, title)| (kind, (Value::from(status), Value::from(title)))).collect();
    assert_eq!(documented, ours);
    let listed = components["ProblemType"]["enum"].as_array().unwrap();
    assert_eq!(listed.len(), ours.len());
    assert!(ours.keys().all(|kind| listed.contains(&Value::from(kind.as_str()))));
}

#[test]
fn every_operation_is_described_and_secured() {
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let id = operation.id();
        assert!(ids.insert(id.to_owned()), "{id} stands for two operations");
        for member in ["summary", "description", "tags"] {
            assert!(operation.object.get(member).is_some(), "{id} has no {member}");
        }
        let open = operation.object.get("security").is_some();
        assert_eq!(open, operation.template == "/openapi.json", "{id}");
        let statuses: Vec<_> = operation.responses.keys().map(String::as_str).collect();
        let always: &[&str] = if open { &["429", "500", "503"] } else { &["401", "403", "404", "429", "500", "503"] };
        assert!(always.iter().all(|status| statuses.contains(status)), "{id} has {statuses:?}");
    }
    assert_eq!(document()["security"], serde_json::json!([{ "bearer": [] }]));
}
