//! What each function may do on AWS, as the template says it: a change here is a change of rights and is seen as one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use harness::directory;
use harness::edge::{self, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::{Call, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, Scene, now};
use harness::template::resource_properties;
use runtime::Clock;
use serde_json::Value;

use crate::worker::{deliver, delivery};

fn statements(function: &str) -> Vec<Value> {
    let policies = match function {
        "WorkerFunction" => {
            let role: Value = resource_properties("WorkerRole").unwrap();
            role["Policies"][0]["PolicyDocument"]["Statement"].clone()
        }
        inline => {
            let function: Value = resource_properties(inline).unwrap();
            function["Policies"][0]["Statement"].clone()
        }
    };
    policies.as_array().unwrap().clone()
}

fn each(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().flat_map(each).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

#[test]
fn each_function_has_the_rights_that_its_calls_need() {
    let mut text = String::new();
    for function in ["StartFunction", "AcknowledgeFunction", "ViewerFunction", "WorkerFunction", "ReconcilerFunction"] {
        writeln!(text, "{function}").unwrap();
        for statement in statements(function) {
            assert_eq!(statement["Effect"], "Allow");
            writeln!(text, "  {}", each(&statement["Action"]).join(" ")).unwrap();
            for resource in each(&statement["Resource"]) {
                writeln!(text, "    on {resource}").unwrap();
            }
            for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
                for (key, values) in keys.as_object().unwrap() {
                    let values = match values {
                        Value::Number(number) => number.to_string(),
                        values => each(values).join(" "),
                    };
                    writeln!(text, "    if {operator} {key} {values}").unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!("rights", text);
}

#[test]
fn the_viewer_only_reads() {
    for statement in statements("ViewerFunction") {
        for action in each(&statement["Action"]) {
            let (_, verb) = action.split_once(':').unwrap();
            assert!(["BatchGet", "Get", "Query"].iter().any(|read| verb.starts_with(read)), "{action}");
        }
    }
}

/// The functions that write, and what each never writes: rights, the directory, and what is another's to write.
const NEVER: [(&str, &[(&str, &str)]); 5] = [
    ("StartFunction", &[("UpdateItem", "RUN#1"), ("UpdateItem", "TENANT#1"), ("DeleteItem", "TENANT#1")]),
    ("AcknowledgeFunction", &[("PutItem", "TENANT#1"), ("UpdateItem", "RUN#1"), ("DeleteItem", "RUN#1")]),
    ("ViewerFunction", &[("PutItem", "RUN#1"), ("UpdateItem", "RUN#1"), ("DeleteItem", "RUN#1")]),
    ("WorkerFunction", &[("UpdateItem", "TENANT#1"), ("DeleteItem", "RUN#1"), ("PutItem", "SESSION#1")]),
    ("ReconcilerFunction", &[("UpdateItem", "RUN#1"), ("DeleteItem", "RUN#1"), ("PutItem", "SESSION#1")]),
];

/// What nobody but an operator writes, and nobody but the table's time to live deletes.
const NOBODY: [(&str, &str); 10] = [
    ("PutItem", "MEMBER#1#ada"),
    ("UpdateItem", "MEMBER#1#ada"),
    ("DeleteItem", "MEMBER#1#ada"),
    ("PutItem", "WORKSPACE#1"),
    ("UpdateItem", "WORKSPACE#1"),
    ("PutItem", "ENTRA#aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
    ("PutItem", "CONNECTION#3"),
    ("DeleteItem", "CONNECTION#3"),
    ("UpdateItem", "AUDIT#1#2026-11-27#0"),
    ("DeleteItem", "AUDIT#1#2026-11-27#0"),
];

/// Whether a function may do this to an item of the table, as IAM decides it. The emulator does not: it knows no leading keys.
fn may_write(function: &str, operation: &str, partition: &str) -> bool {
    statements(function).iter().any(|statement| {
        let acts = each(&statement["Action"]).contains(&format!("dynamodb:{operation}").as_str());
        let patterns = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
        acts && (patterns.is_null() || each(patterns).iter().any(|pattern| is_like(partition, pattern)))
    })
}

/// `StringLike` with a star at the end, as the template has it.
fn is_like(text: &str, pattern: &str) -> bool {
    let prefix = pattern.strip_suffix('*').expect("a pattern that ends with a star");
    assert!(!prefix.contains(['*', '?']), "{pattern}");
    text.starts_with(prefix)
}

#[test]
fn no_function_writes_what_is_not_its_own() {
    for (function, never) in NEVER {
        for (operation, partition) in never.iter().chain(&NOBODY) {
            assert!(!may_write(function, operation, partition), "{function} {operation} {partition}");
        }
    }
}

/// The writes of recorded calls, as IAM sees them: the operation on one item, and its partition.
fn writes(calls: &[Call]) -> BTreeSet<(String, String)> {
    let one = |operation: &str, key: &str| {
        let partition = key.split('/').next().unwrap_or_default();
        (operation.to_owned(), partition.to_owned())
    };
    let of = |call: &Call| -> Vec<(String, String)> {
        match call.operation.as_str() {
            "PutItem" | "UpdateItem" | "DeleteItem" => call.keys.iter().map(|key| one(&call.operation, key)).collect(),
            "TransactWriteItems" => call
                .keys
                .iter()
                .map(|key| {
                    let (kind, key) = key.split_once(' ').expect("the kind of each item");
                    let operation =
                        if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                    one(&operation, key)
                })
                .collect(),
            _ => Vec::new(),
        }
    };
    calls.iter().flat_map(of).collect()
}

/// Every kind of write that the functions make, each with its function's own proxy.
#[tokio::test]
async fn every_write_that_a_function_makes_is_allowed_to_it() {
    let scene = Scene::new(Scenario::DangerousGrant).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let aws = sdk_config(proxy.url());
    let edge = Edge::on(&aws, &scene.sandbox.table, &scene.sandbox.queues.verifications).unhurried();
    let session = directory::session("7".parse().unwrap(), &scene.tenant);
    scene
        .change(|workspace| {
            let mut session = session;
            session.state.provider_connection_id = Some(scene.connection.id);
            workspace.sessions.push(session);
        })
        .await;
    let verifications = "/workspaces/1/tenants/2/verifications";
    let mut made: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
    let mut note = |function: &'static str| made.entry(function).or_default().extend(writes(&proxy.calls()));

    // Accepted, deduplicated, from a session, and with a key.
    let keyed =
        |key: &'static str| edge::Call::new("POST", verifications).by(MANAGER).with_header("idempotency-key", key);
    let run = edge.send(keyed("one")).await.json()["id"].as_u64().unwrap();
    edge.start(MANAGER, verifications).await;
    edge.start(MANAGER, "/onboarding-sessions/7/verifications").await;
    note("StartFunction");
    let worker = scene.worker_on(&aws).await;
    assert!(deliver(&worker, [delivery(run.try_into().unwrap(), 1)]).await.is_empty());
    note("WorkerFunction");
    let path = format!("/runs/{run}/checks/permissions.excessive/acknowledgement");
    let made_it = edge.send(edge::Call::new("POST", &path).by(MANAGER).with_json(r#"{"ack_reason":"known"}"#)).await;
    assert_eq!(made_it.status, 201, "{}", made_it.text);
    note("AcknowledgeFunction");
    edge.get(MANAGER, &format!("/runs/{run}")).await;
    note("ViewerFunction");
    // Given back, and blocked.
    let throttled = scene.retarget(harness::scene::stand_in().await.tenant(Scenario::Throttled)).await;
    let waiting = edge.start(MANAGER, verifications).await.json()["id"].as_u64().unwrap();
    note("StartFunction");
    assert_eq!(deliver(&worker, [delivery(waiting.try_into().unwrap(), 1)]).await.len(), 1);
    note("WorkerFunction");
    let mut reconciler = throttled.reconciler_on(&aws);
    let later = now() + Duration::from_hours(7);
    reconciler.clock = Clock::told_by(move || later);
    reconciler::tick(&reconciler, later + Duration::from_mins(1)).await.unwrap();
    note("ReconcilerFunction");
    throttled.change_connection(|connection| connection.is_enabled = false).await;
    assert_eq!(edge.start(MANAGER, verifications).await.json()["start_result"], "blocked");
    note("StartFunction");

    for (function, expected) in
        [("StartFunction", 8), ("WorkerFunction", 5), ("AcknowledgeFunction", 4), ("ReconcilerFunction", 4)]
    {
        assert!(made[function].len() >= expected, "{function}: {:?}", made[function]);
    }
    assert!(made["ViewerFunction"].is_empty());
    for (function, writes) in made {
        for (operation, partition) in writes {
            assert!(may_write(function, &operation, &partition), "{function} {operation} {partition}");
        }
    }
}
