//! A file for an empty table, and the same file again.

use domain::directory::Entity;
use tenantcheck::apply::plan;

use super::{Directory, example, options};

super::on_both_emulators! {
    a_first_file_creates_everything_and_the_same_again_writes_nothing,
    a_plan_tells_everything_and_writes_nothing,
    a_tenant_larger_than_a_transaction_is_written_whole,
}

async fn a_first_file_creates_everything_and_the_same_again_writes_nothing(directory: Directory) {
    let summary = directory.apply(&example()).await.unwrap();
    insta::assert_snapshot!("first_summary", summary.to_string());
    insta::assert_snapshot!("first_keys", directory.keys().await);
    let before = directory.items().await;

    let again = directory.apply_with(&example(), &options(), "2026-12-24T00:00:00Z").await.unwrap();
    insta::assert_snapshot!("second_summary", again.to_string());
    assert_eq!(directory.items().await, before);
}

async fn a_plan_tells_everything_and_writes_nothing(directory: Directory) {
    let (text, now) = (example().to_string(), "2026-11-01T12:00:00Z".parse().unwrap());
    let planned = plan(&directory.store, text.as_bytes(), &options(), now).await.unwrap();
    assert_eq!(planned.summary().counts(Entity::Connection).created, 2);
    assert!(directory.items().await.is_empty());
}

async fn a_tenant_larger_than_a_transaction_is_written_whole(directory: Directory) {
    let mut file = example();
    let members: Vec<_> =
        (0..250).map(|it| serde_json::json!({ "user_id": format!("user-{it}"), "role": "readonly" })).collect();
    let workspace = &mut file["workspaces"][0];
    workspace["memberships"].as_array_mut().unwrap().extend(members.clone());
    workspace["tenants"][0]["entitlements"].as_array_mut().unwrap().extend(members);
    let connection = workspace["tenants"][0]["connections"][1].clone();
    let connections = (0..23).map(|it| {
        let mut connection = connection.clone();
        connection["id"] = (100 + it).into();
        connection
    });
    workspace["tenants"][0]["connections"].as_array_mut().unwrap().extend(connections);

    let summary = directory.apply(&file).await.unwrap();
    assert_eq!(summary.counts(Entity::Membership).created, 253);
    assert_eq!(summary.counts(Entity::Entitlement).created, 253);
    assert_eq!(summary.counts(Entity::Connection).created, 25);
    assert!(directory.apply(&file).await.unwrap().changes().next().is_none());

    // And taken away again.
    let summary = directory.replace(&example()).await;
    assert_eq!(summary.counts(Entity::Membership).removed, 250);
    assert_eq!(summary.counts(Entity::Connection).removed, 23);
    assert!(directory.apply(&example()).await.unwrap().changes().next().is_none());
}
