//! What a new acknowledgement leaves behind, and what it leaves alone.

use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, READER, Scene};
use serde_json::{Value, json};

use super::{CONNECTION_CHECK, acknowledge, blocked_run, start};
use crate::table::{self, text};

#[tokio::test]
async fn an_acknowledgement_is_stored_with_its_cause_and_one_audit_event() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    let before = table::items(&scene).await;
    let body = json!({ "ack_reason": "Known until the migration", "expires_at": "2099-01-31T08:30:00+01:00" });
    let made = acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let mut shown = made.json();
    let at = shown["acknowledged_at"].take();
    let expected = json!({
        "report_id": run,
        "check_key": CONNECTION_CHECK,
        "ack_reason": "Known until the migration",
        "expires_at": "2099-01-31T07:30:00.000Z",
        "acknowledged_at": null,
        "acknowledged_by": { "id": MANAGER, "name": format!("{MANAGER} by name") },
    });
    assert_eq!(shown, expected);

    let after = table::items(&scene).await;
    let new: Vec<_> = after.iter().filter(|(key, _)| !before.contains_key(*key)).collect();
    let entities: Vec<_> = new.iter().map(|(_, item)| text(item, "entity")).collect();
    assert_eq!(entities.len(), 3, "{entities:?}");
    for entity in ["acknowledgement", "acknowledged_causes", "audit_event"] {
        assert!(entities.contains(&entity), "{entities:?}");
    }
    // The run, its report and everything else stay as they were.
    assert!(before.iter().all(|(key, item)| after[key] == *item));

    let audit = new.iter().find(|(_, item)| text(item, "entity") == "audit_event").unwrap().1;
    let event = ["action", "actor", "check_key", "at"].map(|name| text(audit, name));
    assert_eq!(event, ["verification.check_acknowledged", MANAGER, CONNECTION_CHECK, at.as_str().unwrap()]);
    assert!(!format!("{audit:?}").contains("migration"), "the reason is not for the audit trail");
}

#[tokio::test]
async fn an_acknowledgement_vanishes_with_its_run() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &json!({ "ack_reason": "known" })).await;
    let items = table::items(&scene).await;
    let of = |entity: &str| items.values().find(|item| text(item, "entity") == entity).unwrap();
    let ttl = |entity: &str| of(entity)["ttl"].as_n().unwrap().parse::<i64>().unwrap();
    assert_eq!(ttl("acknowledgement"), ttl("run"));
    assert_eq!(ttl("report"), ttl("run"));
    let latest = of("state")["latest"].as_m().unwrap();
    assert_eq!(latest["expires"].as_n().unwrap().parse::<i64>().unwrap(), ttl("run"));
    let cause = of("acknowledged_causes").iter().find(|(name, _)| name.starts_with("cause ")).unwrap().1;
    let kept_until: domain::time::Timestamp = text(cause.as_m().unwrap(), "kept_until").parse().unwrap();
    assert_eq!(kept_until.as_seconds(), ttl("run"));
    assert!(ttl("acknowledged_causes") >= ttl("run"), "the causes are there as long as any of them");
}

#[tokio::test]
async fn the_report_stays_as_it_is_and_the_run_shows_who_when_and_why() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    let path = format!("/runs/{run}");
    let (before, report) = (edge.get(READER, &path).await, edge.get(READER, &format!("{path}/report")).await);
    let made = acknowledge(&edge, MANAGER, run, CONNECTION_CHECK, &json!({ "ack_reason": "known" })).await.json();
    let after = edge.get(READER, &path).await;
    assert_eq!(edge.get(READER, &format!("{path}/report")).await.text, report.text);
    let (mut before, mut after) = (before.json(), after.json());
    assert_eq!(before["acknowledgements"].take(), json!([]));
    assert_eq!(after["acknowledgements"].take(), json!([made]));
    assert_eq!(before, after);
    let embedded = edge.get(READER, "/workspaces/1/tenants/2/verification").await.json();
    assert_eq!(embedded["run"]["acknowledgements"], json!([made]));
}

#[tokio::test]
async fn who_has_an_address_in_the_token_is_shown_with_it() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = blocked_run(&scene, &edge).await;
    let path = format!("/runs/{run}/checks/{CONNECTION_CHECK}/acknowledgement");
    let claims = json!({ "sub": MANAGER, "email": "m@example.com", "email_verified": "true" });
    let call = Call::new("POST", &path).with_claims(claims).with_json(r#"{"ack_reason":"known"}"#);
    let made: Value = edge.send(call).await.json();
    assert_eq!(made["acknowledged_by"], json!({ "id": MANAGER, "email": "m@example.com" }));
}

#[tokio::test]
async fn an_address_that_nobody_verified_names_nobody() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene).unhurried();
    let mut run = blocked_run(&scene, &edge).await;
    for verified in [json!({}), json!({ "email_verified": "false" }), json!({ "email_verified": "" })] {
        let mut claims = json!({ "sub": MANAGER, "email": "owner@example.com", "name": "Olivia \u{202e}Owner" });
        claims.as_object_mut().unwrap().extend(verified.as_object().unwrap().clone());
        let path = format!("/runs/{run}/checks/{CONNECTION_CHECK}/acknowledgement");
        let call = Call::new("POST", &path).with_claims(claims).with_json(r#"{"ack_reason":"known"}"#);
        let made: Value = edge.send(call).await.json();
        assert_eq!(made["acknowledged_by"], json!({ "id": MANAGER, "name": "Olivia Owner" }));
        run = start(&edge).await;
    }
}
