//! A tenant's connections.

use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, READER, Scene};
use serde_json::json;

const CONNECTIONS: &str = "/workspaces/1/tenants/2/connections";

#[tokio::test]
async fn a_connection_is_shown_with_its_health_but_never_where_its_credential_is() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let answer = edge.get(READER, CONNECTIONS).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(!answer.text.contains("/tenantcheck/"), "{}", answer.text);
    let mut body = answer.json();
    for name in ["entra_tenant_id", "client_id", "updated_at"] {
        body["connections"][0][name] = json!(format!("[{name}]"));
    }
    insta::assert_json_snapshot!("connections", body);

    edge.start(OPERATOR, "/workspaces/1/tenants/2/verifications").await;
    let body = edge.get(READER, CONNECTIONS).await.json();
    assert_eq!(body["connections"][0]["verification_status"], "pending");
}

#[tokio::test]
async fn a_tenant_may_have_no_connection_to_use() {
    let scene = Scene::new(Scenario::Healthy).await;
    scene.change_connection(|connection| connection.is_default = false).await;
    let body = Edge::of(&scene).get(READER, CONNECTIONS).await.json();
    assert_eq!((&body["default_connection_id"], &body["connections"][0]["is_default"]), (&json!(null), &json!(false)));
}
