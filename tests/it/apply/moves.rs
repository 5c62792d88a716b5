//! Ids and Entra tenants that belong to somebody else.

use serde_json::{Value, json};

use super::{Directory, example, names, other_workspace, refused, tenant};

super::on_both_emulators! {
    a_tenant_or_connection_never_moves_and_an_entra_tenant_has_one_live_tenant,
    a_connection_does_not_move_within_its_workspace_either,
    a_removed_connections_id_is_free_again,
    archiving_frees_the_entra_tenant_for_another_workspace,
    one_file_frees_and_takes_an_entra_tenant,
}

const CONTOSO: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const FABRIKAM: &str = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff";

/// A connection of tenant 70 with the id of one of tenant 2.
fn with_connection_3(mut tenant: Value) -> Value {
    let mut connection = example()["workspaces"][0]["tenants"][0]["connections"][0].clone();
    connection["entra_tenant_id"] = tenant["entra_tenant_id"].clone();
    connection["credential"]["reference"] = json!("/tenantcheck/local/7/contoso");
    tenant["connections"] = json!([connection]);
    tenant
}

async fn a_tenant_or_connection_never_moves_and_an_entra_tenant_has_one_live_tenant(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let before = directory.items().await;
    let mut file = other_workspace(7, &tenant(2, "70000000-0000-4000-8000-000000000000"));
    let tenants = file["workspaces"][0]["tenants"].as_array_mut().unwrap();
    tenants.push(with_connection_3(tenant(70, "71000000-0000-4000-8000-000000000000")));
    tenants.push(tenant(71, FABRIKAM));
    insta::assert_snapshot!("elsewhere", refused(directory.apply(&file).await));
    assert_eq!(directory.items().await, before);
}

async fn a_connection_does_not_move_within_its_workspace_either(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let mut file = example();
    let tenants = &mut file["workspaces"][0]["tenants"];
    let mut connection = tenants[0]["connections"].as_array_mut().unwrap().remove(0);
    connection["entra_tenant_id"] = json!(FABRIKAM);
    tenants[1]["connections"].as_array_mut().unwrap().push(connection);
    let refusal = refused(directory.apply(&file).await);
    assert!(
        refusal.contains("$.workspaces[0].tenants[1].connections[0].id: connection 3 belongs to tenant 2"),
        "{refusal}"
    );
}

async fn a_removed_connections_id_is_free_again(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let mut file = example();
    file["workspaces"][0]["tenants"][0]["connections"] = json!([]);
    directory.replace(&file).await;
    let other = other_workspace(7, &with_connection_3(tenant(70, "71000000-0000-4000-8000-000000000000")));
    let summary = names(&directory.apply(&other).await.unwrap());
    assert!(summary.iter().any(|name| name.starts_with("connection 3 (tenant 70): created, ")), "{summary:?}");
}

async fn archiving_frees_the_entra_tenant_for_another_workspace(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let other = other_workspace(7, &tenant(70, FABRIKAM));
    let refusal = refused(directory.apply(&other).await);
    assert!(refusal.contains("$.workspaces[0].tenants[0].entra_tenant_id"), "{refusal}");

    let mut archived = example();
    archived["workspaces"][0]["tenants"][1]["status"] = json!("archived");
    assert_eq!(names(&directory.apply(&archived).await.unwrap()), ["tenant 5 (workspace 1): archived"]);
    directory.apply(&other).await.unwrap();
    let refusal = refused(directory.apply(&example()).await);
    assert!(refusal.contains(&format!("the Entra tenant {FABRIKAM} is held by tenant 70")), "{refusal}");
}

async fn one_file_frees_and_takes_an_entra_tenant(directory: Directory) {
    directory.apply(&example()).await.unwrap();
    let mut file = example();
    file["workspaces"][0]["tenants"][1]["status"] = json!("archived");
    // The taker stands before the one that frees.
    file["workspaces"][0]["tenants"].as_array_mut().unwrap().insert(0, tenant(1, FABRIKAM));
    let summary = directory.apply(&file).await.unwrap();
    assert_eq!(names(&summary), ["tenant 5 (workspace 1): archived", "tenant 1 (workspace 1): created"]);
    assert!(directory.apply(&file).await.unwrap().changes().next().is_none());

    // Two that swap cannot both be first.
    let mut swapped = file.clone();
    swapped["workspaces"][0]["tenants"][0]["entra_tenant_id"] = json!(CONTOSO);
    swapped["workspaces"][0]["tenants"][1]["entra_tenant_id"] = json!(FABRIKAM);
    for connection in swapped["workspaces"][0]["tenants"][1]["connections"].as_array_mut().unwrap() {
        connection["entra_tenant_id"] = json!(FABRIKAM);
    }
    let refusal = refused(directory.apply(&swapped).await);
    assert!(refusal.contains("in a circle"), "{refusal}");
}
