//! Whose apps are.

use super::*;

const APP: &str = "11111111-2222-4333-8444-555555555555";

/// The file of workspace 9, whose tenant has taken over the Entra tenant of tenant 2 and uses this app.
fn newcomer(client_id: &str) -> WantedWorkspace {
    let workspace_id = workspace_id(9);
    let connection = ProviderConnection { workspace_id, client_id: client_id.to_owned(), ..connection(70, 7) };
    let mut tenant = WantedTenant { entitlements: Vec::new(), connections: vec![connection], ..tenant(7) };
    tenant.tenant.workspace_id = workspace_id;
    tenant.tenant.entra_tenant_id = testing::guid(2);
    WantedWorkspace {
        workspace: Workspace { id: workspace_id, name: "Newcomer".to_owned() },
        memberships: Vec::new(),
        tenants: vec![tenant],
        sessions: Vec::new(),
    }
}

/// What is stored when tenant 2 was archived: its Entra tenant is free, its app is not.
fn archived() -> StoredDirectory {
    let mut stored = applied(&[file()]);
    stored.entra_reservations.clear();
    stored
}

fn moved(file: WantedWorkspace, stored: StoredDirectory, moves: AppMoves) -> Result<Plan, Vec<Refusal>> {
    Plan::make(vec![file], stored, Removals::Allowed, moves, later())
}

#[test]
fn an_app_stays_with_the_workspace_that_had_it_first() {
    assert_eq!(
        refused(moved(newcomer(APP), archived(), AppMoves::Refused)),
        [format!(
            "the app {APP} in the Entra tenant {} belongs to workspace 1, for good; --move-apps takes it from there",
            testing::connection().entra_tenant_id
        )]
    );
    let another = moved(newcomer(&testing::guid(8)), archived(), AppMoves::Refused).expect("nobody has that one");
    assert!(another.tenants[0].apps.iter().all(|edit| matches!(edit, Edit::Create(_))));
}

#[test]
fn an_operator_may_move_an_app_and_the_trail_says_from_where() {
    let plan = moved(newcomer(APP), archived(), AppMoves::Allowed).expect("it is permitted");
    let edit = &plan.tenants[0].apps[0];
    let moved = AppMove::of(edit).expect("it moves");
    assert_eq!((moved.before, moved.after), (workspace_id(1), workspace_id(9)));
    assert!(shown(&plan).contains(": changed workspace 1 -> 9\n"), "{}", shown(&plan));
    // Its own stays its own, whatever is permitted.
    let again = self::moved(file(), applied(&[file()]), AppMoves::Allowed).expect("a plan");
    assert!(again.tenants.iter().flat_map(|edits| &edits.apps).all(|edit| !edit.is_change()));
}

#[test]
fn one_file_cannot_give_an_app_to_two_workspaces() {
    let files = vec![file(), newcomer(APP)];
    let result = Plan::make(files, StoredDirectory::default(), Removals::Allowed, AppMoves::Allowed, later());
    assert!(refused(result)[0].ends_with("belongs to workspace 1, for good by this very file"));
}

#[test]
fn an_app_that_nobody_has_is_taken_by_a_connection_that_does_not_change() {
    let mut stored = applied(&[file()]);
    stored.app_reservations.clear();
    let plan = plan(file(), stored).expect("a plan");
    assert_eq!(plan.tenants[0].apps.len(), 1, "both connections use the same app");
    assert!(plan.tenants[0].is_change() && !plan.tenants[1].is_change());
    assert_eq!(plan.changed_workspaces(), [workspace_id(1)].into());
}

#[test]
fn a_connection_without_usable_ids_needs_no_app() {
    let broken = ProviderConnection { client_id: "not a GUID".to_owned(), ..connection(3, 2) };
    assert_eq!(AppInTenant::of(&broken), None);
}
