//! Whose apps are: for good, unless an operator says that they move.

use domain::directory::AppMoves;
use serde_json::{Value, json};
use store::DirectoryCause;
use tenantcheck::apply::{Options, plan};

use super::{Directory, example, names, options, other_workspace, refused, tenant, text, time};

super::on_both_emulators! {
    archiving_does_not_free_an_app_and_a_move_is_on_both_records,
    an_app_that_was_taken_meanwhile_is_not_taken_again,
    what_was_applied_before_there_were_reservations_is_reserved_by_the_next_file,
}

const CONTOSO: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const APP: &str = "11111111-2222-4333-8444-555555555555";
const NOW: &str = "2026-11-01T12:00:00Z";

/// The file of workspace 7, whose tenant has the Entra tenant of tenant 2 and the app of its connection 3.
fn newcomer() -> Value {
    let mut tenant = tenant(70, CONTOSO);
    let mut connection = example()["workspaces"][0]["tenants"][0]["connections"][0].clone();
    connection["id"] = json!(700);
    connection["credential"] = json!({ "kind": "federated" });
    tenant["connections"] = json!([connection]);
    other_workspace(7, &tenant)
}

/// The example with tenant 2, which has that app, archived.
fn archived() -> Value {
    let mut file = example();
    file["workspaces"][0]["tenants"][0]["status"] = json!("archived");
    file
}

fn moving() -> Options {
    Options { app_moves: AppMoves::Allowed, ..options() }
}

/// The apps that the trail of a workspace says were moved.
async fn moved(directory: &Directory, workspace: u64) -> Vec<String> {
    let items = directory.items().await;
    let partition = format!("AUDIT#{workspace:016}#");
    let events = items.iter().filter(|((pk, _), _)| pk.starts_with(&partition)).map(|(_, event)| event);
    let changes = events.filter_map(|event| event.get("changes")?.as_m().ok()?.get("apps")?.as_l().ok());
    changes.flatten().map(|app| text(app.as_m().unwrap(), "client_id")).collect()
}

async fn archiving_does_not_free_an_app_and_a_move_is_on_both_records(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    directory.apply(&archived()).await.unwrap();
    let before = directory.items().await;
    let refusal = refused(directory.apply(&newcomer()).await);
    assert!(refusal.contains("$.workspaces[0].tenants[0].connections[0].client_id: the app"), "{refusal}");
    assert!(refusal.contains("belongs to workspace 1, for good; --move-apps takes it from there"), "{refusal}");
    assert_eq!(directory.items().await, before);

    // Another app in the same Entra tenant is nobody's.
    let mut other = newcomer();
    other["workspaces"][0]["tenants"][0]["connections"][0]["client_id"] = json!("99999999-2222-4333-8444-555555555555");
    directory.apply(&other).await.unwrap();

    let summary = directory.apply_with(&newcomer(), &moving(), NOW).await.unwrap();
    let told = format!("app {APP} (Entra tenant {CONTOSO}): changed workspace 1 -> 7");
    assert!(names(&summary).contains(&told), "{summary}");
    assert_eq!((moved(&directory, 1).await, moved(&directory, 7).await), (vec![APP.to_owned()], vec![APP.to_owned()]));

    // The former workspace cannot have it back by its next file.
    let mut back = example();
    back["workspaces"][0]["tenants"][0]["name"] = json!("Contoso again");
    assert!(refused(directory.apply(&back).await).contains("belongs to workspace 7, for good"));
}

async fn an_app_that_was_taken_meanwhile_is_not_taken_again(directory: Directory) {
    let text = newcomer().to_string();
    let slow = plan(&directory.store, text.as_bytes(), &options(), time(NOW)).await.unwrap();
    directory.apply(&example()).await.unwrap();
    directory.apply(&archived()).await.unwrap();
    let error = slow.write(&directory.store, harness::directory::operator(), time(NOW)).await.expect_err("overtaken");
    let tenantcheck::apply::ApplyError::Write(error) = error else { panic!("{error}") };
    assert!(matches!(error.cause, DirectoryCause::Changed), "{error:?}");
    assert!(!directory.items().await.keys().any(|(_, sk)| sk == "CONNECTION#0000000000000700"));
}

async fn what_was_applied_before_there_were_reservations_is_reserved_by_the_next_file(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let app = format!("APP#{APP}#{CONTOSO}");
    directory.delete(&app, "WORKSPACE").await;
    let summary = directory.apply(&example()).await.unwrap();
    assert_eq!(names(&summary), [format!("app {APP} (Entra tenant {CONTOSO}): created, workspace 1")]);
    assert_eq!(text(&directory.items().await[&(app, "WORKSPACE".to_owned())], "workspace_id"), "1");
}
