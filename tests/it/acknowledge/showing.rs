//! What later runs show of what was acknowledged before.

use aws_sdk_dynamodb::types::AttributeValue;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, READER, Scene};
use serde_json::{Value, json};

use super::{CONNECTION_CHECK, acknowledge, blocked_run, start};
use crate::table;

async fn previously(edge: &Edge, run: u64) -> Value {
    edge.get(READER, &format!("/runs/{run}")).await.json()["previously_acknowledged"].take()
}

#[tokio::test]
async fn a_later_run_with_the_same_finding_shows_it_and_applies_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene).unhurried();
    let first = blocked_run(&scene, &edge).await;
    let body = json!({ "ack_reason": "known", "expires_at": "2099-01-01T00:00:00Z" });
    let made = acknowledge(&edge, MANAGER, first, CONNECTION_CHECK, &body).await.json();
    let second = start(&edge).await;
    let expected = json!([{
        "check_key": CONNECTION_CHECK,
        "run_id": first,
        "by": made["acknowledged_by"],
        "at": made["acknowledged_at"],
        "reason": "known",
        "expires_at": "2099-01-01T00:00:00.000Z",
    }]);
    assert_eq!(previously(&edge, second).await, expected);
    let embedded = edge.get(READER, "/workspaces/1/tenants/2/verification").await.json();
    assert_eq!(embedded["run"]["previously_acknowledged"], expected);

    let shown = edge.get(READER, &format!("/runs/{second}")).await.json();
    assert_eq!(shown["acknowledgements"], json!([]));
    assert_eq!(shown["context"]["verification_report"]["summary"]["overall"], "blocked");
    assert_eq!(shown["change_indicator"]["state"], "none", "nothing was seen that could be compared");
    assert_eq!(previously(&edge, first).await, json!([]), "a run's own acknowledgement is no earlier one");
}

#[tokio::test]
async fn a_run_with_another_finding_does_not_show_it() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene).unhurried();
    let first = blocked_run(&scene, &edge).await;
    acknowledge(&edge, MANAGER, first, CONNECTION_CHECK, &json!({ "ack_reason": "known" })).await;
    // The same check fails, but for another reason.
    scene.change_connection(|connection| connection.module = "gone".to_owned()).await;
    let other = start(&edge).await;
    assert_eq!(previously(&edge, other).await, json!([]));
    let shown = edge.get(READER, "/workspaces/1/tenants/2/verification").await.json();
    let checks = &shown["run"]["context"]["verification_report"]["checks"];
    assert_eq!(checks[0]["reason_code"], "provider_connection_invalid", "{shown}");
    // Back to the first cause: it is remembered, and what was said of it last.
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let again = start(&edge).await;
    assert_eq!(previously(&edge, again).await[0]["run_id"], json!(first));
    acknowledge(&edge, MANAGER, again, CONNECTION_CHECK, &json!({ "ack_reason": "still known" })).await;
    let last = start(&edge).await;
    assert_eq!(previously(&edge, last).await[0]["reason"], json!("still known"));
}

#[tokio::test]
async fn what_has_expired_is_not_shown_any_more() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene).unhurried();
    let first = blocked_run(&scene, &edge).await;
    let body = json!({ "ack_reason": "known", "expires_at": "2099-01-01T00:00:00Z" });
    acknowledge(&edge, MANAGER, first, CONNECTION_CHECK, &body).await;
    let second = start(&edge).await;
    assert_eq!(previously(&edge, second).await[0]["run_id"], json!(first));

    let causes = table::stored(&scene, "acknowledged_causes").await.remove(0);
    let name = causes.keys().find(|name| name.starts_with("cause ")).unwrap().clone();
    let past = "2020-01-01T00:00:00.000Z";
    let aged = |in_acknowledgement: bool, time: &str| {
        let (mut causes, past) = (causes.clone(), AttributeValue::S(past.to_owned()));
        let AttributeValue::M(cause) = causes.get_mut(&name).unwrap() else { panic!("a cause is a map") };
        if in_acknowledgement {
            let AttributeValue::M(said) = cause.get_mut("acknowledgement").unwrap() else { panic!("a map") };
            said.insert(time.to_owned(), past);
        } else {
            cause.insert(time.to_owned(), past);
        }
        causes
    };
    table::put(&scene, aged(true, "expires_at")).await;
    assert_eq!(previously(&edge, second).await, json!([]), "it was for a time");
    table::put(&scene, aged(false, "kept_until")).await;
    assert_eq!(previously(&edge, second).await, json!([]), "its run is not kept any more");

    // The next acknowledgement tidies up.
    acknowledge(&edge, MANAGER, second, CONNECTION_CHECK, &json!({ "ack_reason": "known" })).await;
    let causes = table::stored(&scene, "acknowledged_causes").await.remove(0);
    let kept: Vec<_> = causes.keys().filter(|name| name.starts_with("cause ")).collect();
    assert_eq!(kept, [&format!("cause {CONNECTION_CHECK} {second}")]);
}
