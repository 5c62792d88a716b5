//! What is granted: by which witness, and what of it is dangerous.

use super::*;
use crate::graph_permission::GraphPermission;

#[test]
fn a_dangerous_grant_that_nothing_needs_is_warned_about() {
    let verdict = decide(&graph(|facts| {
        facts.assignments = forbidden();
        let roles = &mut facts.token.as_mut().expect("readable").roles;
        roles.extend(["Mail.Send".to_owned(), "RoleManagement.ReadWrite.Directory".to_owned(), "Mail.Read".to_owned()]);
    }));
    let check = found(&verdict, &CheckKey::EXCESSIVE);
    assert_eq!(
        (check.verdict.status(), check.severity, check.blocking),
        (CheckStatus::Warn, Severity::Critical, false)
    );
    let named = check.evidence.iter().filter(|it| it.kind == EvidenceKind::ExcessivePermission);
    let named: Vec<_> = named.map(|it| serde_json::json!(it.value)).collect();
    assert_eq!(named, ["Mail.Send", "RoleManagement.ReadWrite.Directory"]);
    assert_eq!(Overall::of(&verdict.checks), Overall::NeedsAttention);
}

#[test]
fn a_dangerous_role_of_another_api_is_known_by_its_id() {
    let manage_as_app = "dc50a0fb-09a3-484d-be87-e023b12c6440".parse().expect("a GUID");
    let verdict = decide(&graph(|facts| {
        let Known::Known(assignments) = &mut facts.assignments else { panic!("known") };
        assignments.push(AppRoleAssignment { app_role_id: manage_as_app, resource_id: testing::object_id(9) });
    }));
    let check = found(&verdict, &CheckKey::EXCESSIVE);
    assert_eq!(
        serde_json::json!(check.evidence),
        serde_json::json!([
            {"kind":"excessive_permission","value":"Exchange.ManageAsApp"},
            {"kind":"danger","value":"data_access"},
            {"kind":"why","value":"manages Exchange as an app"},
        ])
    );
}

#[test]
fn a_permission_that_graph_will_soon_not_accept_is_warned_about_until_it_is_missing() {
    let file = r#"{"version":"1","operations":{"GET /deviceAppManagement/mobileApps":{
        "application":{"ask":"DeviceManagementApps.Read.All","accepts":[
            {"permission":"DeviceManagementManagedDevices.Read.All","until":"2026-12-31","clouds":["global"]}]},
        "overrides":"it was so"}},
        "areas":{"intune.apps":{"read":["GET /deviceAppManagement/mobileApps"]}},
        "modules":{"apps":{"core":"read"}}}"#;
    let mut rules = testing::rules();
    rules.manifest = testing::extended(file);
    let connection = testing::connection();
    let at = |now: &str| {
        let facts = graph(|facts| without(facts, "DeviceManagementApps.Read.All"));
        let mut runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
        runnable.requirements.retain(|requirement| requirement.operation == "GET /deviceAppManagement/mobileApps");
        let verdict = evaluate(&facts, &runnable, &rules, now.parse().expect("a time"));
        let check = found(&verdict, &CheckKey::INTUNE_APPS);
        let evidence: Vec<_> =
            check.evidence.iter().map(|it| format!("{}={}", it.kind, serde_json::json!(it.value))).collect();
        format!("{} {} {}", check.verdict.status(), check.verdict.code(), evidence.join(" "))
    };
    assert!(at("2026-10-31T00:00:00Z").starts_with("pass ok"), "{}", at("2026-10-31T00:00:00Z"));
    assert_eq!(
        at("2026-11-01T00:00:00Z"),
        r#"warn provider_permission_ending ending_permission="DeviceManagementManagedDevices.Read.All" accepted_until="2026-12-31" replaced_by="DeviceManagementApps.Read.All""#
    );
    assert!(at("2026-12-31T00:00:00Z").starts_with("fail provider_permission_missing"));
}

#[test]
fn consent_is_the_step_where_it_helps_and_the_registration_where_it_does_not() {
    let steps = |asks: Option<&[&str]>| {
        let verdict = decide(&graph(|facts| {
            without(facts, "DeviceManagementApps.Read.All");
            let Some(Known::Known(registration)) = &mut facts.registration else { panic!("known") };
            registration.asks = asks.map(|names| names.iter().map(|name| testing::role(name)).collect());
        }));
        let check = found(&verdict, &CheckKey::INTUNE_APPS);
        check.next_steps.iter().map(|step| step.label.clone()).collect::<Vec<_>>()
    };
    let consent = "Grant admin consent";
    assert_eq!(steps(Some(&["DeviceManagementApps.Read.All"])), [consent]);
    assert_eq!(steps(Some(&["User.Read.All"])), ["Add the permissions to the app registration", consent]);
    assert_eq!(steps(None), [consent, "If consent does not help: add the permissions to the app registration"]);
}

#[test]
fn the_registration_is_no_step_where_no_permission_is_missing_from_it() {
    let steps = |facts: &Facts, key: &CheckKey| -> Vec<String> {
        found(&decide(facts), key).next_steps.iter().map(|step| step.label.clone()).collect()
    };
    let consent = "Grant admin consent";
    let unnamed = Facts::NoToken(cause(Reason::ProviderConsentMissing));
    assert_eq!(steps(&unnamed, &CheckKey::CONNECTION), [consent]);
    let taken_back = graph(|facts| {
        without(facts, "DeviceManagementApps.Read.All");
        token(facts).roles.insert("DeviceManagementApps.Read.All".to_owned());
    });
    assert_eq!(steps(&taken_back, &CheckKey::INTUNE_APPS), [consent]);
}

#[test]
fn what_an_operator_says_otherwise_is_told_whether_or_not_it_is_granted() {
    let file = r#"{"version":"1","operations":{"GET /users":{
        "application":{"ask":"User.ReadBasic.All","accepts":["User.Read.All"]},"overrides":"we show names alone"}}}"#;
    let mut rules = testing::rules();
    rules.manifest = testing::extended(file);
    let connection = testing::connection();
    let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
    let told = |facts| {
        let verdict = evaluate(&facts, &runnable, &rules, testing::now());
        let check = found(&verdict, &CheckKey::DIRECTORY_GROUPS);
        let overridden = check.evidence.iter().filter(|it| it.kind == EvidenceKind::OverriddenOperation);
        (check.verdict.status(), overridden.cloned().collect::<Vec<_>>())
    };
    let overridden = vec![Evidence::text(EvidenceKind::OverriddenOperation, "GET /users: we show names alone")];
    assert_eq!(told(graph(|_| ())), (CheckStatus::Pass, overridden.clone()));
    assert_eq!(told(graph(|facts| without(facts, "User.Read.All"))), (CheckStatus::Fail, overridden));
}

fn token(facts: &mut GraphFacts) -> &mut TokenClaims {
    facts.token.as_mut().expect("readable")
}

#[test]
fn a_permission_that_microsoft_calls_otherwise_from_now_on_is_not_fatal() {
    let verdict = decide(&graph(|facts| {
        token(facts).roles.remove("DeviceManagementApps.Read.All");
        token(facts).roles.insert("DeviceManagementApps.ReadEverything.All".to_owned());
    }));
    let apps = found(&verdict, &CheckKey::INTUNE_APPS);
    assert_eq!(apps.verdict, Verdict::Warn(Reason::ProviderPermissionPending));
    assert_eq!(Overall::of(&verdict.checks), Overall::NeedsAttention);
}

#[test]
fn what_is_granted_and_not_in_effect_yet_or_taken_back_and_still_in_effect_is_never_red() {
    let apps = |facts: Facts| {
        let verdict = decide(&facts);
        let check = found(&verdict, &CheckKey::INTUNE_APPS);
        (check.verdict, Overall::of(&verdict.checks))
    };
    let name = "DeviceManagementApps.Read.All";
    let pending = (Verdict::Warn(Reason::ProviderPermissionPending), Overall::NeedsAttention);
    assert_eq!(apps(graph(|facts| assert!(token(facts).roles.remove(name)))), pending);
    let revoked = (Verdict::Warn(Reason::ProviderPermissionRevoked), Overall::NeedsAttention);
    let taken_back = graph(|facts| {
        without(facts, name);
        token(facts).roles.insert(name.to_owned());
    });
    assert_eq!(apps(taken_back), revoked);
}

#[test]
fn a_directory_role_is_a_grant_and_a_privileged_one_is_critical() {
    let global_administrator = "62e90394-69f5-4237-9190-012177145e10".parse().expect("a GUID");
    let verdict = decide(&graph(|facts| {
        facts.assignments = Known::Known(Vec::new());
        *token(facts) = TokenClaims {
            tenant_id: Some(testing::entra_tenant_id()),
            roles: BTreeSet::new(),
            directory_roles: [global_administrator].into(),
        };
    }));
    let consent = found(&verdict, &CheckKey::ADMIN_CONSENT);
    assert_eq!(consent.verdict, Verdict::Fail(Reason::ProviderPermissionMissing));
    let excessive = found(&verdict, &CheckKey::EXCESSIVE);
    assert_eq!((excessive.verdict.status(), excessive.severity), (CheckStatus::Warn, Severity::Critical));
    assert_eq!(
        serde_json::json!(excessive.evidence),
        serde_json::json!([
            {"kind":"directory_role","value":"Global Administrator"},
            {"kind":"danger","value":"direct"},
        ])
    );
}

#[test]
fn every_dangerous_permission_is_found_alone_with_its_severity() {
    let mut table = String::new();
    let listed = Manifest::built_in().dangerous_permissions().map(|(name, _)| name);
    let level_4 = GraphPermission::all().filter(|(_, permission)| permission.is_highly_privileged());
    let names: BTreeSet<&str> = listed.chain(level_4.map(|(name, _)| name)).collect();
    for name in names {
        let verdict = decide(&graph(|facts| {
            facts.assignments = forbidden();
            token(facts).roles.insert(name.to_owned());
        }));
        let check = found(&verdict, &CheckKey::EXCESSIVE);
        let needed = Manifest::built_in().requirements("intune").expect("defined").iter().any(|it| it.name == name);
        assert_eq!(check.verdict.problem() == Some(Reason::ProviderPermissionExcessive), !needed, "{name}");
        let why = check.evidence.iter().filter(|it| it.kind != EvidenceKind::ExcessivePermission);
        let why = why.map(|it| serde_json::json!(it.value).to_string()).collect::<Vec<_>>().join(" ");
        let severity = if needed { "needed" } else { check.severity.as_str() };
        table += &format!("{severity:8} {name} {}\n", if needed { "" } else { &why });
    }
    insta::assert_snapshot!("dangerous_permissions", table);
}

#[test]
fn only_what_graph_itself_says_is_no_plain_pass() {
    let verdict = decide(&graph(|facts| facts.assignments = forbidden()));
    let excessive = found(&verdict, &CheckKey::EXCESSIVE);
    assert_eq!(excessive.verdict, Verdict::Warn(Reason::PermissionDenied));
    assert!(excessive.message.contains("Only the permissions on Microsoft Graph"), "{}", excessive.message);
}
