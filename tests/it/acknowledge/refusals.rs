//! What cannot be acknowledged, by whom, and in which words that is told.

use aws_sdk_dynamodb::types::AttributeValue;
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{COLLEAGUE, MANAGER, OPERATOR, OUTSIDER, OWNER, READER, Scene};
use serde_json::json;

use super::{CONNECTION_CHECK, acknowledge, blocked_run};
use crate::table;
use crate::worker::{deliver, delivery};

#[tokio::test]
async fn each_refusal_writes_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    let before = table::items(&scene).await;
    let known = json!({ "ack_reason": "known" });
    let absent = edge.get(OPERATOR, "/runs/9007199254740991").await.text;
    // Outsiders, colleagues without the tenant, absent runs and unknown checks look the same.
    for (user, run, check) in [
        (OUTSIDER, run, CONNECTION_CHECK),
        (COLLEAGUE, run, CONNECTION_CHECK),
        (MANAGER, 9_007_199_254_740_991, CONNECTION_CHECK),
        (MANAGER, run, "permissions.unknown"),
        (MANAGER, run, "Malformed"),
        (READER, run, "permissions.unknown"),
    ] {
        let refused = acknowledge(&edge, user, run, check, &known).await;
        assert_eq!((refused.status, &refused.text), (404, &absent), "{user} {check}");
    }
    let mut refusals = String::new();
    for (case, user, body) in [
        ("an operator", OPERATOR, r#"{"ack_reason":"known"}"#),
        ("a reader with a bad body", READER, "nonsense"),
        ("no reason", MANAGER, "{}"),
        ("an empty reason", MANAGER, r#"{"ack_reason":""}"#),
        ("a long reason", MANAGER, &format!(r#"{{"ack_reason":"{}"}}"#, "x".repeat(161))),
        ("another field", MANAGER, r#"{"ack_reason":"known","status":"pass"}"#),
        ("an end in the past", MANAGER, r#"{"ack_reason":"known","expires_at":"2020-01-01T00:00:00Z"}"#),
        ("no time", MANAGER, r#"{"ack_reason":"known","expires_at":"tomorrow"}"#),
        ("no JSON", MANAGER, "known"),
    ] {
        let path = format!("/runs/{run}/checks/{CONNECTION_CHECK}/acknowledgement");
        let refused = edge.send(Call::new("POST", &path).by(user).with_json(body)).await;
        refusals += &format!("# {case}\n{}\n", refused.print());
    }
    insta::assert_snapshot!("refusals", refusals);
    assert_eq!(table::items(&scene).await, before);
}

#[tokio::test]
async fn an_active_run_has_nothing_to_acknowledge_yet() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = scene.queued_run().await.header.id.get();
    let refused = acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &json!({ "ack_reason": "known" })).await;
    let pinned = refused.print().replace(&run.to_string(), "[run]");
    insta::assert_snapshot!("run_not_completed", pinned);
    let reader = acknowledge(&edge, READER, run, CONNECTION_CHECK, &json!({ "ack_reason": "known" })).await;
    assert_eq!(reader.status, 403);
}

#[tokio::test]
async fn what_passed_or_was_skipped_is_not_acknowledged() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (edge, worker) = (Edge::of(&scene), scene.worker().await);
    let run = scene.queued_run().await;
    assert!(deliver(&worker, [delivery(run.header.id, 1)]).await.is_empty());
    let run = run.header.id.get();
    for check in [CONNECTION_CHECK, "permissions.inventory"] {
        let refused = acknowledge(&edge, MANAGER, run, check, &json!({ "ack_reason": "known" })).await;
        assert_eq!(
            (refused.status, &refused.json()["type"]),
            (409, &json!("urn:tenantcheck:problem:check-not-acknowledgeable"))
        );
    }
}

#[tokio::test]
async fn the_same_again_is_answered_200_and_anything_else_409() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    let soon = json!({ "ack_reason": "known", "expires_at": "2099-01-01T00:00:00Z" });
    let first = acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &soon).await;
    assert_eq!(first.status, 201);
    let before = table::items(&scene).await;
    let again = acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &soon).await;
    assert_eq!((again.status, again.json()), (200, first.json()));
    for (user, body) in [
        (MANAGER, json!({ "ack_reason": "known" })),
        (MANAGER, json!({ "ack_reason": "other", "expires_at": "2099-01-01T00:00:00Z" })),
        (OWNER, soon.clone()),
    ] {
        let refused = acknowledge(&edge, user, run, CONNECTION_CHECK, &body).await;
        assert_eq!(refused.status, 409, "{user} {body}");
        insta::assert_snapshot!("already_acknowledged", refused.print());
    }
    assert_eq!(table::items(&scene).await, before);

    // What was said before is compared before the end is judged: repeating a request is never wrong.
    let key = format!("RUN#{run:016} ACK#{CONNECTION_CHECK}");
    let mut stored = before[&key].clone();
    let past = "2020-01-01T00:00:00.000Z";
    stored.insert("expires_at".to_owned(), AttributeValue::S(past.to_owned()));
    table::put(&scene, stored).await;
    let expired = json!({ "ack_reason": "known", "expires_at": past });
    assert_eq!(acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &expired).await.status, 200);
}
