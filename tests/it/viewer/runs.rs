//! A run's canonical link and its report.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::access::Authority;
use domain::audit::{AuditAction, AuditEvent};
use domain::id::EventId;
use domain::operation_run::OperationRun;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, COLLEAGUE, OPERATOR, OUTSIDER, READER, Scene, now};
use serde_json::{Value, json};
use store::{Claim, Opened, StartConditions};

fn path(run: &OperationRun) -> String {
    format!("/runs/{}", run.header.id)
}

/// A completed run: the start of a disabled connection.
async fn blocked(scene: &Scene, edge: &Edge) -> Value {
    scene.change_connection(|connection| connection.is_enabled = false).await;
    edge.start(OPERATOR, "/workspaces/1/tenants/2/verifications").await.json()
}

#[tokio::test]
async fn an_active_run_is_shown_without_report() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = scene.queued_run().await;
    let queued = edge.get(READER, &path(&run)).await;
    assert_eq!((queued.status, queued.header("retry-after")), (200, "2"));
    assert_eq!(
        (queued.header("cache-control"), queued.header("vary")),
        ("private, no-cache", "Authorization, Accept-Encoding")
    );
    let body = queued.json();
    assert_eq!(
        (&body["status"], &body["outcome"], &body["freshness"]),
        (&json!("queued"), &json!("pending"), &json!("fresh_active"))
    );
    assert_eq!((&body["change_indicator"], &body["context"]["verification_report"]), (&Value::Null, &Value::Null));

    let claimed = scene.store.claim(run.header.id, now(), now() + Duration::from_secs(65), &BOUNDS).await.unwrap();
    let Claim::Mine(claimed) = claimed else { panic!("nobody else claims") };
    let running = edge.get(READER, &path(&run)).await;
    assert_eq!((&running.json()["status"], running.header("retry-after")), (&json!("running"), "2"));

    let retry_at = now() + Duration::from_mins(5);
    let waiting = claimed.give_back(now(), retry_at).unwrap();
    scene.store.give_back(&waiting).await.unwrap();
    let waiting = edge.get(READER, &path(&run)).await;
    assert_eq!((&waiting.json()["status"], waiting.header("retry-after")), (&json!("running"), "60"));
    assert_eq!(waiting.json()["waiting_until"], json!(retry_at));

    let report = edge.get(READER, &format!("{}/report", path(&run))).await;
    insta::assert_snapshot!("no_report", report.print().replace(&run.header.id.to_string(), "[run]"));
}

#[tokio::test]
async fn a_report_is_the_stored_document_byte_for_byte() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let answered = blocked(&scene, &edge).await;
    let id = answered["id"].as_u64().unwrap();
    let stored = scene.store.load_run_with_report(id.try_into().unwrap(), now()).await.unwrap().unwrap();
    let stored = String::from_utf8(stored.report.unwrap().json).unwrap();
    let alone = edge.get(READER, &format!("/runs/{id}/report")).await;
    assert_eq!((alone.status, alone.header("content-type"), &alone.text), (200, "application/json", &stored));
    let shown = edge.get(READER, &format!("/runs/{id}")).await;
    assert!(shown.text.contains(&stored));
    assert_eq!((shown.header("retry-after"), &shown.json()["freshness"]), ("", &json!("terminal_normal")));
}

#[tokio::test]
async fn whoever_may_not_see_a_run_cannot_tell_it_from_an_absent_one() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = scene.queued_run().await;
    let absent = edge.get(OPERATOR, "/runs/9007199254740991").await;
    assert_eq!(absent.status, 404);
    for user in [OUTSIDER, COLLEAGUE] {
        for path in [path(&run), format!("{}/report", path(&run))] {
            let answer = edge.get(user, &path).await;
            assert_eq!((answer.status, &answer.text), (404, &absent.text), "{user} {path}");
            assert_eq!(answer.headers, absent.headers);
        }
    }
}

#[tokio::test]
async fn an_expired_run_is_absent_even_before_the_table_removes_it() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let answered = blocked(&scene, &edge).await;
    let client = aws_sdk_dynamodb::Client::new(&scene.sandbox.aws);
    let pages = client.scan().table_name(&scene.sandbox.table).into_paginator().items().send();
    for mut item in pages.collect::<Result<Vec<_>, _>>().await.unwrap() {
        if item.contains_key("ttl") {
            item.insert("ttl".to_owned(), AttributeValue::N((now().as_seconds() - 1).to_string()));
            client.put_item().table_name(&scene.sandbox.table).set_item(Some(item)).send().await.unwrap();
        }
    }
    assert_eq!(edge.get(OPERATOR, &format!("/runs/{}", answered["id"])).await.status, 404);
    let embedded = edge.get(OPERATOR, "/workspaces/1/tenants/2/verification").await.json();
    assert_eq!((&embedded["state"], &embedded["run"]), (&json!("empty"), &Value::Null));
}

#[tokio::test]
async fn a_run_whose_message_was_lost_is_likely_stale() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let mut header = scene.header();
    header.created_at = now() - Duration::from_mins(61);
    let run = OperationRun::queue(header);
    let id = EventId::new(now(), 1);
    let audit = AuditEvent::of_run(id, now(), AuditAction::VerificationStarted, &run.header);
    assert_eq!(
        scene
            .store
            .open(Authority::Entitled(scene.entitled()), &run, &audit, &StartConditions::default())
            .await
            .unwrap(),
        Opened::New
    );
    assert_eq!(edge.get(READER, &path(&run)).await.json()["freshness"], "likely_stale");
}
