//! The permission inventory of a tenant's connections.

use aws_sdk_dynamodb::types::AttributeValue;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{COLLEAGUE, READER, Scene};
use serde_json::{Value, json};

use crate::table;
use crate::worker::{deliver, delivery};

const PERMISSIONS: &str = "/workspaces/1/tenants/2/permissions";

async fn verified(scenario: Scenario) -> Scene {
    let scene = Scene::new(scenario).await;
    let run = scene.queued_run().await;
    assert!(deliver(&scene.worker().await, [delivery(run.header.id, 1)]).await.is_empty());
    scene
}

async fn permissions(scene: &Scene) -> Value {
    let answer = Edge::of(scene).get(READER, PERMISSIONS).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["connections"][0].take()
}

#[tokio::test]
async fn a_connection_that_was_never_verified_needs_attention() {
    let scene = Scene::new(Scenario::Healthy).await;
    let expected = json!({ "connections": [{
        "provider_connection_id": 3,
        "is_default": true,
        "module": "intune",
        "overall": "needs_attention",
        "is_stale": true,
        "last_refreshed_at": null,
        "source": null,
        "manifest_version": null,
        "run_id": null,
        "permissions": [],
        "features": [],
    }] });
    assert_eq!(Edge::of(&scene).get(READER, PERMISSIONS).await.json(), expected);
    assert_eq!(Edge::of(&scene).get(COLLEAGUE, PERMISSIONS).await.status, 404);
}

#[tokio::test]
async fn what_is_granted_is_shown_with_its_source_and_age() {
    let mut shown = permissions(&verified(Scenario::Healthy).await).await;
    assert!(shown["run_id"].take().is_u64() && shown["last_refreshed_at"].take().is_string());
    for row in shown["permissions"].as_array_mut().unwrap() {
        assert!(row["last_checked_at"].take().is_string());
    }
    insta::assert_json_snapshot!("healthy_permissions", shown);
}

#[tokio::test]
async fn a_missing_permission_blocks_the_features_that_need_it() {
    let shown = permissions(&verified(Scenario::MissingPermission).await).await;
    assert_eq!(shown["overall"], "blocked");
    let blocked = |feature: &&Value| feature["blocked"] == json!(true);
    let features: Vec<_> = shown["features"].as_array().unwrap().iter().filter(blocked).collect();
    insta::assert_json_snapshot!("blocked_features", features);
}

#[tokio::test]
async fn an_inventory_of_more_than_30_days_is_stale() {
    let scene = verified(Scenario::Healthy).await;
    assert_eq!(
        (permissions(&scene).await["overall"].take(), permissions(&scene).await["is_stale"].take()),
        (json!("ready"), json!(false))
    );
    let mut state = table::stored(&scene, "state").await.remove(0);
    let month = harness::scene::now() - std::time::Duration::from_hours(24 * 30 + 1);
    let Some(AttributeValue::M(inventory)) = state.get_mut("inventory") else { panic!("no inventory") };
    inventory.insert("last_refreshed_at".to_owned(), AttributeValue::S(month.to_string()));
    table::put(&scene, state).await;
    let aged = permissions(&scene).await;
    assert_eq!((&aged["overall"], &aged["is_stale"]), (&json!("needs_attention"), &json!(true)));
}

#[tokio::test]
async fn what_another_module_needed_says_nothing_of_this_one() {
    let scene = verified(Scenario::Healthy).await;
    assert_eq!(permissions(&scene).await["overall"], "ready");
    scene.change_connection(|connection| connection.module = "intune_basic".to_owned()).await;
    let shown = permissions(&scene).await;
    assert_eq!((&shown["module"], &shown["overall"]), (&json!("intune_basic"), &json!("needs_attention")));
    assert_eq!((&shown["is_stale"], &shown["permissions"]), (&json!(true), &json!([])));
}
