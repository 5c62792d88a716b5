//! Every answer that the contract promises is really given: each operation is brought to each of its statuses.

use std::collections::BTreeSet;

use harness::api::Api;
use harness::contract::{find, operations};
use harness::edge::{Call, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, OPERATOR, OUTSIDER, READER, Scene};
use harness::shared;
use serde_json::{Value, json};

use crate::start::scope::hold_with_another_operation;

const START: &str = "/workspaces/1/tenants/2/verifications";
const SESSION_START: &str = "/onboarding-sessions/7/verifications";
const SESSION: &str = "/onboarding-sessions/7";

/// What is read of a tenant or workspace, and there as soon as these are.
const READ: [&str; 5] = [
    "/workspaces/1/tenants/2/verification",
    "/workspaces/1/tenants/2/connections",
    "/workspaces/1/tenants/2/permissions",
    "/workspaces/1/tenants/2/runs",
    "/workspaces/1/runs",
];

/// More than any client tries.
const EVERY_TRY: usize = 40;

/// What only the gateway on AWS answers, or what cannot go wrong here.
fn cannot_be_provoked(operation: &str, status: &str) -> bool {
    // The emulator's gateway throttles nobody. The contract is part of the program: no table can fail under it.
    status == "429" || operation == "showContract" && ["500", "503"].contains(&status)
}

fn post(path: &str) -> Call<'_> {
    Call::new("POST", path)
}

fn acknowledgement(run: &Value) -> String {
    format!("/runs/{run}/checks/provider.connection.check/acknowledgement")
}

fn get(path: &str) -> Call<'_> {
    Call::new("GET", path)
}

/// The operations and statuses that were seen.
#[derive(Default)]
struct Story(BTreeSet<(String, String)>);

impl Story {
    fn saw(&mut self, method: &str, path: &str, status: u16) {
        let operation = find(method, path).unwrap_or_else(|| panic!("{method} {path} is no operation"));
        self.0.insert((operation.id().to_owned(), status.to_string()));
    }

    async fn tell(&mut self, edge: &Edge, call: Call<'_>, status: u16) {
        let (method, path) = (call.method(), call.path());
        let answer = edge.send(call).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        self.saw(method, path, status);
    }

    async fn ask(&mut self, api: &Api, path: &str, status: u16) {
        assert_eq!(api.get(path).await.unwrap().status, status, "{path}");
        self.saw("GET", path, status);
    }
}

/// The scene's functions, whose next call of the table goes wrong for as long as the proxy lives.
async fn in_trouble(scene: &Scene, code: &'static str) -> (FaultProxy, Edge) {
    let endpoint = scene.sandbox.aws.endpoint_url().unwrap();
    let proxy = FaultProxy::in_front_of(endpoint).await.unwrap();
    for operation in ["Query", "GetItem", "BatchGetItem"] {
        (0..EVERY_TRY).for_each(|_| proxy.inject(Fault::Error { operation, code }));
    }
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    (proxy, edge)
}

#[tokio::test]
async fn every_documented_answer_is_given() {
    let mut story = Story::default();
    bodies(&mut story).await;
    starts(&mut story).await;
    acknowledgements(&mut story).await;
    reads(&mut story).await;
    trouble(&mut story).await;

    let documented: BTreeSet<_> = operations()
        .flat_map(|operation| {
            operation
                .responses
                .keys()
                .map(move |status| (operation.id().to_owned(), status.clone()))
                .collect::<Vec<_>>()
        })
        .filter(|(operation, status)| !cannot_be_provoked(operation, status))
        .collect();
    let never: Vec<_> = documented.difference(&story.0).collect();
    assert!(never.is_empty(), "documented and never seen: {never:?}");
}

/// What every operation with a body has in common, and those who may not call it.
async fn bodies(story: &mut Story) {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = &Edge::of(&scene);
    crate::onboarding::session(&scene, |_| {}).await;
    let acknowledgement = acknowledgement(&json!(blocked(&scene, edge).await));
    let large = " ".repeat(20_000);
    for path in [START, SESSION_START, &acknowledgement] {
        story.tell(edge, post(path), 401).await;
        story.tell(edge, post(path).by(OUTSIDER), 404).await;
        story.tell(edge, post(path).by(READER), 403).await;
        story.tell(edge, post(path).by(MANAGER).with_json("{"), 400).await;
        story.tell(edge, post(path).by(MANAGER).with_body("application/json", &large), 413).await;
        story.tell(edge, post(path).by(MANAGER).with_body("text/plain", "{}"), 415).await;
        story.tell(edge, post(path).by(MANAGER).with_json("[]"), 422).await;
    }
}

/// A completed run: the start of a disabled connection.
async fn blocked(scene: &Scene, edge: &Edge) -> u64 {
    scene.change_connection(|connection| connection.is_enabled = false).await;
    edge.start(OPERATOR, START).await.json()["id"].as_u64().unwrap()
}

async fn starts(story: &mut Story) {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = &Edge::of(&scene);
    crate::onboarding::session(&scene, |_| {}).await;
    for path in [START, SESSION_START] {
        story.tell(edge, post(path).by(MANAGER), 202).await;
    }
    let busy = Scene::new(Scenario::Healthy).await;
    crate::onboarding::session(&busy, |_| {}).await;
    hold_with_another_operation(&busy).await;
    for path in [START, SESSION_START] {
        story.tell(&Edge::of(&busy), post(path).by(MANAGER), 409).await;
    }
}

async fn acknowledgements(story: &mut Story) {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = &Edge::of(&scene);
    let path = acknowledgement(&json!(blocked(&scene, edge).await));
    for (reason, status) in [("known", 201), ("known", 200), ("other", 409)] {
        let body = json!({ "ack_reason": reason }).to_string();
        story.tell(edge, post(&path).by(MANAGER).with_json(&body), status).await;
    }
}

async fn reads(story: &mut Story) {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = &Edge::of(&scene);
    crate::onboarding::session(&scene, |_| {}).await;
    let queued = edge.start(OPERATOR, START).await.json()["id"].clone();
    let (run, report) = (format!("/runs/{queued}"), format!("/runs/{queued}/report"));
    // Whoever asks: nothing is looked at before the gateway has refused.
    let unscoped = shared::stack().await;
    let token = unscoped.issuer().token_with(OPERATOR, json!({ "scope": "openid" }));
    let unscoped = unscoped.anonymous_api().with_token(token);
    for path in [run.as_str(), &report, SESSION].into_iter().chain(READ) {
        story.tell(edge, get(path), 401).await;
        story.tell(edge, get(path).by(OUTSIDER), 404).await;
        story.ask(&unscoped, path, 403).await;
    }
    for path in [run.as_str(), SESSION].into_iter().chain(READ) {
        story.tell(edge, get(path).by(MANAGER), 200).await;
    }
    for list in ["/workspaces/1/tenants/2/runs?page_size=x", "/workspaces/1/runs?page_size=x"] {
        story.tell(edge, get(list).by(READER), 422).await;
    }
    story.tell(edge, get(&report).by(READER), 404).await;
    story.tell(edge, get("/openapi.json"), 200).await;
    story.tell(edge, get("/openapi.json").with_header("if-none-match", "*"), 304).await;

    // A blocked run is completed, with its report, without a worker.
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = &Edge::of(&scene);
    let blocked = blocked(&scene, edge).await;
    for path in [format!("/runs/{blocked}"), format!("/runs/{blocked}/report")] {
        story.tell(edge, get(&path).by(READER), 200).await;
        story.tell(edge, get(&path).by(READER).with_header("if-none-match", "*"), 304).await;
    }
}

async fn trouble(story: &mut Story) {
    let scene = Scene::new(Scenario::Healthy).await;
    for (code, status) in [("AccessDeniedException", 500), ("ProvisionedThroughputExceededException", 503)] {
        for path in [START, SESSION_START, &acknowledgement(&json!(1))] {
            let (_proxy, edge) = &in_trouble(&scene, code).await;
            story.tell(edge, post(path).by(MANAGER), status).await;
        }
        for path in ["/runs/1", "/runs/1/report", SESSION].into_iter().chain(READ) {
            let (_proxy, edge) = &in_trouble(&scene, code).await;
            story.tell(edge, get(path).by(MANAGER), status).await;
        }
    }
}
