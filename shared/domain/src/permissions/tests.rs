//! What is granted, what of it works, and how it meets what is required.

use super::*;
use crate::facts::TokenClaims;
use crate::testing::{cause, graph_facts, object_id, role};

fn grants(facts: &GraphFacts) -> Known<Grants> {
    Grants::from_facts(facts)
}

fn token(roles: &[&str]) -> TokenClaims {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    TokenClaims { tenant_id: None, roles, directory_roles: BTreeSet::new() }
}

#[test]
fn a_refused_source_hands_over_to_the_tokens_roles() {
    let mut facts = graph_facts();
    facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
    let known = grants(&facts).known().expect("the token tells").clone();
    assert_eq!((known.source, known.elsewhere), (GrantSource::TokenRoles, None));
    assert_eq!(known.unread.map(|cause| cause.reason), Some(Reason::PermissionDenied));
    facts.token = Some(token(&[]));
    assert!(grants(&facts).known().expect("a readable token tells").is_empty());
    facts.token = None;
    assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::PermissionDenied));
    facts.assignments = Known::Unknown(cause(Reason::Throttled));
    assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::Throttled));
}

#[test]
fn a_role_counts_on_graph_alone() {
    let mut facts = graph_facts();
    facts.token = None;
    let graph = object_id(1);
    let assignment = |app_role_id: ObjectId, resource_id: &ObjectId| AppRoleAssignment {
        app_role_id,
        resource_id: resource_id.clone(),
    };
    facts.assignments = Known::Known(vec![
        assignment(role("Organization.Read.All"), &graph),
        assignment(object_id(77), &graph),
        // Somebody's own app carries Graph's ids.
        assignment(role("User.Read.All"), &object_id(2)),
    ]);
    facts.graph_resource = Known::Known(graph);
    let known = grants(&facts).known().expect("assignments are known").clone();
    assert_eq!(Vec::from_iter(&known.names), ["Organization.Read.All"]);
    assert_eq!(Vec::from_iter(&known.unknown_roles), [object_id(77).as_str()]);
    assert_eq!(known.elsewhere, Some([role("User.Read.All")].into()));

    // Which of them are Graph's is not known: then nothing is.
    facts.graph_resource = Known::Unknown(cause(Reason::PermissionDenied));
    assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::PermissionDenied));
}

#[test]
fn what_was_granted_and_what_works_are_two_things() {
    let mut facts = graph_facts();
    facts.token = Some(token(&["User.Read.All", "Mail.Send"]));
    let graph = facts.graph_resource.known().expect("known").clone();
    let assigned = ["User.Read.All", "Group.Read.All"].map(role);
    let assigned = assigned.map(|app_role_id| AppRoleAssignment { app_role_id, resource_id: graph.clone() });
    facts.assignments = Known::Known(assigned.into());
    let known = grants(&facts).known().expect("both tell").clone();
    assert_eq!(Vec::from_iter(&known.pending), ["Group.Read.All"]);
    assert_eq!(Vec::from_iter(&known.revoked), ["Mail.Send"]);
    let of = |operation: &str| {
        let required = Manifest::built_in().requirements("intune").expect("defined");
        let requirement = required.into_iter().find(|it| it.operation == operation).expect("required");
        format!("{:?}", known.meet(&requirement, crate::testing::moment()))
    };
    assert_eq!(of("GET /users"), r#"By("User.Read.All")"#);
    assert_eq!(of("GET /groups"), r#"Soon("Group.Read.All")"#);
    assert_eq!(of("GET /devices"), "Missing");
}

#[test]
fn another_permission_that_graph_accepts_is_as_good_and_says_so() {
    let manifest = Manifest::built_in();
    let requirements = manifest.requirements("intune").expect("defined");
    let mut facts = graph_facts();
    facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
    facts.token = Some(token(&["Directory.Read.All", "Organization.Read.All", "DeviceManagementRBAC.ReadWrite.All"]));
    let grants = grants(&facts).known().expect("the token tells").clone();
    let inventory = PermissionInventory::compare(&grants, &requirements, manifest, crate::testing::moment());
    let row = |name: &str| inventory.rows.iter().find(|row| row.permission_key == name).expect("required");
    assert_eq!(row("Group.Read.All").status, PermissionStatus::Granted);
    assert_eq!(row("Group.Read.All").details.satisfied_by.as_deref(), Some("Directory.Read.All"));
    assert_eq!(row("Organization.Read.All").details.satisfied_by, None);
    let rbac = row("DeviceManagementRBAC.Read.All").details.satisfied_by.as_deref();
    assert_eq!(rbac, Some("DeviceManagementRBAC.ReadWrite.All"));
    assert_eq!(row("DeviceManagementApps.Read.All").status, PermissionStatus::Missing);
}

#[test]
fn a_refusal_of_any_kind_means_that_grants_may_not_be_read() {
    for (reason, told) in [
        (Reason::UnknownError, Reason::PermissionDenied),
        (Reason::PermissionDenied, Reason::PermissionDenied),
        (Reason::Throttled, Reason::Throttled),
        (Reason::DependencyUnreachable, Reason::DependencyUnreachable),
    ] {
        assert_eq!(unreadable(&cause(reason)).reason, told);
    }
}

#[test]
fn one_row_for_each_permission_as_bad_as_the_worst_of_its_operations() {
    let manifest = Manifest::built_in();
    let required = manifest.requirements("intune").expect("defined");
    let named = |name: &str| *required.iter().find(|it| it.name == name).expect("required");
    let (first, other) = (named("Group.Read.All"), named("DeviceManagementApps.Read.All"));
    assert_ne!(first.area, other.area);
    let mut facts = graph_facts();
    facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
    facts.token = Some(token(&["Directory.Read.All"]));
    let grants = grants(&facts).known().expect("the token tells").clone();
    // The same name for another operation, which accepts nothing of what is granted.
    let worse = Requirement { name: first.name, ..other };
    let delegated = Requirement { kind: PermissionType::Delegated, ..worse };
    for order in [[first, worse, delegated], [worse, first, delegated]] {
        let rows = PermissionInventory::compare(&grants, &order, manifest, crate::testing::moment()).rows;
        let told: Vec<_> =
            rows.iter().map(|row| (row.permission_type, row.status, row.details.features.len())).collect();
        let application = (PermissionType::Application, PermissionStatus::Missing, 2);
        assert_eq!(told, [application, (PermissionType::Delegated, PermissionStatus::Missing, 1)]);
        assert_eq!(rows[0].details.satisfied_by, None, "what is missing is satisfied by nothing");
    }
    let rows = PermissionInventory::compare(&grants, &[first, first], manifest, crate::testing::moment()).rows;
    assert_eq!((rows.len(), rows[0].details.features.len()), (1, 1), "the same twice is the same");
    let statuses = [PermissionStatus::Granted, PermissionStatus::Error, PermissionStatus::Missing];
    assert!(statuses.map(badness).is_sorted());
    assert!(badness(PermissionStatus::Granted) < badness(PermissionStatus::Error));
}

#[test]
fn of_operations_that_are_satisfied_alike_the_first_one_tells_by_what() {
    let manifest = Manifest::built_in();
    let required = manifest.requirements("intune").expect("defined");
    let named = |name: &str| *required.iter().find(|it| it.name == name).expect("required");
    let (groups, apps) = (named("Group.Read.All"), named("DeviceManagementApps.Read.All"));
    let mut facts = graph_facts();
    facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
    facts.token = Some(token(&["Directory.Read.All", "DeviceManagementApps.ReadWrite.All"]));
    let grants = grants(&facts).known().expect("the token tells").clone();
    let other = Requirement { name: groups.name, ..apps };
    for (order, by) in
        [([groups, other], "Directory.Read.All"), ([other, groups], "DeviceManagementApps.ReadWrite.All")]
    {
        let rows = PermissionInventory::compare(&grants, &order, manifest, crate::testing::moment()).rows;
        assert_eq!((rows.len(), rows[0].details.satisfied_by.as_deref()), (1, Some(by)));
    }
}

#[test]
fn a_delegated_permission_is_not_on_its_way_because_an_applications_is() {
    let required = Manifest::built_in().requirements("intune").expect("defined");
    let application = *required.iter().find(|it| it.name == "Group.Read.All").expect("required");
    let delegated = Requirement { kind: PermissionType::Delegated, ..application };
    let mut facts = graph_facts();
    facts.token.as_mut().expect("readable").roles.remove("Group.Read.All");
    facts.delegated = Some(Known::Known(BTreeSet::new()));
    let grants = grants(&facts).known().expect("both tell").clone();
    let at = crate::testing::moment();
    assert_eq!(grants.meet(&application, at), Met::Soon("Group.Read.All"));
    assert_eq!(grants.meet(&delegated, at), Met::Missing);
}

#[test]
fn a_delegated_permission_is_not_taken_back_because_an_applications_is() {
    let required = Manifest::built_in().requirements("intune").expect("defined");
    let application = *required.iter().find(|it| it.name == "Group.Read.All").expect("required");
    let delegated = Requirement { kind: PermissionType::Delegated, ..application };
    let mut facts = graph_facts();
    facts.assignments = Known::Known(Vec::new());
    facts.delegated = Some(Known::Known(BTreeSet::from(["Group.Read.All".to_owned()])));
    let grants = grants(&facts).known().expect("both tell").clone();
    let at = crate::testing::moment();
    assert_eq!(grants.meet(&application, at), Met::NoLonger("Group.Read.All"));
    assert_eq!(grants.meet(&delegated, at), Met::By("Group.Read.All"));
}
