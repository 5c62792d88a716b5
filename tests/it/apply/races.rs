//! Two operators at once: the table's conditions decide, not what was read before.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::directory::{AppMoves, Plan, Removals, StoredDirectory};
use serde_json::{Value, json};
use store::DirectoryCause;
use tenantcheck::file;

use super::{CONNECTION, Directory, example, example_with, other_workspace, tenant, text, time};

super::on_both_emulators! {
    a_plan_that_another_has_overtaken_is_not_written,
    two_workspaces_never_take_one_entra_tenant,
    racing_files_never_leave_two_defaults,
}

const FABRIKAM: &str = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff";

/// What a file changes, as it looks now.
pub(super) async fn plan(directory: &Directory, file: &Value) -> Plan {
    let now = time("2026-11-01T12:00:00Z");
    let wanted = file::parse(
        file.to_string().as_bytes(),
        &super::options().credentials,
        domain::manifest::Manifest::built_in(),
        now,
    )
    .unwrap();
    let stored: StoredDirectory = directory.store.load_directory(&wanted).await.unwrap();
    Plan::make(wanted, stored, Removals::Allowed, AppMoves::Refused, now).unwrap()
}

async fn a_plan_that_another_has_overtaken_is_not_written(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let slow = plan(&directory, &example_with(&format!("{CONNECTION}/is_enabled"), json!(false))).await;
    directory.apply(&example_with(&format!("{CONNECTION}/display_name"), json!("Contoso"))).await.unwrap();
    let before = directory.items().await;

    let error = directory
        .store
        .apply_directory(&slow, &harness::directory::file(), time("2026-11-01T13:00:00Z"))
        .await
        .expect_err("overtaken");
    assert!(matches!(error.cause, DirectoryCause::Changed), "{error:?}");
    assert_eq!((error.written, error.planned), (0, 2));
    assert_eq!(directory.items().await, before);
}

async fn two_workspaces_never_take_one_entra_tenant(directory: Directory) {
    let plans =
        [plan(&directory, &example()).await, plan(&directory, &other_workspace(7, &tenant(70, FABRIKAM))).await];
    let (file, now) = (harness::directory::file(), time("2026-11-01T13:00:00Z"));
    let (one, other) = tokio::join!(
        directory.store.apply_directory(&plans[0], &file, now),
        directory.store.apply_directory(&plans[1], &file, now)
    );
    let lost = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(matches!(lost[0].cause, DirectoryCause::Changed), "{lost:?}");
    let items = directory.items().await;
    let live =
        items.values().filter(|item| text(item, "entity") == "tenant" && text(item, "entra_tenant_id") == FABRIKAM);
    let holder = text(&items[&(format!("ENTRA#{FABRIKAM}"), "TENANT".to_owned())], "tenant_id");
    assert_eq!(live.map(|item| text(item, "id")).collect::<Vec<_>>(), [holder]);
}

async fn racing_files_never_leave_two_defaults(directory: Directory) {
    let mut neutral = example_with(&format!("{CONNECTION}/is_default"), json!(false));
    directory.apply(&neutral).await.unwrap();
    // Each file makes another connection the default, and no connection is in the way of the other.
    let mut plans = vec![plan(&directory, &example()).await];
    neutral["workspaces"][0]["tenants"][0]["connections"][1]["is_default"] = json!(true);
    plans.push(plan(&directory, &neutral).await);
    let (file, now) = (harness::directory::file(), time("2026-11-01T13:00:00Z"));
    // The workspaces' guard is taken out of the race: the tenant's own must hold.
    for plan in &mut plans {
        plan.workspaces.clear();
    }
    let (one, other) = tokio::join!(
        directory.store.apply_directory(&plans[0], &file, now),
        directory.store.apply_directory(&plans[1], &file, now)
    );
    assert_eq!([one.is_ok(), other.is_ok()].into_iter().collect::<BTreeSet<_>>().len(), 2, "{one:?} {other:?}");
    let items = directory.items().await;
    let defaults = items.values().filter(|item| item.get("is_default") == Some(&AttributeValue::Bool(true)));
    assert_eq!(defaults.count(), 1);
}
