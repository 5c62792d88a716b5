//! Every refusal of a start, in the order in which they are decided. None of them writes or sends anything.

use domain::access::Role;
use domain::directory::WantedWorkspace;
use domain::tenant::Tenant;
use harness::directory;
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{COLLEAGUE, OPERATOR, OUTSIDER, READER, Scene, now};
use serde_json::json;

use super::{VERIFICATIONS, items, messages};

const NAMED: &str = r#"{"provider_connection_id":3}"#;

/// Calls that are wrong in more than one way, each refused for the first.
fn calls(large: &str) -> Vec<(&'static str, Call<'_>)> {
    let post = |path| Call::new("POST", path);
    let by = |user| post(VERIFICATIONS).by(user);
    vec![
        ("no token, malformed id", post("/workspaces/x/tenants/2/verifications")),
        (
            "a token that names nobody, large body",
            post(VERIFICATIONS).with_claims(json!({ "oid": OPERATOR })).with_json(large),
        ),
        ("malformed workspace id", post("/workspaces/x/tenants/2/verifications").by(OPERATOR).with_json(large)),
        ("workspace id 0", post("/workspaces/0/tenants/2/verifications").by(OPERATOR)),
        ("tenant id 2^53", post("/workspaces/1/tenants/9007199254740992/verifications").by(OPERATOR)),
        ("workspace that does not exist", post("/workspaces/9/tenants/2/verifications").by(OPERATOR)),
        ("tenant that does not exist", post("/workspaces/1/tenants/9/verifications").by(OPERATOR)),
        ("outsider, large body", by(OUTSIDER).with_json(large)),
        ("member without entitlement, large body", by(COLLEAGUE).with_json(large)),
        ("reader", by(READER)),
        ("reader, large body", by(READER).with_json(large)),
        ("reader, foreign connection", by(READER).with_json(r#"{"provider_connection_id":99}"#)),
        ("1 MB of a wrong type", by(OPERATOR).with_body("text/plain", large)),
        ("wrong content type, not JSON", by(OPERATOR).with_body("text/plain", "connection=3")),
        ("not JSON", by(OPERATOR).with_json("connection=3")),
        ("unknown field", by(OPERATOR).with_json(r#"{"connection":3}"#)),
        ("wrong type", by(OPERATOR).with_json(r#"{"provider_connection_id":"3"}"#)),
        ("connection id 0", by(OPERATOR).with_json(r#"{"provider_connection_id":0}"#)),
        ("connection id 2^53", by(OPERATOR).with_json(r#"{"provider_connection_id":9007199254740992}"#)),
        ("array", by(OPERATOR).with_json("[3]")),
        ("connection that does not exist", by(OPERATOR).with_json(r#"{"provider_connection_id":99}"#)),
    ]
}

#[tokio::test]
async fn each_refusal_comes_in_its_order_and_writes_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let before = items(&scene).await;
    let large = "x".repeat(1 << 20);
    let mut table = String::new();
    for (case, call) in calls(&large) {
        let answer = edge.send(call).await;
        assert_eq!(answer.header("content-type"), "application/problem+json", "{case}");
        table += &format!("{case}: {} {}\n", answer.status, answer.json()["detail"]);
    }
    insta::assert_snapshot!("refusals", table);
    assert_eq!(items(&scene).await, before);
    assert_eq!(messages(&scene).await, 0);
}

#[tokio::test]
async fn everything_that_is_not_found_is_answered_byte_for_byte_the_same() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let mut texts: Vec<_> = Vec::new();
    for (case, call) in calls("{}") {
        let answer = edge.send(call).await;
        if answer.status == 404 {
            texts.push((case, answer.text));
        }
    }
    for path in ["/", "/nothing", "/runs/1", "/runs/x", "/runs/1/report", "/workspaces/1/tenants/9/verification"] {
        texts.push((path, edge.get(OPERATOR, path).await.text));
    }
    assert!(texts.len() > 12);
    for (case, text) in &texts {
        assert_eq!(text, &texts[0].1, "{case}");
    }
}

#[tokio::test]
async fn a_tenant_is_found_only_in_its_own_workspace() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let tenant = Tenant { workspace_id: "8".parse().unwrap(), ..scene.tenant.clone() };
    let elsewhere = directory::workspace(&tenant, &[], &[(OPERATOR, Role::Owner)]);
    directory::apply(&scene.store, WantedWorkspace { tenants: vec![], ..elsewhere }, now()).await;
    let call = Call::new("POST", "/workspaces/8/tenants/2/verifications").by(OPERATOR).with_json(NAMED);
    assert_eq!(edge.send(call).await.status, 404);
    for path in ["/workspaces/8/tenants/2/verification", "/workspaces/8/tenants/2/connections"] {
        assert_eq!(edge.get(OPERATOR, path).await.status, 404);
    }
}

#[tokio::test]
async fn the_start_function_knows_its_own_route_alone() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    for (method, path, status) in
        [("GET", VERIFICATIONS, 405), ("GET", "/runs/1", 404), ("POST", "/workspaces/1/tenants/2/verifications/", 404)]
    {
        let answer = edge.send_to_start(Call::new(method, path).by(OPERATOR)).await;
        assert_eq!(answer.status, status, "{method} {path}");
    }
}
