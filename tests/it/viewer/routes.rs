//! Paths and methods that no route of the gateway matches come to the viewer, without a token.

use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, OUTSIDER, Scene};

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_told_apart() {
    let edge = Edge::of(&Scene::new(Scenario::Healthy).await);
    let mut table = String::new();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("POST", "/runs"),
        ("GET", "/runs/1/"),
        ("POST", "/runs/1"),
        ("DELETE", "/runs/abc/report"),
        ("HEAD", "/runs/1"),
        ("GET", "/workspaces/1/tenants/2/verifications"),
        ("PUT", "/workspaces/1/tenants/2/verification"),
        ("OPTIONS", "/workspaces/1/tenants/2/connections"),
    ] {
        let answer = edge.send(Call::new(method, path)).await;
        table += &format!("{method} {path}: {} allow {:?}\n", answer.status, answer.header("allow"));
    }
    insta::assert_snapshot!("unmatched_routes", table);
}

#[tokio::test]
async fn every_get_asks_who_calls_before_anything_else() {
    let edge = Edge::of(&Scene::new(Scenario::Healthy).await);
    for path in [
        "/runs/1",
        "/runs/x",
        "/runs/1/report",
        "/workspaces/1/tenants/2/verification",
        "/workspaces/1/tenants/2/connections",
        "/workspaces/x/tenants/2/connections",
    ] {
        assert_eq!(edge.send(Call::new("GET", path)).await.status, 401, "{path}");
        assert_eq!(edge.get(OUTSIDER, path).await.status, 404, "{path}");
    }
    insta::assert_snapshot!("not_found", edge.get(OPERATOR, "/runs/1").await.print());
}
