//! A session with its verification, and whether that still counts.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::onboarding::Progress;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, OWNER, Scene};
use serde_json::{Value, json};

use super::{SESSION, end, session, start, with_second_connection};
use crate::table;
use crate::worker::{deliver, delivery};

async fn verification(edge: &Edge) -> Value {
    edge.get(MANAGER, SESSION).await.json()["verification"].take()
}

async fn stale_reason(edge: &Edge) -> Value {
    let verification = verification(edge).await;
    assert_eq!(verification["is_stale"], json!(!verification["stale_reason"].is_null()));
    verification["stale_reason"].clone()
}

#[tokio::test]
async fn a_session_is_shown_with_all_that_it_remembers() {
    let scene = Scene::new(Scenario::Healthy).await;
    session(&scene, |session| session.progress = Progress::Cancelled(end())).await;
    let expected = json!({
        "id": 7,
        "workspace_id": 1,
        "tenant_id": 2,
        "entra_tenant_id": scene.tenant.entra_tenant_id,
        "current_step": "verify",
        "state": { "provider_connection_id": 3 },
        "started_by": OWNER,
        "updated_by": OWNER,
        "completed_at": null,
        "cancelled_at": "2026-11-01T08:00:00.000Z",
        "version": 1,
        "verification": { "is_stale": true, "stale_reason": "no_run", "run": null },
    });
    assert_eq!(Edge::of(&scene).get(MANAGER, SESSION).await.json(), expected);
}

#[tokio::test]
async fn its_verification_is_shown_while_active_and_when_completed() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let run = start(&edge, MANAGER).await.json()["id"].as_u64().unwrap();
    let active = edge.get(MANAGER, SESSION).await;
    assert_eq!(
        (active.header("retry-after"), &active.json()["verification"]["run"]["status"]),
        ("2", &json!("queued"))
    );
    assert_eq!(stale_reason(&edge).await, Value::Null);
    assert!(deliver(&scene.worker().await, [delivery(run.try_into().unwrap(), 1)]).await.is_empty());
    let shown = verification(&edge).await;
    assert_eq!(shown["stale_reason"], Value::Null);
    assert_eq!(shown["run"], edge.get(MANAGER, &format!("/runs/{run}")).await.json(), "the same as by its own link");
    // The next one differs from it, check by check.
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let blocked = start(&edge, MANAGER).await.json()["id"].as_u64().unwrap();
    assert_eq!(verification(&edge).await["run"], edge.get(MANAGER, &format!("/runs/{blocked}")).await.json());
}

#[tokio::test]
async fn each_reason_makes_it_stale() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    with_second_connection(&scene).await;
    session(&scene, |_| {}).await;
    assert_eq!(stale_reason(&edge).await, "no_run");
    start(&edge, MANAGER).await;
    assert_eq!(stale_reason(&edge).await, Value::Null);

    session(&scene, |session| session.state.provider_connection_id = Some("4".parse().unwrap())).await;
    assert_eq!(stale_reason(&edge).await, "connection_mismatch");
    session(&scene, |_| {}).await;
    scene.change_connection(|connection| connection.is_enabled = false).await;
    assert_eq!(stale_reason(&edge).await, "connection_updated");
    scene.change_connection_at(scene.connection.updated_at, |_| {}).await;
    assert_eq!(stale_reason(&edge).await, Value::Null);

    let mut stored = table::stored(&scene, "run").await.remove(0);
    let month = harness::scene::now() - std::time::Duration::from_hours(24 * 30 + 1);
    scene.change_connection_at(month, |connection| connection.is_enabled = false).await;
    stored.insert("created_at".to_owned(), AttributeValue::S(month.to_string()));
    table::put(&scene, stored.clone()).await;
    assert_eq!(stale_reason(&edge).await, "expired");
    stored.insert("ttl".to_owned(), AttributeValue::N("1".to_owned()));
    table::put(&scene, stored).await;
    let gone = verification(&edge).await;
    assert_eq!((&gone["stale_reason"], &gone["run"]), (&json!("expired"), &Value::Null));
}
