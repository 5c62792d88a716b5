//! The same check with the same verdict is not the same thing when it names something else, or is of another app.

use domain::id::ClientId;
use harness::edge::Edge;
use harness::microsoft::{Scenario, TenantFixture};
use harness::scene::{MANAGER, READER, Scene, stand_in};
use serde_json::{Value, json};

use super::{acknowledge, start};
use crate::worker::{deliver, delivery};

const EXCESSIVE: &str = "permissions.excessive";

/// Runs a verification to its end, and shows it.
async fn verified(scene: &Scene, edge: &Edge) -> Value {
    let run = start(edge).await;
    let failed = deliver(&scene.worker().await, [delivery(run.try_into().expect("an id"), 1)]).await;
    assert!(failed.is_empty(), "{failed:?}");
    edge.get(READER, &format!("/runs/{run}")).await.json()
}

fn fingerprint(run: &Value) -> &Value {
    &run["context"]["verification_report"]["fingerprint"]
}

/// What the change indicator says, and which checks count as acknowledged before.
fn told(run: &Value) -> (Value, Vec<&str>) {
    let mut indicator = run["change_indicator"].clone();
    indicator.as_object_mut().unwrap().remove("compared_with");
    let again = run["previously_acknowledged"].as_array().unwrap();
    (indicator, again.iter().map(|it| it["check_key"].as_str().unwrap()).collect())
}

#[tokio::test]
async fn a_new_grant_or_another_app_is_a_change_and_not_acknowledged() {
    let scene = Scene::new(Scenario::DangerousGrant).await;
    let edge = Edge::of(&scene);
    let first = verified(&scene, &edge).await;
    let id = first["id"].as_u64().unwrap();
    let made = acknowledge(&edge, MANAGER, id, EXCESSIVE, &json!({ "ack_reason": "known" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let same = verified(&scene, &edge).await;
    assert_eq!(told(&same), (json!({ "state": "no_changes" }), vec![EXCESSIVE]));

    // In place of the one, another that is as dangerous.
    let another = TenantFixture { scenario: Scenario::DirectoryRole, ..scene.fixture.clone() };
    stand_in().await.add(&another);
    let granted = verified(&scene, &edge).await;
    assert_eq!(fingerprint(&granted), fingerprint(&first), "that alone would say nothing of it");
    let (indicator, acknowledged) = told(&granted);
    insta::assert_json_snapshot!("another_grant", indicator);
    assert_eq!(acknowledged, Vec::<&str>::new());

    // As it was, but by another app.
    let client_id: ClientId = "0b8f6a04-9f5b-4a6e-8a53-3f3c2f1f2a11".parse().unwrap();
    stand_in().await.add(&scene.fixture);
    let back = verified(&scene, &edge).await;
    assert_eq!(told(&back).1, [EXCESSIVE], "what was acknowledged is there again");
    stand_in().await.add(&TenantFixture { client_id: client_id.clone(), ..scene.fixture.clone() });
    scene.change_connection(|connection| connection.client_id = client_id.to_string()).await;
    let swapped = verified(&scene, &edge).await;
    assert_eq!(fingerprint(&swapped), fingerprint(&first));
    let (indicator, acknowledged) = told(&swapped);
    let before = scene.fixture.client_id.as_str();
    let app = json!({ "before": before, "after": client_id.as_str() });
    assert_eq!(indicator, json!({ "state": "changed", "checks": [], "app": app }));
    assert_eq!(acknowledged, Vec::<&str>::new());
}
