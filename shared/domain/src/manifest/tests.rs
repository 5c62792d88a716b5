//! The built-in manifest, and what an operator's file may add to it.

use super::*;

#[test]
fn the_built_in_manifest_keeps_its_own_schema_and_defines_what_it_names() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../permission-manifest.json")).expect("JSON");
    crate::schema::PermissionManifestSchema::validate(&file).expect("the published form");
    let manifest = Manifest::built_in().clone().complete().expect("every name is defined");
    assert_eq!(manifest.areas.len(), Area::ALL.len(), "every area has its needs");
    for areas in manifest.modules.values() {
        assert!(areas.keys().all(|area| manifest.areas.contains_key(area)));
    }
    let ids: Vec<_> = manifest.application_permissions.values().filter_map(|it| it.id.as_ref()).collect();
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an id stands twice");
}

#[test]
fn intune_basic_is_intune_without_scripts() {
    let manifest = Manifest::built_in();
    assert_eq!(manifest.modules().collect::<Vec<_>>(), ["intune", "intune_basic"]);
    let names = |module| -> Vec<&str> {
        manifest.requirements(module).expect("defined").iter().map(|requirement| requirement.name).collect()
    };
    let mut full = names("intune");
    assert_eq!(full.pop(), Some("DeviceManagementScripts.Read.All"));
    assert_eq!(names("intune_basic"), full);
    assert_eq!(manifest.requirements("exchange"), None);
}

#[test]
fn writing_needs_what_reading_needs_and_more() {
    let manifest = Manifest::built_in();
    let names = |access| -> Vec<&str> {
        manifest.of_area(Area::ConditionalAccess, access).iter().map(|requirement| requirement.name).collect()
    };
    assert_eq!(names(Access::Read), ["Policy.Read.ConditionalAccess"]);
    let write = ["Policy.Read.ConditionalAccess", "Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"];
    assert_eq!(names(Access::Write), write);
}

#[test]
fn an_operators_file_adds_permissions_needs_and_modules() {
    let file = r#"{
        "version": "acme-1",
        "application_permissions": { "Calendars.Read": { "id": "798ee544-9d2d-430c-a058-570e29e34338" } },
        "delegated_permissions": { "User.Read": {} },
        "areas": { "reports": { "read": { "application": ["Calendars.Read"], "delegated": ["User.Read"] } } },
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
fn an_operators_file_can_take_nothing_away_and_must_define_what_it_names() {
    let refused = |file: &str| Manifest::built_in().extended(file.as_bytes()).expect_err(file).to_string();
    let refusals = [
        "{",
        "{}",
        r#"{"version":"1","extra":true}"#,
        r#"{"version":"1","areas":{"kitchen":{}}}"#,
        r#"{"version":"1","application_permissions":{"A":{"id":"x"}}}"#,
        r#"{"version":"1","modules":{"intune":{"core":"read"}}}"#,
        r#"{"version":"1","application_permissions":{"Mail.Send":{}}}"#,
        r#"{"version":"1","areas":{"core":{"read":{"application":["Nobody.Knows"]}}}}"#,
        r#"{"version":"1","areas":{"core":{"read":{"delegated":["Mail.Send"]}}}}"#,
        r#"{"version":"1","application_permissions":{"A.Read":{"satisfied_by":["A.ReadWrite"]}}}"#,
    ]
    .map(|file| format!("{file}\n  {}\n", refused(file)));
    insta::assert_snapshot!("refused_manifests", refusals.concat());
}
