//! Deliveries: SQS delivers at least once, sometimes twice at a time, and not everything in a queue is a message.

use std::time::Duration;

use domain::operation_run::RunState;
use futures_util::future::join_all;
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, Scene, now, stand_in};
use store::Claim;

use tracing::Level;

use super::{deliver, delivery, message, report, stored};
use crate::log::Log;
use crate::table;

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_run_is_completed_with_its_report() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await;
    let failed = deliver(&scene.worker().await, [delivery(run.header.id, 1)]).await;
    assert!(failed.is_empty(), "{failed:?}");
    let stored = stored(&scene, run.header.id).await;
    assert!(!stored.run.is_active());
    assert_eq!(report(&stored)["summary"]["overall"], "ready");
    assert_eq!(report(&stored)["report_id"], run.header.id.get());
    let data = scene.store.load_execution(&run.header, now()).await.expect("the table answers");
    assert_eq!(scene.health().await.map(|health| health.verification_status.as_str()), Some("healthy"));
    assert_eq!(data.latest.map(|latest| latest.previous.run_id), Some(run.header.id));
    let events = table::stored(&scene, "audit_event").await;
    let completed = events.iter().find(|event| table::text(event, "action") == "verification.completed");
    let completed = completed.expect("it is on record");
    assert_eq!((table::text(completed, "outcome"), table::text(completed, "reason_code")), ("succeeded", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_failed_run_says_why_it_failed() {
    let scene = Scene::new(Scenario::WrongSecret).await;
    let run = scene.queued_run().await.header.id;
    assert!(deliver(&scene.worker().await, [delivery(run, 1)]).await.is_empty());
    let events = table::stored(&scene, "audit_event").await;
    let completed = events.iter().find(|event| table::text(event, "action") == "verification.completed");
    let completed = completed.expect("it is on record");
    let said = (table::text(completed, "outcome"), table::text(completed, "reason_code"));
    assert_eq!(said, ("failed", "provider_credential_secret_invalid"));
}

/// What somebody puts into the queue by mistake may be a secret.
#[tokio::test]
async fn nothing_of_a_message_that_cannot_be_read_reaches_the_log() {
    let scene = Scene::new(Scenario::Healthy).await;
    let app = scene.worker().await;
    let log = Log::of_this_thread(Level::TRACE);
    let bodies = [
        format!("\u{1b}[2J{}", "hunter2".repeat(30_000)),
        r#"{"v":1,"run_id":"hunter2"}"#.to_owned(),
        r#"{"v":1,"run_id":7,"hunter2":1}"#.to_owned(),
        r#"{"v":"hunter2"}"#.to_owned(),
    ];
    for body in bodies {
        let mut poison = message(&body, 1);
        poison.message_id = Some("message-1".to_owned());
        assert_eq!(deliver(&app, [poison]).await, ["message-1"]);
    }
    let text = log.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("a message cannot be read")).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines.iter().all(|line| line.contains("message-1") && line.contains("malformed") && line.len() < 500));
    assert!(!text.contains("hunter2") && !text.contains("[2J"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_delivered_again_changes_nothing_and_asks_nobody() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await;
    let app = scene.worker().await;
    deliver(&app, [delivery(run.header.id, 1)]).await;
    let first = stored(&scene, run.header.id).await;
    let calls = stand_in().await.calls(&scene.fixture.entra_tenant_id).len();
    let failed = deliver(&app, [delivery(run.header.id, 2), delivery(run.header.id, 3)]).await;
    assert!(failed.is_empty(), "{failed:?}");
    let again = stored(&scene, run.header.id).await;
    assert_eq!(again.run, first.run);
    assert_eq!(again.report, first.report);
    assert_eq!(stand_in().await.calls(&scene.fixture.entra_tenant_id).len(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_at_the_same_time_make_one_terminal_transition() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await;
    let workers = join_all((0..6).map(|_| scene.worker())).await;
    let failed = join_all(workers.iter().map(|app| deliver(app, [delivery(run.header.id, 1)]))).await.concat();
    assert!(failed.len() < 6, "one of six had the run; the others were told to come again, or came after it was done");
    let stored = stored(&scene, run.header.id).await;
    assert_eq!(stored.run.attempt_number(), 1);
    assert_eq!(stored.run.version, 3, "queued, claimed, completed");
    let tokens = stand_in().await.calls(&scene.fixture.entra_tenant_id);
    assert_eq!(tokens.iter().filter(|call| call.method == "POST").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_another_worker_holds_is_left_to_it() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let held =
        scene.store.claim(run, now(), now() + Duration::from_secs(65), &BOUNDS).await.expect("the table answers");
    assert!(matches!(held, Claim::Mine(_)));
    let app = scene.worker().await;
    assert_eq!(deliver(&app, [delivery(run, 1)]).await.len(), 1, "not acknowledged: the holder may die");
    assert_eq!(deliver(&app, [delivery(run, 5)]).await.len(), 1, "nor on the last delivery: the run is active");
    assert_eq!(stored(&scene, run).await.run.attempt_number(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_worker_died_is_taken_over_and_the_late_writer_changes_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let past = now() - Duration::from_mins(2);
    let Claim::Mine(late) =
        scene.store.claim(run, past, past + Duration::from_secs(65), &BOUNDS).await.expect("an answer")
    else {
        panic!("the run was free")
    };
    let app = scene.worker().await;
    assert!(deliver(&app, [delivery(run, 2)]).await.is_empty());
    let first = stored(&scene, run).await;
    assert_eq!(first.run.attempt_number(), 2);
    let returned = late.give_back(now(), now()).expect("it was claimed");
    assert_eq!(scene.store.give_back(&returned).await.expect("an answer"), store::Returned::Stale);
    assert_eq!(stored(&scene, run).await.run, first.run);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_message_fails_alone() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let bad = ["", "not json", r#"{"v":2,"run_id":1}"#, r#"{"v":1,"run_id":0}"#];
    let messages = bad.map(|body| message(body, 1)).into_iter().chain([delivery(run, 1)]);
    assert_eq!(deliver(&scene.worker().await, messages).await, bad);
    assert!(matches!(stored(&scene, run).await.run.state, RunState::Completed(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_about_a_run_that_is_gone_is_acknowledged() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = "4711".parse().expect("an id");
    assert!(deliver(&scene.worker().await, [delivery(run, 1)]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_batch_run_side_by_side() {
    let scene = Scene::new(Scenario::Slow).await;
    let app = scene.worker().await;
    let run = scene.queued_run().await.header.id;
    let unknown = |id: u64| delivery(id.to_string().parse().expect("an id"), 1);
    let failed = deliver(&app, [delivery(run, 1), unknown(1), unknown(2)]).await;
    assert_eq!(failed.len(), 1, "the slow one waits for Microsoft, the others are done");
}
