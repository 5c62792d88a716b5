//! What each function may do to the table, held against what it was seen to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use domain::access::Role;
use domain::tenant::Tenant;
use harness::directory;
use harness::edge::{self, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::{Call, Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, Scene, now};
use harness::shared::Sandbox;
use runtime::Clock;
use serde_json::Value;

use super::iam::{self, Pair, Request, each, statements};
use crate::table;
use crate::worker::{deliver, delivery};

#[test]
fn the_viewer_only_reads() {
    for statement in statements("ViewerFunction") {
        for action in each(&statement["Action"]) {
            let (_, verb) = action.split_once(':').unwrap();
            let is_log = action.starts_with("logs:");
            assert!(is_log || ["BatchGet", "Get", "Query"].iter().any(|read| verb.starts_with(read)), "{action}");
        }
    }
}

/// The functions that write, and what each never writes: rights, the directory, and what is another's to write.
const NEVER: [(&str, &[(&str, &str)]); 5] = [
    ("StartFunction", &[("UpdateItem", "RUN#1"), ("DeleteItem", "RUN#1"), ("DeleteItem", "TENANT#1")]),
    ("AcknowledgeFunction", &[("PutItem", "TENANT#1"), ("UpdateItem", "RUN#1"), ("DeleteItem", "RUN#1")]),
    ("ViewerFunction", &[("PutItem", "RUN#1"), ("UpdateItem", "RUN#1"), ("DeleteItem", "RUN#1")]),
    ("WorkerFunction", &[("PutItem", "TENANT#1"), ("DeleteItem", "RUN#1"), ("PutItem", "SESSION#1")]),
    ("ReconcilerFunction", &[("UpdateItem", "RUN#1"), ("DeleteItem", "RUN#1"), ("PutItem", "TENANT#1")]),
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

/// Whether a function may do this to items of a partition, of which it names these attributes beside the key.
fn may(function: &str, action: &str, partition: &str, attributes: &[&str]) -> bool {
    iam::allows(&statements(function), &Request::of(action, partition, attributes))
}

#[test]
fn no_function_writes_what_is_not_its_own() {
    for (function, never) in NEVER {
        for (operation, partition) in never.iter().chain(&NOBODY) {
            assert!(!may(function, operation, partition, &[]), "{function} {operation} {partition}");
        }
    }
}

/// What nobody may make of an item who may write in its partition: a connection, a tenant, a session, a run or a report has attributes
/// that the role does not list. Each of these alone is one that the item cannot do without, or that decides.
const FORGED: [(&str, &str, &str, &[&str]); 9] = [
    ("StartFunction", "PutItem", "TENANT#2", &["client_id", "credential", "cloud", "is_enabled", "name"]),
    ("StartFunction", "UpdateItem", "SESSION#7", &["workspace_id", "tenant_id", "started_by", "current_step"]),
    ("StartFunction", "UpdateItem", "TENANT#2", &["client_id", "credential", "is_enabled", "health", "inventory"]),
    ("AcknowledgeFunction", "PutItem", "RUN#1", &["status", "provider", "run_identity_hash", "report"]),
    ("AcknowledgeFunction", "UpdateItem", "TENANT#2", &["client_id", "credential", "cloud", "is_enabled", "latest"]),
    ("WorkerFunction", "PutItem", "RUN#1", &["ack_reason", "acknowledged_by"]),
    ("WorkerFunction", "UpdateItem", "TENANT#2", &["client_id", "credential", "cloud", "is_enabled", "status"]),
    ("ReconcilerFunction", "PutItem", "AUDIT#1#2026-11-27#0", &["operator", "file_sha256", "changes"]),
    ("ReconcilerFunction", "UpdateItem", "TENANT#2", &["client_id", "credential", "is_enabled", "health", "inventory"]),
];

/// Every condition on attributes is tried: without it the forgery would be allowed.
#[test]
fn what_another_writes_cannot_be_forged_and_each_condition_is_needed() {
    let attributes = |statement: &mut Value| {
        let operators = statement["Condition"].as_object_mut().into_iter().flatten();
        operators.filter_map(|(_, keys)| keys.as_object_mut().unwrap().remove("dynamodb:Attributes")).count()
    };
    for (function, action, partition, forged) in FORGED {
        let mut unconditional = statements(function);
        let action_named = format!("dynamodb:{action}");
        let mut of_action = unconditional.iter_mut().filter(|it| each(&it["Action"]).contains(&action_named.as_str()));
        let taken: usize = of_action.by_ref().map(attributes).sum();
        assert_eq!(taken, 1, "{function} {action}");
        for attribute in forged {
            let request = Request::of(action, partition, &[attribute]);
            assert!(!iam::allows(&statements(function), &request), "{function} {action} {partition} {attribute}");
            assert!(
                iam::allows(&unconditional, &request),
                "nothing but the condition keeps {function} from {attribute}"
            );
        }
    }
    let functions = ["StartFunction", "AcknowledgeFunction", "ViewerFunction", "WorkerFunction", "ReconcilerFunction"];
    let conditions: usize = functions.iter().flat_map(|it| statements(it)).map(|mut it| attributes(&mut it)).sum();
    let tried: BTreeSet<_> = FORGED.iter().map(|(function, action, ..)| (function, action)).collect();
    assert_eq!(conditions, tried.len(), "every condition on attributes keeps something out");
}

/// The items as they really are stored: whoever put one in the place of another would have to name these attributes.
#[tokio::test]
async fn a_connection_and_a_tenant_are_put_by_nobody_who_answers_or_verifies() {
    let scene = Scene::new(Scenario::Healthy).await;
    for entity in ["connection", "tenant"] {
        let item = table::stored(&scene, entity).await.remove(0);
        let attributes: Vec<&str> = item.keys().map(String::as_str).collect();
        let partition = item["pk"].as_s().unwrap();
        assert!(partition.starts_with("TENANT#"), "where slots and states stand as well");
        for function in ["StartFunction", "AcknowledgeFunction", "WorkerFunction", "ReconcilerFunction"] {
            assert!(!may(function, "PutItem", partition, &attributes), "{function} puts a {entity}");
        }
    }
}

/// What each function's calls were, as IAM is asked, and what was put.
#[derive(Default)]
struct Made {
    requests: BTreeSet<Request>,
    /// The attributes that were named, by action and partition.
    named: BTreeMap<(String, String), BTreeSet<String>>,
    kinds: BTreeSet<String>,
    /// The actions with what they are about, as a role names them.
    pairs: BTreeSet<Pair>,
}

/// What AWS does with a role in the function's place, or asks it for when it does something else; and what a stand-in is asked.
const NOT_BY_THE_FUNCTION: [(&str, &[&str]); 2] = [
    ("", &["logs:CreateLogStream", "logs:PutLogEvents"]),
    (
        "WorkerFunction",
        &[
            // By the poller that reads the queue for Lambda.
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            // For a reference of the parameter store, and for what is encrypted.
            "secretsmanager:GetSecretValue",
            "kms:Decrypt",
            // Of the stand-in for STS: `tests/it/microsoft/credentials.rs`, `tests/it/worker`.
            "sts:GetWebIdentityToken",
        ],
    ),
];

/// A role allows what its function was seen to do to what it was seen to do it to, and nothing that nobody does.
fn each_right_is_used_and_allowed(function: &str, made: &Made) {
    let others = NOT_BY_THE_FUNCTION.iter().filter(|(whose, _)| whose.is_empty() || *whose == function);
    let others: BTreeSet<&str> = others.flat_map(|(_, actions)| actions.iter().copied()).collect();
    assert!(made.pairs.iter().all(|(action, _)| !others.contains(action.as_str())), "{function}: {:?}", made.pairs);
    iam::assert_used_and_allowed(function, &made.pairs, &iam::allowed_pairs(&statements(function), &others));
}

impl Made {
    fn note(&mut self, calls: &[Call], sandbox: &Sandbox) {
        let queue = sandbox.queues.verifications.rsplit('/').next().unwrap();
        self.pairs.extend(calls.iter().flat_map(|call| iam::pairs(call, &sandbox.table, queue)));
        self.requests.extend(calls.iter().flat_map(Request::all));
        for write in calls.iter().flat_map(|call| &call.writes) {
            let place = (write.action.clone(), write.partition.clone());
            self.named.entry(place).or_default().extend(write.attributes.iter().cloned());
            self.kinds.extend(write.entity.clone());
        }
    }

    /// What such an action has named in these partitions, and what items of the kinds that were put may have besides.
    fn attributes(&self, action: &str, partitions: &[&str]) -> BTreeSet<&str> {
        let of_kind = |kind: &String| store::fields_of(kind).unwrap_or_else(|| panic!("{kind}")).iter().copied();
        let fields = self.kinds.iter().filter(|_| action == "PutItem").flat_map(of_kind);
        let is_there = |partition: &str| partitions.iter().any(|pattern| iam::is_like(partition, pattern));
        let named = self.named.iter().filter(|((made, partition), _)| made == action && is_there(partition));
        let named: BTreeSet<&str> = named.flat_map(|(_, names)| names).map(String::as_str).collect();
        assert!(!named.is_empty(), "nobody made a {action} of {partitions:?}");
        named.into_iter().chain(fields.filter(|name| !OF_OPERATORS.contains(name))).collect()
    }
}

/// What an audit event has of what operators do: no function can tell that of one.
const OF_OPERATORS: [&str; 3] = ["operator", "file_sha256", "changes"];

/// A list that lacks an attribute would refuse a write, and one that has another may let something be forged.
fn each_list_is_what_is_needed(function: &str, made: &Made) {
    for statement in statements(function) {
        let listed = iam::listed(&statement);
        if listed.is_empty() {
            continue;
        }
        let [action] = each(&statement["Action"])[..] else { panic!("{function}: a list for more than one action") };
        let partitions = each(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
        let needed = made.attributes(action.trim_start_matches("dynamodb:"), &partitions);
        for name in &needed {
            assert!(listed.iter().any(|pattern| iam::is_like(name, pattern)), "{function} {action} needs {name}");
        }
        for pattern in listed {
            assert!(needed.iter().any(|name| iam::is_like(name, pattern)), "{function} {action} needs no {pattern}");
        }
    }
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
            // Who sees two tenants is shown the runs of both from the workspace's index.
            let another = "99999999-2222-4333-8444-555555555555".to_owned();
            let another = Tenant { id: "4".parse().unwrap(), entra_tenant_id: another, ..scene.tenant.clone() };
            workspace.tenants.push(directory::tenant(&another, &[], &[(MANAGER, Role::Manager)]));
        })
        .await;
    let verifications = "/workspaces/1/tenants/2/verifications";
    let mut made: BTreeMap<&str, Made> = BTreeMap::new();
    let sandbox = scene.sandbox.clone();
    let mut note = |function: &'static str| made.entry(function).or_default().note(&proxy.calls(), &sandbox);

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
    for path in [
        "/workspaces/1/runs",
        "/workspaces/1/tenants/2/runs",
        "/workspaces/1/tenants/2/verification",
        "/onboarding-sessions/7",
        &format!("/runs/{run}"),
    ] {
        assert_eq!(edge.get(MANAGER, path).await.status, 200, "{path}");
    }
    note("ViewerFunction");
    // The last delivery cannot read what it needs, and ends the run after whatever came before.
    let blind = edge.start(MANAGER, verifications).await.json()["id"].as_u64().unwrap();
    note("StartFunction");
    proxy.inject(Fault::Error { operation: "BatchGetItem", code: "AccessDeniedException" });
    assert!(deliver(&worker, [delivery(blind.try_into().unwrap(), 5)]).await.is_empty());
    note("WorkerFunction");
    // A secret that the parameter store takes from Secrets Manager. The emulator has none there.
    let elsewhere = "/aws/reference/secretsmanager/tenantcheck/test/1/contoso";
    scene.change_connection(|connection| connection.credential.reference = Some(elsewhere.to_owned())).await;
    let referring = edge.start(MANAGER, verifications).await.json()["id"].as_u64().unwrap();
    note("StartFunction");
    assert!(deliver(&worker, [delivery(referring.try_into().unwrap(), 1)]).await.is_empty());
    note("WorkerFunction");
    // Given back, and blocked.
    let throttled = scene.retarget(harness::scene::stand_in().await.tenant(Scenario::Throttled)).await;
    let waiting = edge.start(MANAGER, verifications).await.json()["id"].as_u64().unwrap();
    note("StartFunction");
    assert_eq!(deliver(&worker, [delivery(waiting.try_into().unwrap(), 1)]).await.len(), 1);
    note("WorkerFunction");
    let mut reconciler = throttled.reconciler_on(&aws);
    let mut tick = async |hours| {
        let later = now() + Duration::from_hours(hours);
        reconciler.clock = Clock::told_by(move || later);
        reconciler::tick(&reconciler, later + Duration::from_mins(1)).await.unwrap()
    };
    assert_eq!((tick(1).await.sent_again, tick(7).await.interrupted), (1, 1));
    note("ReconcilerFunction");
    // A slot that cannot be read is moved on, and freed when that has lasted.
    edge.start(MANAGER, verifications).await;
    note("StartFunction");
    let mut slot = table::stored(&throttled, "active_slot").await.remove(0);
    slot.remove("run_id");
    table::put(&throttled, slot).await;
    assert_eq!((tick(8).await.unreadable, tick(16).await.freed), (1, 1));
    note("ReconcilerFunction");
    throttled.change_connection(|connection| connection.is_enabled = false).await;
    assert_eq!(edge.start(MANAGER, verifications).await.json()["start_result"], "blocked");
    note("StartFunction");

    assert!(made["ViewerFunction"].requests.is_empty());
    let mut kinds = String::new();
    for (function, made) in made {
        for request in &made.requests {
            assert!(iam::allows(&statements(function), request), "{function} {request:?}");
        }
        each_list_is_what_is_needed(function, &made);
        each_right_is_used_and_allowed(function, &made);
        if !made.kinds.is_empty() {
            let put: Vec<&str> = made.kinds.iter().map(String::as_str).collect();
            writeln!(kinds, "{function}: {}", put.join(", ")).unwrap();
        }
    }
    insta::assert_snapshot!("put", kinds);
}
