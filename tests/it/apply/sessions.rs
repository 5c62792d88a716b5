//! Onboarding sessions: the host SaaS moves them on with the file, and a verification started from one of them leaves its pointer.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::directory::Entity;
use serde_json::{Value, json};
use store::{DirectoryCause, DirectorySubject};

use super::races::plan;
use super::{Directory, example, example_with, names, other_workspace, refused, tenant, text, time};

super::on_both_emulators! {
    a_session_is_created_changed_and_kept,
    a_session_enters_its_tenants_index_once_it_has_a_tenant,
    the_run_pointer_survives_another_change,
    a_run_pointer_written_meanwhile_is_never_overwritten,
    of_two_files_at_once_one_session_wins,
    sessions_that_a_file_does_not_name_stay,
    a_session_keeps_its_workspace_and_its_tenant,
    a_change_of_sessions_alone_is_audited,
}

/// The session of the example.
const SESSION: &str = "/workspaces/0/onboarding_sessions/0";

const CONTOSO: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

/// The example with its session at another step.
fn at_step(step: &str) -> Value {
    example_with(&format!("{SESSION}/current_step"), json!(step))
}

/// A session without a tenant.
fn unidentified(id: u64, entra_tenant: &str) -> Value {
    json!({
        "id": id, "entra_tenant_id": entra_tenant, "current_step": "identify", "started_by": "ada", "updated_by": "ada"
    })
}

fn pk(session: u64) -> String {
    format!("SESSION#{session:016}")
}

async fn stored(directory: &Directory, session: u64) -> HashMap<String, AttributeValue> {
    directory.items().await.remove(&(pk(session), "SESSION".to_owned())).expect("the session is stored")
}

/// What the state of a stored session points to.
fn state(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    text(item["state"].as_m().expect("the state is always a map"), name)
}

/// What a start from the session writes: its pointer, under the version that was read.
async fn point_to_run(directory: &Directory, session: u64, version: u64, run: u64) {
    let number = |number: u64| AttributeValue::N(number.to_string());
    let update = directory.client.update_item().table_name(&directory.table);
    let update = update.key("pk", AttributeValue::S(pk(session))).key("sk", AttributeValue::S("SESSION".to_owned()));
    update
        .update_expression("SET #state.#run = :run, #version = :next")
        .condition_expression("#version = :read")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#run", "verification_operation_run_id")
        .expression_attribute_names("#version", "version")
        .expression_attribute_values(":run", number(run))
        .expression_attribute_values(":read", number(version))
        .expression_attribute_values(":next", number(version + 1))
        .send()
        .await
        .unwrap();
}

async fn a_session_is_created_changed_and_kept(directory: Directory) {
    let created = directory.apply(&example()).await.unwrap();
    assert_eq!(names(&created).last().unwrap(), "onboarding session 6 (workspace 1): created");

    let mut file = at_step("done");
    file.pointer_mut(SESSION).unwrap()["updated_by"] = json!("ada");
    file.pointer_mut(SESSION).unwrap()["completed_at"] = json!("2026-11-01T10:00:00+01:00");
    let changed = directory.apply(&file).await.unwrap();
    assert_eq!(names(&changed), ["onboarding session 6 (workspace 1): changed current_step, updated_by, completed_at"]);
    let session = stored(&directory, 6).await;
    assert_eq!((text(&session, "current_step"), text(&session, "version")), ("done".to_owned(), "2".to_owned()));
    assert_eq!(text(&session, "completed_at"), "2026-11-01T09:00:00.000Z");

    let kept = directory.apply(&file).await.unwrap();
    assert_eq!((names(&kept).len(), kept.counts(Entity::Session).unchanged), (0, 1));
    assert_eq!(stored(&directory, 6).await, session);
}

async fn a_session_enters_its_tenants_index_once_it_has_a_tenant(directory: Directory) {
    let mut file = example_with(SESSION, unidentified(6, CONTOSO));
    directory.apply(&file).await.unwrap();
    assert_eq!(text(&stored(&directory, 6).await, "gsi1pk"), "-");

    let session = file.pointer_mut(SESSION).unwrap();
    session["tenant_id"] = json!(2);
    session["state"] = json!({ "provider_connection_id": 4 });
    let changed = directory.apply(&file).await.unwrap();
    assert_eq!(
        names(&changed),
        ["onboarding session 6 (workspace 1): changed tenant_id, state.provider_connection_id"]
    );
    let session = stored(&directory, 6).await;
    let entry = ["gsi1pk", "gsi1sk"].map(|name| text(&session, name));
    assert_eq!(entry, ["TENANT#0000000000000002", "SESSION#0000000000000006"]);
    assert_eq!(state(&session, "provider_connection_id"), "4");
}

async fn the_run_pointer_survives_another_change(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    point_to_run(&directory, 6, 1, 41).await;
    assert!(names(&directory.apply(&example()).await.unwrap()).is_empty(), "the pointer is no difference");

    directory.apply(&at_step("verify")).await.unwrap();
    let session = stored(&directory, 6).await;
    assert_eq!(state(&session, "verification_operation_run_id"), "41");
    assert_eq!((text(&session, "current_step"), text(&session, "version")), ("verify".to_owned(), "3".to_owned()));
}

async fn a_run_pointer_written_meanwhile_is_never_overwritten(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let mut file = at_step("verify");
    file["workspaces"][0]["name"] = json!("Northwind");
    let slow = plan(&directory, &file).await;
    point_to_run(&directory, 6, 1, 41).await;
    let pointed = stored(&directory, 6).await;

    let error = directory
        .store
        .apply_directory(&slow, &harness::directory::file(), time("2026-11-01T13:00:00Z"))
        .await
        .expect_err("overtaken");
    assert!(matches!(error.cause, DirectoryCause::Changed), "{error:?}");
    assert_eq!(error.subject, DirectorySubject::Session("6".parse().unwrap()));
    assert_eq!((error.written, error.planned), (1, 2), "the session comes last");
    assert_eq!(stored(&directory, 6).await, pointed);

    // The same file again does the rest.
    let again = directory.apply(&file).await.unwrap();
    assert_eq!(names(&again), ["onboarding session 6 (workspace 1): changed current_step"]);
    assert_eq!(state(&stored(&directory, 6).await, "verification_operation_run_id"), "41");
}

async fn of_two_files_at_once_one_session_wins(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let mut plans = [plan(&directory, &at_step("verify")).await, plan(&directory, &at_step("review")).await];
    // The workspace's guard is taken out of the race: the session's own must hold.
    for plan in &mut plans {
        plan.workspaces.clear();
    }
    let (file, now) = (harness::directory::file(), time("2026-11-01T13:00:00Z"));
    let (one, other) = tokio::join!(
        directory.store.apply_directory(&plans[0], &file, now),
        directory.store.apply_directory(&plans[1], &file, now)
    );
    let step = match (&one, &other) {
        (Ok(()), Err(lost)) if matches!(lost.cause, DirectoryCause::Changed) => "verify",
        (Err(lost), Ok(())) if matches!(lost.cause, DirectoryCause::Changed) => "review",
        both => panic!("not one winner: {both:?}"),
    };
    let session = stored(&directory, 6).await;
    assert_eq!((text(&session, "current_step"), text(&session, "version")), (step.to_owned(), "2".to_owned()));
}

async fn sessions_that_a_file_does_not_name_stay(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let before = stored(&directory, 6).await;
    let mut file = example_with("/workspaces/0/onboarding_sessions", json!([unidentified(8, CONTOSO)]));
    let summary = directory.apply(&file).await.unwrap();
    assert_eq!(names(&summary), ["onboarding session 8 (workspace 1): created"]);

    // Nor when none is named, and the tenant goes too.
    file["workspaces"][0].as_object_mut().unwrap().remove("onboarding_sessions");
    file["workspaces"][0]["tenants"].as_array_mut().unwrap().remove(1);
    let summary = directory.replace(&file).await;
    assert_eq!(
        names(&summary),
        ["tenant 5 (workspace 1): archived", "entitlement of ada (tenant 5): removed, role manager"]
    );
    assert_eq!(stored(&directory, 6).await, before);
    assert_eq!(text(&stored(&directory, 8).await, "version"), "1");
}

async fn a_session_keeps_its_workspace_and_its_tenant(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let before = directory.items().await;
    let mut file = other_workspace(7, &tenant(70, "70000000-0000-4000-8000-000000000000"));
    file["workspaces"][0]["onboarding_sessions"] = json!([unidentified(6, CONTOSO)]);
    insta::assert_snapshot!("session_elsewhere", refused(directory.apply(&file).await));

    let mut moved = example();
    moved.pointer_mut(SESSION).unwrap()["tenant_id"] = json!(2);
    moved.pointer_mut(SESSION).unwrap()["entra_tenant_id"] = json!(CONTOSO);
    let refusals = [refused(directory.apply(&moved).await), {
        moved.pointer_mut(SESSION).unwrap()["tenant_id"] = json!(null);
        refused(directory.apply(&moved).await)
    }];
    assert_eq!(refusals[0], refusals[1], "to another tenant or to none");
    insta::assert_snapshot!("session_of_another_tenant", refusals[0]);
    assert_eq!(directory.items().await, before);
}

async fn a_change_of_sessions_alone_is_audited(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let events = async || {
        let items = directory.items().await;
        items.values().filter(|item| text(item, "action") == "directory.applied").count()
    };
    let first = events().await;
    directory.apply(&at_step("verify")).await.unwrap();
    directory.apply(&at_step("verify")).await.unwrap();
    assert_eq!(events().await, first + 1);
}
