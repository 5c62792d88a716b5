//! Files for a table with something in it.

use serde_json::json;

use super::{CONNECTION, Directory, example, example_with, names, options, text};

super::on_both_emulators! {
    a_connection_moves_on_only_when_its_configuration_changes,
    the_default_passes_from_one_connection_to_another,
    what_a_file_does_not_name_is_removed_or_archived_and_history_stays,
    workspaces_that_a_file_does_not_name_stay_as_they_are,
    each_transaction_that_changes_something_has_its_audit_event,
}

async fn a_connection_moves_on_only_when_its_configuration_changes(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let noon = "2026-11-01T12:00:00.000Z".to_owned();
    assert_eq!(directory.versions(2).await, [(3, noon.clone(), 1), (4, noon.clone(), 1)]);

    let mut file = example_with(&format!("{CONNECTION}/is_enabled"), json!(false));
    file.pointer_mut(CONNECTION).unwrap()["consent_status"] = json!("revoked");
    // A GUID in other letters is the same one.
    file["workspaces"][0]["tenants"][0]["entra_tenant_id"] = json!("AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE");
    let summary = directory.apply_with(&file, &options(), "2026-11-02T08:30:00Z").await.unwrap();
    assert_eq!(names(&summary), ["connection 3 (tenant 2): changed is_enabled, consent_status"]);
    let later = "2026-11-02T08:30:00.000Z".to_owned();
    assert_eq!(directory.versions(2).await, [(3, later, 2), (4, noon, 1)]);
}

async fn the_default_passes_from_one_connection_to_another(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let mut file = example_with(&format!("{CONNECTION}/is_default"), json!(false));
    file["workspaces"][0]["tenants"][0]["connections"][1]["is_default"] = json!(true);
    let summary = directory.apply(&file).await.unwrap();
    assert_eq!(
        names(&summary),
        ["connection 3 (tenant 2): changed is_default", "connection 4 (tenant 2): changed is_default"]
    );
}

async fn what_a_file_does_not_name_is_removed_or_archived_and_history_stays(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    directory.put("TENANT#0000000000000002", "STATE#abc").await;

    let mut file = example();
    let workspace = &mut file["workspaces"][0];
    workspace["memberships"].as_array_mut().unwrap().remove(2);
    workspace["tenants"].as_array_mut().unwrap().remove(0);
    workspace["tenants"][0]["status"] = json!("archived");
    let summary = directory.replace(&file).await;
    insta::assert_snapshot!("removals_summary", summary.to_string());
    insta::assert_snapshot!("removals_keys", directory.keys().await);
    assert!(directory.apply(&file).await.unwrap().changes().next().is_none(), "an archived tenant stays archived");

    let back = directory.apply(&example()).await.unwrap();
    insta::assert_snapshot!("restored_summary", back.to_string());
}

async fn workspaces_that_a_file_does_not_name_stay_as_they_are(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let before = directory.items().await;
    let other = super::other_workspace(7, &super::tenant(70, "70000000-0000-4000-8000-000000000000"));
    directory.apply(&other).await.unwrap();
    directory.apply(&json!({ "workspaces": [] })).await.unwrap();
    let after = directory.items().await;
    assert!(before.iter().all(|(key, item)| after.get(key) == Some(item)));
}

async fn each_transaction_that_changes_something_has_its_audit_event(directory: Directory) {
    let mut file = example();
    let other = super::other_workspace(7, &super::tenant(70, "70000000-0000-4000-8000-000000000000"));
    file["workspaces"].as_array_mut().unwrap().push(other["workspaces"][0].clone());
    directory.apply(&file).await.unwrap();
    directory.apply(&file).await.unwrap();
    file["workspaces"][1]["tenants"][0]["name"] = json!("Woodgrove Bank");
    directory.apply(&file).await.unwrap();
    let items = directory.items().await;
    let events = |workspace: u64| {
        let partition = format!("AUDIT#{workspace:016}#2026-11-01");
        let events = items.iter().filter(|((pk, _), _)| pk.starts_with(&partition));
        events.filter(|(_, item)| text(item, "action") == "directory.applied").count()
    };
    // Workspace 1, its tenants 2 and 5, and its onboarding session; workspace 7, and its tenant twice.
    assert_eq!((events(1), events(7)), (4, 3));
}
