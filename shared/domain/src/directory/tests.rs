//! Directory files against what is stored: every edit, refusal and limit of the plan.

mod app_reservations;
mod sessions;

use super::*;
use crate::tenant::TenantStatus;
use crate::testing;
use crate::time::Timestamp;

fn workspace_id(id: u64) -> WorkspaceId {
    WorkspaceId::try_from(id).expect("an id")
}

fn tenant_id(id: u64) -> TenantId {
    TenantId::try_from(id).expect("an id")
}

fn user(name: &str) -> UserId {
    UserId::try_from(name.to_owned()).expect("a user id")
}

fn later() -> Timestamp {
    testing::now() + std::time::Duration::from_hours(1)
}

fn membership(name: &str) -> Membership {
    Membership { workspace_id: workspace_id(1), user_id: user(name), role: Role::Operator }
}

fn entitlement(tenant: u64, name: &str) -> Entitlement {
    let tenant_id = tenant_id(tenant);
    Entitlement { workspace_id: workspace_id(1), tenant_id, user_id: user(name), role: Role::Operator }
}

fn tenant(id: u64) -> WantedTenant {
    let tenant = Tenant { id: tenant_id(id), entra_tenant_id: testing::guid(id), ..testing::tenant() };
    WantedTenant { tenant, entitlements: vec![entitlement(id, "ada")], connections: Vec::new() }
}

fn connection(id: u64, tenant: u64) -> ProviderConnection {
    let id = ConnectionId::try_from(id).expect("an id");
    ProviderConnection { id, tenant_id: tenant_id(tenant), ..testing::connection() }
}

/// Workspace 1 with three members and the tenants 2 (two connections) and 5.
fn file() -> WantedWorkspace {
    let connections = vec![connection(3, 2), ProviderConnection { is_default: false, ..connection(4, 2) }];
    WantedWorkspace {
        workspace: Workspace { id: workspace_id(1), name: "Northwind".to_owned() },
        memberships: ["ada", "grace", "linus"].map(membership).to_vec(),
        tenants: vec![WantedTenant { connections, ..tenant(2) }, tenant(5)],
        sessions: Vec::new(),
    }
}

/// What is stored after a file was applied.
fn applied(files: &[WantedWorkspace]) -> StoredDirectory {
    fn first<T: Clone>(value: &T) -> Versioned<T> {
        Versioned { value: value.clone(), version: 1 }
    }
    let mut stored = StoredDirectory::default();
    for WantedWorkspace { workspace, memberships, tenants, sessions } in files {
        stored.workspaces.insert(workspace.id, first(workspace));
        stored.memberships.extend(memberships.iter().map(first));
        stored.sessions.extend(sessions.iter().map(|it| (it.id, it.clone())));
        for WantedTenant { tenant, entitlements, connections } in tenants {
            let entitlements = entitlements.iter().map(first).collect();
            let connections = connections.clone();
            let apps = connections.iter().filter_map(|it| Some((AppInTenant::of(it)?, workspace.id)));
            stored.app_reservations.extend(apps);
            stored.connection_reservations.extend(connections.iter().map(|it| (it.id, tenant.id)));
            if tenant.status != TenantStatus::Archived {
                stored.entra_reservations.insert(tenant.entra_tenant_id.parse().expect("a GUID"), tenant.id);
            }
            stored.tenants.insert(tenant.id, StoredTenant { tenant: first(tenant), entitlements, connections });
        }
    }
    stored
}

fn plan(file: WantedWorkspace, stored: StoredDirectory) -> Result<Plan, Vec<Refusal>> {
    Plan::make(vec![file], stored, Removals::Allowed, AppMoves::Refused, later())
}

fn shown(plan: &Plan) -> String {
    plan.lines().iter().map(|line| format!("{line}\n")).collect()
}

fn refused(result: Result<Plan, Vec<Refusal>>) -> Vec<String> {
    result.expect_err("a refusal").iter().map(ToString::to_string).collect()
}

#[test]
fn a_first_file_creates_everything() {
    let plan = plan(file(), StoredDirectory::default()).expect("a plan");
    insta::assert_snapshot!("first_file", shown(&plan));
    assert!(plan.tenants.iter().all(|edits| edits.entra.takes.is_some() && edits.entra.frees.is_none()));
}

#[test]
fn the_same_file_again_changes_nothing() {
    let plan = plan(file(), applied(&[file()])).expect("a plan");
    assert!(plan.lines().iter().all(|line| line.action == Action::Unchanged), "{}", shown(&plan));
    assert!(plan.changed_workspaces().is_empty());
    assert!(plan.tenants.iter().all(|edits| edits.entra == EntraReservation::default()));
}

#[test]
fn every_difference_is_named() {
    let stored = applied(&[file()]);
    let mut file = file();
    file.workspace.name = "Northwind Managed Services".to_owned();
    file.memberships[1].role = Role::Manager;
    file.memberships[2] = membership("margaret");
    file.tenants[0].tenant.name = "Contoso Ltd".to_owned();
    file.tenants[0].tenant.status = TenantStatus::Pending;
    file.tenants[0].entitlements[0].role = Role::Manager;
    file.tenants[0].entitlements.push(entitlement(2, "grace"));
    let connection = &mut file.tenants[0].connections[0];
    connection.is_enabled = false;
    connection.consent_status = crate::connection::ConsentStatus::Revoked;
    connection.credential.reference = Some("/tenantcheck/test/1/other".to_owned());
    file.tenants[0].connections.remove(1);
    file.tenants.remove(1);
    let plan = plan(file, stored).expect("a plan");
    insta::assert_snapshot!("every_difference", shown(&plan));
    assert_eq!(plan.changed_workspaces().into_iter().collect::<Vec<_>>(), [workspace_id(1)]);
}

#[test]
fn the_trail_names_each_right_that_changes_and_counts_the_rest() {
    let stored = applied(&[file()]);
    let mut file = file();
    file.memberships[1].role = Role::Owner;
    file.memberships[2] = membership("margaret");
    file.tenants[0].entitlements[0].role = Role::Readonly;
    file.tenants[0].connections[0].is_enabled = false;
    file.tenants.remove(1);
    let plan = plan(file, stored).expect("a plan");
    let mut changes = DirectoryChanges::default();
    for edits in &plan.workspaces {
        changes.merge(DirectoryChanges::of(&edits.workspace));
        edits.memberships.iter().for_each(|edit| changes.merge(DirectoryChanges::of(edit)));
    }
    for edits in &plan.tenants {
        changes.merge(DirectoryChanges::of(&edits.tenant));
        edits.entitlements.iter().for_each(|edit| changes.merge(DirectoryChanges::of(edit)));
        edits.connections.iter().for_each(|edit| changes.merge(DirectoryChanges::of(edit)));
        edits.apps.iter().for_each(|edit| changes.merge(DirectoryChanges::of(edit)));
    }
    insta::assert_json_snapshot!("changes", changes);
}

#[test]
fn a_single_edit_of_any_kind_changes_its_workspace() {
    let edits: [fn(&mut WantedWorkspace); 5] = [
        |file| file.workspace.name.clear(),
        |file| file.memberships[0].role = Role::Manager,
        |file| file.tenants[0].tenant.name.clear(),
        |file| file.tenants[0].entitlements[0].role = Role::Manager,
        |file| file.tenants[0].connections[0].is_enabled = false,
    ];
    for edit in edits {
        let mut file = file();
        edit(&mut file);
        let plan = plan(file, applied(&[self::file()])).expect("a plan");
        assert_eq!(plan.changed_workspaces(), [workspace_id(1)].into(), "{}", shown(&plan));
        assert_eq!(plan.lines().iter().filter(|line| line.action != Action::Unchanged).count(), 1);
    }
}

#[test]
fn every_edit_but_a_creation_follows_what_is_stored() {
    let mut file = file();
    file.memberships = vec![membership("ada"), Membership { role: Role::Manager, ..membership("grace") }];
    file.memberships.push(membership("margaret"));
    let plan = plan(file, applied(&[self::file()])).expect("a plan");
    let before = plan.workspaces[0].memberships.iter().map(Edit::before);
    let before: Vec<_> = before.map(|before| before.map(|it| (it.value.clone(), it.version))).collect();
    let stored = |name| Some((membership(name), 1));
    assert_eq!(before, [stored("ada"), stored("grace"), stored("linus"), None], "kept, changed, removed and new");
}

#[test]
fn a_connection_moves_on_only_when_its_configuration_changes() {
    let mut stored = applied(&[file()]);
    for connection in &mut stored.tenants.get_mut(&tenant_id(2)).expect("stored").connections {
        connection.version = 7;
    }
    let mut file = file();
    file.tenants[0].connections[0].updated_at = later();
    file.tenants[0].connections[1].is_enabled = false;
    file.tenants[0].connections.push(ProviderConnection { version: 9, is_default: false, ..connection(6, 2) });
    let plan = plan(file, stored).expect("a plan");
    let after = plan.tenants[0].connections.iter().filter_map(Edit::after);
    let after: Vec<_> = after.map(|connection| (connection.version, connection.updated_at)).collect();
    assert_eq!(after, [(7, testing::now()), (8, later()), (1, later())], "kept, changed and new");
}

#[test]
fn an_archived_tenant_frees_its_entra_tenant_for_the_next_one() {
    let stored = applied(&[file()]);
    let mut file = file();
    // Tenant 5 is gone, and the tenant before it takes its place.
    file.tenants.remove(1);
    file.tenants[0].tenant.entra_tenant_id = testing::guid(5);
    let plan = plan(file, stored).expect("a plan");
    let order: Vec<_> = plan.tenants.iter().map(TenantEdits::tenant_id).collect();
    assert_eq!(order, [tenant_id(5), tenant_id(2)], "who frees comes first");
    let guid = |number| Some(testing::guid(number).parse().expect("a GUID"));
    assert_eq!(plan.tenants[0].entra, EntraReservation { frees: guid(5), takes: None });
    assert_eq!(plan.tenants[1].entra, EntraReservation { frees: guid(2), takes: guid(5) });
}

#[test]
fn an_entra_tenant_whose_holder_keeps_it_goes_to_nobody_else() {
    let stored = applied(&[file()]);
    let mut file = file();
    file.tenants[0].tenant.entra_tenant_id = testing::guid(5);
    assert_eq!(
        refused(plan(file, stored)),
        ["the Entra tenant 00000000-0000-4000-8000-000000000005 is held by tenant 5; archiving that one frees it"]
    );
}

#[test]
fn a_circle_of_entra_tenants_is_refused() {
    let stored = applied(&[file()]);
    let mut file = file();
    file.tenants[0].tenant.entra_tenant_id = testing::guid(5);
    file.tenants[1].tenant.entra_tenant_id = testing::guid(2);
    assert_eq!(
        refused(plan(file, stored)),
        ["tenants 2, 5 pass their Entra tenants round in a circle; archive one of them first"]
    );
}

#[test]
fn what_lives_elsewhere_stays_there() {
    let mut other = file();
    other.workspace.id = workspace_id(9);
    for tenant in &mut other.tenants {
        tenant.tenant.workspace_id = workspace_id(9);
    }
    let mut file = file();
    // 2 is a tenant of the other workspace; 6 wants a connection and the Entra tenant of one.
    file.tenants = vec![tenant(2), WantedTenant { connections: vec![connection(3, 6)], ..tenant(6) }];
    file.tenants[1].tenant.entra_tenant_id = testing::guid(5);
    assert_eq!(
        refused(plan(file, applied(&[other]))),
        [
            "tenant 2 belongs to workspace 9, and a tenant never moves to another workspace",
            "connection 3 belongs to tenant 2, and a connection never moves to another tenant",
            "the app 11111111-2222-4333-8444-555555555555 in the Entra tenant aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee belongs to workspace 9, \
             for good; --move-apps takes it from there",
            "the Entra tenant 00000000-0000-4000-8000-000000000005 is held by tenant 5; archiving that one frees it",
        ]
    );
}

#[test]
fn more_than_a_fifth_is_removed_only_when_permitted() {
    let members =
        |count: usize| -> Vec<Membership> { (0..count).map(|it| membership(&format!("user-{it}"))).collect() };
    let file = |count| WantedWorkspace { memberships: members(count), tenants: Vec::new(), ..file() };
    let stored = || applied(&[file(10)]);
    let limited = |count| Plan::make(vec![file(count)], stored(), Removals::Limited, AppMoves::Refused, later());
    assert!(limited(8).is_ok());
    assert_eq!(
        refused(limited(7)),
        [
            "3 of 10 memberships, entitlements and connections would be removed, more than 20 %; --allow-removals permits it"
        ]
    );
    assert!(plan(file(7), stored()).is_ok());
}
