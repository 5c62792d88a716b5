//! A connection that another operation holds.

use aws_sdk_dynamodb::types::AttributeValue;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, Scene};

use super::{VERIFICATIONS, items, messages, stored};

/// Makes the connection's active run one of another operation, as a newer program would leave it.
pub(crate) async fn hold_with_another_operation(scene: &Scene) {
    scene.queued_run().await;
    let mut slot = stored(scene, "active_slot").await.pop().expect("the run holds its connection");
    slot.insert("type".to_owned(), AttributeValue::S("permissions.refresh".to_owned()));
    slot.insert("run_identity_hash".to_owned(), AttributeValue::S("0".repeat(64)));
    let client = aws_sdk_dynamodb::Client::new(&scene.sandbox.aws);
    client
        .put_item()
        .table_name(&scene.sandbox.table)
        .set_item(Some(slot))
        .send()
        .await
        .expect("the table takes an item");
}

#[tokio::test]
async fn a_connection_that_another_operation_holds_is_busy() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    hold_with_another_operation(&scene).await;
    let uncounted = async || {
        let mut items = items(&scene).await;
        items.retain(|key, _| !key.starts_with("CALLER#"));
        items
    };
    let before = uncounted().await;
    let answer = edge.start(OPERATOR, VERIFICATIONS).await;
    let active = answer.json()["active_run"]["id"].as_u64().expect("the active run is named");
    let text = answer.print().replace(&active.to_string(), "[run]");
    insta::assert_snapshot!("scope_busy", text);
    assert!(uncounted().await == before, "nothing is written but that somebody asked");
    assert_eq!(messages(&scene).await, 0);
}
