//! Whoever may not see something is answered from its head: whatever else is stored of it is not read, so neither the time of an answer nor
//! its cost tells what there is, and nobody can make a neighbour's partition hot with what is large.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use harness::directory;
use harness::edge::{Call, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::{COLLEAGUE, OUTSIDER, Scene};

use crate::table;
use crate::worker::{deliver, delivery};

const SESSION: u64 = 7;
const ABSENT: &str = "900000000000";

/// Makes everything large but the heads: runs, tenants, sessions and rights.
async fn swell(scene: &Scene) {
    let heads = ["run", "tenant", "onboarding_session", "membership", "entitlement", "workspace"];
    for mut item in table::items(scene).await.into_values() {
        if !heads.contains(&table::text(&item, "entity")) {
            item.insert("padding".to_owned(), AttributeValue::S("x".repeat(100_000)));
            table::put(scene, item).await;
        }
    }
}

/// The operations of an answer and the bytes that were read for it.
async fn cost(proxy: &FaultProxy, edge: &Edge, user: &str, method: &str, path: &str) -> (Vec<String>, usize) {
    drop((proxy.calls(), proxy.bytes()));
    let call = Call::new(method, path).by(user);
    let answer = edge.send(if method == "POST" { call.with_json("{}") } else { call }).await;
    assert_eq!(answer.status, 404, "{user} {method} {path}: {}", answer.text);
    let mut operations: Vec<_> = proxy.calls().into_iter().map(|call| call.operation).collect();
    operations.sort();
    (operations, proxy.bytes())
}

#[tokio::test]
async fn what_is_not_ones_own_costs_the_calls_of_what_is_absent_and_only_its_heads_bytes() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let run = scene.queued_run().await.header.id;
    deliver(&scene.worker().await, [delivery(run, 1)]).await;
    let session = directory::session(SESSION.try_into().unwrap(), &scene.tenant);
    scene.change(|workspace| workspace.sessions.push(session)).await;

    let own = BTreeMap::from([
        ("workspace_id", "1".to_owned()),
        ("tenant_id", "2".to_owned()),
        ("run_id", run.to_string()),
        ("session_id", SESSION.to_string()),
    ]);
    // Of lists of a workspace its members see their part; there is nothing absent about it.
    let routes = web::route::templates().filter(|(_, path)| path.contains('{'));
    let routes: Vec<_> = routes.filter(|(_, path)| *path != "/workspaces/{workspace_id}/runs").collect();
    assert!(routes.len() > 8, "{routes:?}");
    let path = |template: &str, absent: Option<&str>| {
        own.iter().fold(template.replace("{check_key}", "permissions.inventory"), |path, (name, value)| {
            let value = if absent == Some(name) { ABSENT } else { value };
            path.replace(&format!("{{{name}}}"), value)
        })
    };
    // What names the thing: the last id of the path.
    let named = |template: &str| {
        *own.keys()
            .filter(|name| template.contains(&format!("{{{name}}}")))
            .max_by_key(|name| template.rfind(**name))
            .unwrap()
    };
    let mut before = BTreeMap::new();
    for user in [OUTSIDER, COLLEAGUE] {
        for (method, template) in &routes {
            let (calls, bytes) = cost(&proxy, &edge, user, method, &path(template, None)).await;
            let (of_absent, _) = cost(&proxy, &edge, user, method, &path(template, Some(named(template)))).await;
            assert_eq!(calls, of_absent, "{user} {method} {template}");
            before.insert((user, method, template), bytes);
        }
    }
    swell(&scene).await;
    for ((user, method, template), before) in before {
        let (_, bytes) = cost(&proxy, &edge, user, method, &path(template, None)).await;
        // A start reads the connections beside the rights: one step less for everybody whose own they are.
        let beside = *method == "POST" && template.ends_with("/verifications");
        assert_eq!(bytes > before + 100, beside, "{user} {method} {template}: {before} bytes, then {bytes}");
    }
}
