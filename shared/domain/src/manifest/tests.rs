//! The built-in manifest, and what an operator's file may add to it.

use super::*;
use crate::graph_permission::GraphPermission;
use crate::testing;

#[test]
fn the_built_in_manifest_keeps_its_own_schema_and_defines_what_it_names() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../permission-manifest.json")).expect("JSON");
    crate::schema::PermissionManifestSchema::validate(&file).expect("the published form");
    let manifest = Manifest::built_in().clone().complete().expect("every name is defined");
    assert_eq!(manifest.areas.len(), Area::ALL.len(), "every area has its needs");
    for areas in manifest.modules.values() {
        assert!(areas.keys().all(|area| manifest.areas.contains_key(area)));
    }
    for (name, operation) in &manifest.operations {
        let Accepted { ask, accepts } = operation.application.as_ref().expect("apps call it");
        for permission in std::iter::once(ask).chain(accepts.iter().map(|alternative| &alternative.name)) {
            let known = GraphPermission::named(permission).and_then(|permission| permission.id.as_ref());
            assert!(known.is_some(), "{name}: {permission} is none of Graph's");
        }
    }
    for (name, dangerous) in &manifest.dangerous_permissions {
        let on_graph = GraphPermission::named(name).is_some();
        // Two of Graph's are not in Microsoft's data and have no id there.
        let without_id = name.starts_with("RoleManagementPolicy.");
        assert!(on_graph || dangerous.id.is_some() || without_id, "{name} would never be found");
        assert!(!dangerous.why.is_empty());
    }
}

#[test]
fn what_a_large_public_msp_app_asks_for_is_all_that_intune_needs() {
    let asked = [
        "Application.ReadWrite.All",
        "Device.ReadWrite.All",
        "DeviceManagementApps.ReadWrite.All",
        "DeviceManagementConfiguration.ReadWrite.All",
        "DeviceManagementManagedDevices.ReadWrite.All",
        "DeviceManagementRBAC.ReadWrite.All",
        "DeviceManagementScripts.ReadWrite.All",
        "DeviceManagementServiceConfig.ReadWrite.All",
        "Directory.ReadWrite.All",
        "Domain.ReadWrite.All",
        "Group.ReadWrite.All",
        "GroupMember.ReadWrite.All",
        "Organization.ReadWrite.All",
        "Policy.Read.All",
        "RoleManagement.ReadWrite.Directory",
        "User.ReadWrite.All",
        "UserAuthenticationMethod.ReadWrite.All",
    ];
    for module in ["intune", "intune_basic"] {
        for requirement in Manifest::built_in().requirements(module).expect("defined") {
            let met = requirement.accepted(testing::moment()).any(|(name, _)| asked.contains(&name));
            assert!(met, "{module}: {} needs one of {:?}", requirement.operation, requirement.accepts);
        }
    }
}

#[test]
fn intune_basic_is_intune_without_scripts() {
    let manifest = Manifest::built_in();
    assert_eq!(manifest.modules().collect::<Vec<_>>(), ["intune", "intune_basic"]);
    let names = |module| -> Vec<&str> {
        manifest.requirements(module).expect("defined").iter().map(|requirement| requirement.name).collect()
    };
    let mut full = names("intune");
    for _scripts_then_remediations in 0..2 {
        assert_eq!(full.pop(), Some("DeviceManagementScripts.Read.All"));
    }
    assert_eq!(names("intune_basic"), full);
    assert_eq!(manifest.requirements("exchange"), None);
}

#[test]
fn writing_needs_what_reading_needs_and_more() {
    let manifest = Manifest::built_in();
    let names = |access| -> Vec<&str> {
        manifest.of_area(Area::ConditionalAccess, access).iter().map(|requirement| requirement.name).collect()
    };
    assert_eq!(names(Access::Read), ["Policy.Read.All", "Policy.Read.All"]);
    assert_eq!(names(Access::Write), ["Policy.Read.All", "Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"]);
}

#[test]
fn the_extension_that_is_built_in_can_be_used() {
    if let Err(error) = Manifest::deployed() {
        panic!("{EXTENSION_FILE}: {error}");
    }
}

#[test]
fn an_empty_extension_adds_nothing_and_any_other_is_taken_or_refused() {
    let built_in = Manifest::built_in();
    let nothing = extension::with_extension(b"{}\n").expect("nothing to add");
    assert!(std::ptr::eq(&raw const *nothing, built_in), "not even a copy is made");
    let more = extension::with_extension(br#"{"version":"acme-1"}"#).expect("a valid extension");
    assert_eq!(more.version(), format!("{}+acme-1", built_in.version()));
    for file in ["", "[]", "null", r#"{"modules":{}}"#, r#"{"version":"1","modules":{"intune":{"core":"read"}}}"#] {
        assert!(extension::with_extension(file.as_bytes()).is_err(), "{file}");
    }
}

#[test]
fn an_operators_file_adds_operations_calls_and_modules() {
    let file = r#"{
        "version": "acme-1",
        "operations": {
            "GET /users/{id}/calendars": { "application": { "ask": "Calendars.Read", "accepts": ["Calendars.ReadWrite"] } },
            "GET /me": { "delegated": { "ask": "User.Read" } }
        },
        "areas": { "reports": { "read": ["GET /users/{id}/calendars", "GET /me"] } },
        "modules": { "calendars": { "core": "read", "reports": "write" } }
    }"#;
    let manifest = Manifest::built_in().extended(file.as_bytes()).expect("a valid extension");
    assert_eq!(manifest.version(), format!("{}+acme-1", Manifest::built_in().version()));
    let required: Vec<_> =
        manifest.requirements("calendars").expect("defined").iter().map(|it| (it.name, it.kind)).collect();
    let application = PermissionType::Application;
    assert_eq!(
        required,
        [
            ("Organization.Read.All", application),
            ("Reports.Read.All", application),
            ("Calendars.Read", application),
            ("User.Read", PermissionType::Delegated),
        ]
    );
    assert_eq!(manifest.requirements("intune"), Manifest::built_in().requirements("intune"));
}

#[test]
fn an_operators_file_says_otherwise_on_purpose_alone() {
    let file = r#"{
        "version": "acme-1",
        "operations": { "GET /users": {
            "application": { "ask": "User.ReadBasic.All", "accepts": ["User.Read.All"] },
            "overrides": "we show names alone"
        } }
    }"#;
    let manifest = Manifest::built_in().extended(file.as_bytes()).expect("a valid extension");
    let users = manifest.requirements("intune").expect("defined");
    let users = users.iter().find(|requirement| requirement.operation == "GET /users").expect("called");
    assert_eq!((users.name, users.overridden), ("User.ReadBasic.All", Some("we show names alone")));
}

#[test]
fn an_operators_file_may_have_a_byte_order_mark_and_is_utf_8() {
    let extended = |file: &[u8]| Manifest::built_in().extended(file).map(|manifest| manifest.version().to_owned());
    let marked = extended(b"\xef\xbb\xbf{\"version\":\"acme-1\"}").expect("a valid extension");
    assert!(marked.ends_with("+acme-1"), "{marked}");
    assert_eq!(
        extended(b"\xff\xfe{\0}\0").expect_err("not UTF-8").to_string(),
        "the file is in UTF-16; save it as UTF-8"
    );
}

#[test]
fn an_operators_file_must_define_what_it_names_and_changes_nothing_by_accident() {
    let refused = |file: &str| Manifest::built_in().extended(file.as_bytes()).expect_err(file).to_string();
    let refusals = [
        "{",
        "{}",
        r#"{"version":"1","extra":true}"#,
        r#"{"version":"1","areas":{"kitchen":{}}}"#,
        r#"{"version":"1","application_permissions":{}}"#,
        r#"{"version":"1","operations":{"users":{"application":{"ask":"A"}}}}"#,
        r#"{"version":"1","operations":{"GET /a":{}}}"#,
        r#"{"version":"1","operations":{"GET /a":{"application":{"accepts":["A"]}}}}"#,
        r#"{"version":"1","operations":{"GET /users":{"application":{"ask":"A"}}}}"#,
        r#"{"version":"1","operations":{"GET /a":{"application":{"ask":"A"},"overrides":"nothing"}}}"#,
        r#"{"version":"1","modules":{"intune":{"core":"read"}}}"#,
        r#"{"version":"1","dangerous_permissions":{"Mail.Send":{"path":"direct","why":"mail"}}}"#,
        r#"{"version":"1","dangerous_permissions":{"A.B":{"path":"winding","why":"x"}}}"#,
        r#"{"version":"1","areas":{"core":{"read":["GET /nobody/knows"]}}}"#,
    ]
    .map(|file| format!("{file}\n  {}\n", refused(file)));
    insta::assert_snapshot!("refused_manifests", refusals.concat());
}
