//! Files that change nothing at all.

use serde_json::{Value, json};
use tenantcheck::apply::Options;

use super::{CONNECTION, Directory, example, example_with, options, refused};

super::on_both_emulators! {
    an_invalid_file_writes_nothing_and_names_every_problem,
    a_file_that_names_another_workspace_than_the_one_that_it_may_writes_nothing,
    too_many_removals_write_nothing_unless_they_are_permitted,
    a_fifth_may_be_removed,
}

async fn an_invalid_file_writes_nothing_and_names_every_problem(directory: Directory) {
    let mut file = example_with(&format!("{CONNECTION}/module"), json!("exchange"));
    file["workspaces"][0]["tenants"][0]["connections"][1]["is_default"] = json!(true);
    file["workspaces"][0]["tenants"][1]["verification_status"] = json!("healthy");
    let error = directory.apply(&file).await.expect_err("invalid");
    assert_eq!(error.exit().code(), 2);
    insta::assert_snapshot!("invalid_file", error.to_string());
    assert!(directory.items().await.is_empty());
}

async fn a_file_that_names_another_workspace_than_the_one_that_it_may_writes_nothing(directory: Directory) {
    let mut file = example();
    let mut other = json!({ "id": 7, "name": "Another", "memberships": [], "tenants": [] });
    other["memberships"] = json!([{ "user_id": "mallory", "role": "owner" }]);
    file["workspaces"].as_array_mut().unwrap().push(other);
    let applied = async |file: &Value, only: &str| {
        let options = Options { workspace: Some(only.parse().unwrap()), ..options() };
        directory.apply_with(file, &options, "2026-11-01T12:00:00Z").await
    };
    let refused = applied(&file, "1").await.expect_err("it names workspace 7").to_string();
    assert!(refused.contains("$.workspaces[1].id: workspace 7 is none that --workspace 1 permits"), "{refused}");
    assert!(directory.items().await.is_empty());
    file["workspaces"].as_array_mut().unwrap().pop();
    assert!(applied(&file, "7").await.is_err());
    applied(&file, "1").await.unwrap();
}

async fn too_many_removals_write_nothing_unless_they_are_permitted(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let before = directory.items().await;
    let mut file = example();
    file["workspaces"][0]["tenants"][0]["connections"].as_array_mut().unwrap().remove(1);
    file["workspaces"][0]["tenants"][0]["entitlements"].as_array_mut().unwrap().remove(1);
    let refusal = refused(directory.apply(&file).await);
    insta::assert_snapshot!("too_many_removals", refusal);
    assert_eq!(directory.items().await, before);
    assert_eq!(directory.replace(&file).await.changes().count(), 2);
}

async fn a_fifth_may_be_removed(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    // One of eight.
    let mut file = example();
    file["workspaces"][0]["memberships"].as_array_mut().unwrap().remove(2);
    assert_eq!(directory.apply(&file).await.unwrap().changes().count(), 1);
}
