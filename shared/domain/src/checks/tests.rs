//! Every row of the outcome table, from literal facts.

mod app_state;
mod gates;
mod grants;

use std::collections::BTreeSet;
use std::fmt::Write;

use super::*;
use crate::check::{CheckKey, CheckStatus, Severity};
use crate::connection::{ConnectionType, CredentialKind};
use crate::facts::{AppRegistration, AppRoleAssignment, AssignedPlan, Cause, Organization, TokenClaims};
use crate::failure::Failures;
use crate::manifest::PermissionType;
use crate::operation_run::Outcome;
use crate::permissions::PermissionStatus;
use crate::testing::{self, cause};

fn decide(facts: &Facts) -> Evaluation {
    decide_for("intune", facts)
}

fn decide_for(module: &str, facts: &Facts) -> Evaluation {
    let rules = testing::rules();
    let mut connection = testing::connection();
    module.clone_into(&mut connection.module);
    let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
    evaluate(facts, &runnable, &rules, testing::now())
}

fn graph(change: impl FnOnce(&mut GraphFacts)) -> Facts {
    let mut facts = testing::graph_facts();
    change(&mut facts);
    Facts::Token(facts)
}

fn without(facts: &mut GraphFacts, name: &str) {
    let id = testing::role(name);
    facts.token.as_mut().expect("readable").roles.remove(name);
    let Known::Known(assignments) = &mut facts.assignments else { panic!("known") };
    assignments.retain(|assignment| assignment.app_role_id != id);
}

fn other_organization() -> Known<Organization> {
    Known::Known(Organization { id: testing::guid(5).parse().expect("a GUID"), ..testing::organization() })
}

fn forbidden<T>() -> Known<T> {
    Known::Unknown(cause(Reason::PermissionDenied))
}

/// Every call of Graph ends the same way.
fn all(facts: &mut GraphFacts, cause: &Cause) {
    facts.organization = Known::Unknown(cause.clone());
    facts.service_principal = Known::Unknown(cause.clone());
    facts.assignments = Known::Unknown(cause.clone());
    facts.graph_resource = Known::Unknown(cause.clone());
}

fn found<'a>(verdict: &'a Evaluation, key: &CheckKey) -> &'a Check {
    verdict.checks.iter().find(|check| check.key == *key).expect("every check is in every report")
}

#[test]
fn every_row_of_the_outcome_table_is_decided_as_written() {
    let rows = [
        ("all well", graph(|_| ())),
        ("scripts permission missing", graph(|facts| without(facts, "DeviceManagementScripts.Read.All"))),
        ("apps permission missing", graph(|facts| without(facts, "DeviceManagementApps.Read.All"))),
        (
            "token without roles, no grant anywhere",
            graph(|facts| {
                facts.organization = forbidden();
                facts.assignments = forbidden();
                facts.token.as_mut().expect("readable").roles = BTreeSet::new();
            }),
        ),
        ("Entra refuses the secret", Facts::NoToken(cause(Reason::ProviderCredentialSecretInvalid))),
        ("Entra refuses for an unknown reason", Facts::NoToken(cause(Reason::UnknownError))),
        ("Graph refuses the token", graph(|facts| all(facts, &cause(Reason::ProviderGraphTokenRejected)))),
        ("organization differs", graph(|facts| facts.organization = other_organization())),
        ("throttled at the token", Facts::NoToken(cause(Reason::Throttled))),
        ("down at Graph", graph(|facts| all(facts, &cause(Reason::DependencyUnreachable)))),
        ("throttled at the organization", graph(|facts| facts.organization = Known::Unknown(cause(Reason::Throttled)))),
        (
            "organization forbidden, token unreadable",
            graph(|facts| {
                facts.organization = forbidden();
                facts.token = None;
            }),
        ),
        (
            "grants forbidden by every source",
            graph(|facts| {
                facts.assignments = forbidden();
                facts.token = None;
            }),
        ),
        (
            "grants throttled by every source",
            graph(|facts| {
                facts.assignments = Known::Unknown(cause(Reason::Throttled));
                facts.token = None;
            }),
        ),
    ];
    let mut table = String::new();
    for (name, facts) in &rows {
        let verdict = decide(facts);
        let sealed = testing::seal(verdict.checks.clone());
        let result = match sealed.failures() {
            None => "succeeded".to_owned(),
            Some(failures) => {
                let causes: Vec<_> =
                    failures.as_slice().iter().map(|it| format!("{} x{}", it.code, it.count)).collect();
                format!("failed ({})", causes.join(", "))
            }
        };
        assert_eq!(
            Outcome::of(&sealed).is_verified(),
            verdict.health.is_some(),
            "{name}: health follows what could be seen"
        );
        let health = verdict.health.map_or("unchanged".to_owned(), |health| {
            format!("{} ({})", health.status, health.last_error.map_or("-".to_owned(), |code| code.to_string()))
        });
        writeln!(
            table,
            "# {name}\n{result}, {}, health {health}, inventory {}",
            sealed.overall(),
            verdict.inventory.is_some()
        )
        .expect("a String takes every write");
        for check in &verdict.checks {
            let blocking = if check.blocking { "blocking" } else { "" };
            writeln!(
                table,
                "  {:38} {:4} {:8} {blocking:8} {}",
                check.key,
                check.verdict.status().as_str(),
                check.severity.as_str(),
                check.verdict.code()
            )
            .expect("a String takes every write");
        }
    }
    insta::assert_snapshot!("outcome_table", table);
}

#[test]
fn a_module_that_needs_nothing_of_a_cluster_skips_its_check() {
    let verdict = decide_for("intune_basic", &graph(|facts| without(facts, "DeviceManagementScripts.Read.All")));
    let scripts = found(&verdict, &CheckKey::SCRIPTS_REMEDIATIONS);
    assert_eq!(scripts.verdict, Verdict::Skip(Skip::NotApplicable));
    assert_eq!(Overall::of(&verdict.checks), Overall::Ready);
}

#[test]
fn an_unreadable_token_is_never_taken_for_a_token_without_roles() {
    let unreadable = decide(&graph(|facts| {
        facts.assignments = forbidden();
        facts.token = None;
    }));
    assert_eq!(unreadable.inventory, None);
    let without_roles = decide(&graph(|facts| {
        facts.assignments = forbidden();
        facts.token = Some(TokenClaims {
            tenant_id: Some(testing::entra_tenant_id()),
            roles: BTreeSet::new(),
            directory_roles: BTreeSet::new(),
        });
    }));
    assert!(without_roles.inventory.is_some());
}

#[test]
fn a_finding_names_what_is_missing_for_which_feature_and_the_next_step() {
    let verdict = decide(&graph(|facts| {
        without(facts, "DeviceManagementApps.Read.All");
        without(facts, "DeviceManagementServiceConfig.Read.All");
    }));
    let failed: Vec<_> = verdict.checks.iter().filter(|check| check.verdict.status() == CheckStatus::Fail).collect();
    insta::assert_json_snapshot!("missing_permissions", failed);
}

fn secrets_until(ends: impl IntoIterator<Item = Option<Timestamp>>) -> AppRegistration {
    AppRegistration { secrets: ends.into_iter().collect(), certificates: None, asks: None }
}

#[test]
fn a_credential_is_warned_about_at_60_15_and_1_days_and_fails_when_it_has_expired() {
    let day = std::time::Duration::from_hours(24);
    let now = testing::now();
    let hour = std::time::Duration::from_hours(1);
    let mut table = String::new();
    for (name, at) in [
        ("61 days", now + day * 61),
        ("60 days and an hour", now + day * 60 + hour),
        ("60 days", now + day * 60),
        ("16 days", now + day * 16),
        ("15 days", now + day * 15),
        ("25 hours", now + day + hour),
        ("1 day", now + day),
        ("an hour", now + hour),
        ("now", now),
        ("yesterday", now - day),
    ] {
        let verdict = decide(&graph(|facts| facts.registration = Some(Known::Known(secrets_until([Some(at)])))));
        let check = found(&verdict, &CheckKey::CREDENTIAL_EXPIRY);
        let overall = Overall::of(&verdict.checks);
        table += &format!(
            "{name}: {} {} {}, overall {overall}\n",
            check.verdict.status(),
            check.severity,
            check.verdict.code()
        );
    }
    insta::assert_snapshot!("credential_expiry", table);
}

#[test]
fn the_best_source_tells_when_a_credential_expires() {
    let day = std::time::Duration::from_hours(24);
    let now = testing::now();
    let evidence = |kind, typed: Option<Timestamp>, change: &dyn Fn(&mut GraphFacts)| {
        let rules = testing::rules();
        let mut connection = testing::connection();
        connection.credential.kind = kind;
        connection.credential.expires_at = typed;
        let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
        let verdict = evaluate(&graph(|facts| change(facts)), &runnable, &rules, now);
        let check = found(&verdict, &CheckKey::CREDENTIAL_EXPIRY).clone();
        let evidence = check.evidence.iter().map(|it| format!("{}={}", it.kind, serde_json::json!(it.value)));
        format!("{} {} {}\n", check.verdict.status(), check.verdict.code(), evidence.collect::<Vec<_>>().join(" "))
    };
    let secrets = |facts: &mut GraphFacts, days: &[u32]| {
        facts.registration = Some(Known::Known(secrets_until(days.iter().map(|days| Some(now + day * *days)))));
    };
    let none = |facts: &mut GraphFacts| facts.registration = None;
    let unreadable = |facts: &mut GraphFacts| facts.registration = Some(Known::Unknown(cause(Reason::Throttled)));
    let secret = CredentialKind::ClientSecret;
    let rows = [
        ("one secret", evidence(secret, None, &|facts| secrets(facts, &[90]))),
        ("two secrets, one of them spent", evidence(secret, None, &|facts| secrets(facts, &[0, 40, 90]))),
        ("the day that was typed", evidence(secret, Some(now + day * 90), &|facts| secrets(facts, &[40, 90]))),
        ("another day was typed", evidence(secret, Some(now + day * 91), &|facts| secrets(facts, &[40, 90]))),
        ("unreadable, typed", evidence(secret, Some(now + day * 10), &unreadable)),
        ("unreadable", evidence(secret, None, &unreadable)),
        ("not asked, typed", evidence(secret, Some(now - day), &none)),
        (
            "one spent, one without an end",
            evidence(secret, None, &|facts| {
                facts.registration = Some(Known::Known(secrets_until([Some(now - day), None])));
            }),
        ),
        ("no secret at all", evidence(secret, None, &|facts| secrets(facts, &[]))),
        (
            "certificate",
            evidence(CredentialKind::Certificate, Some(now + day), &|facts| {
                facts.certificate_expires_at = Some(now + day * 300);
            }),
        ),
        ("federated", evidence(CredentialKind::Federated, Some(now), &none)),
    ];
    let table: String = rows.iter().map(|(name, row)| format!("{name}: {row}")).collect();
    insta::assert_snapshot!("expiry_sources", table);
}

#[test]
fn a_missing_licence_skips_what_it_would_break_and_an_unknown_one_does_not() {
    let plan = |service: &str, enabled| AssignedPlan { service: service.to_owned(), plan_id: None, enabled };
    let skipped = |plans: Vec<AssignedPlan>| -> Vec<String> {
        let organization = Organization { plans, ..testing::organization() };
        let verdict = decide(&graph(|facts| facts.organization = Known::Known(organization)));
        let skipped =
            verdict.checks.iter().filter(|check| check.verdict.code() == Reason::ProviderLicenseMissing.code());
        skipped.map(|check| format!("{} {}", check.key, check.verdict.status())).collect()
    };
    let all = [
        "permissions.intune_configuration skip",
        "permissions.intune_apps skip",
        "permissions.intune_rbac_assignments skip",
        "permissions.scripts_remediations skip",
    ];
    assert_eq!(skipped(vec![plan("exchange", true)]), all);
    assert_eq!(skipped(vec![plan("exchange", true), plan("SCO", false)]), all);
    let of_id = |id: &str| AssignedPlan { plan_id: Some(id.parse().expect("a GUID")), ..plan("SCO", true) };
    let basic_mobility = || of_id("882e1d05-acd1-4ccb-8708-6ee03664b117");
    assert_eq!(skipped(vec![basic_mobility()]), all, "Basic Mobility and Security is not Intune");
    assert!(skipped(vec![basic_mobility(), of_id("c1ec4a95-1f05-45b3-a911-aa3fa01094f5")]).is_empty());
    assert!(skipped(vec![plan("SCO", true)]).is_empty());
    assert!(skipped(Vec::new()).is_empty(), "a list that may not be read looks like an empty one");
}

#[test]
fn a_licence_that_could_not_be_looked_at_is_said_and_never_green() {
    let of = |organization: Known<Organization>| -> Vec<String> {
        let verdict = decide(&graph(|facts| facts.organization = organization));
        let unsure = verdict.checks.iter().filter(|check| check.verdict.status() != CheckStatus::Pass);
        unsure.map(|check| format!("{} {} {}", check.key, check.verdict.status(), check.verdict.code())).collect()
    };
    let intune = ["configuration", "apps", "rbac_assignments"].map(|name| format!("permissions.intune_{name}"));
    let all: Vec<_> = intune.into_iter().chain(["permissions.scripts_remediations".to_owned()]).collect();
    let warned = |reason: &str| all.iter().map(|key| format!("{key} warn {reason}")).collect::<Vec<_>>();
    assert_eq!(of(forbidden()), warned("permission_denied"));
    assert_eq!(of(Known::Known(Organization { plans: Vec::new(), ..testing::organization() })), [""; 0]);
}

#[test]
fn delegated_permissions_warn_when_missing_and_are_errors_when_unreadable() {
    let file = r#"{"version":"1","operations":{"GET /me":{"delegated":{"ask":"User.Read"}}},
        "areas":{"intune.apps":{"read":["GET /me"]}},"modules":{"apps":{"core":"read","intune.apps":"read"}}}"#;
    let mut rules = testing::rules();
    rules.manifest = testing::extended(file);
    let mut connection = testing::connection();
    connection.module = "apps".to_owned();
    let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
    assert_eq!(Vec::from_iter(runnable.questions().delegated), ["User.Read"]);
    let apps = |delegated| {
        let facts = graph(|facts| facts.delegated = Some(delegated));
        let verdict = evaluate(&facts, &runnable, &rules, testing::now());
        let row = verdict.inventory.expect("refreshed").rows.pop().expect("the delegated row comes last");
        assert_eq!((row.permission_key.as_str(), row.permission_type), ("User.Read", PermissionType::Delegated));
        let check = verdict.checks.iter().find(|check| check.key == CheckKey::INTUNE_APPS).expect("there");
        (check.verdict, row.status, Failures::of(&verdict.checks).is_none())
    };
    let granted = Known::Known(["User.Read".to_owned()].into());
    assert_eq!(apps(granted), (Verdict::Pass, PermissionStatus::Granted, true));
    let missing = (Verdict::Warn(Reason::ProviderPermissionMissing), PermissionStatus::Missing, true);
    assert_eq!(apps(Known::Known(BTreeSet::new())), missing);
    let unreadable = (Verdict::Warn(Reason::PermissionDenied), PermissionStatus::Error, true);
    assert_eq!(apps(forbidden()), unreadable);
}

#[test]
fn only_what_is_needed_is_asked() {
    let rules = testing::rules();
    let asked = |kind, connection_type| {
        let mut connection = testing::connection();
        connection.connection_type = connection_type;
        connection.credential.kind = kind;
        if connection_type == ConnectionType::Platform {
            connection.credential.reference = Some("/tenantcheck/test/platform/app".to_owned());
        }
        let questions = rules.preflight(&testing::tenant(), &connection).expect("ready").questions();
        (questions.delegated.len(), questions.registration)
    };
    assert_eq!(asked(CredentialKind::ClientSecret, ConnectionType::Dedicated), (0, true));
    assert_eq!(asked(CredentialKind::ClientSecret, ConnectionType::Platform), (0, false));
    assert_eq!(asked(CredentialKind::Certificate, ConnectionType::Dedicated), (0, true));
    assert_eq!(asked(CredentialKind::Federated, ConnectionType::Dedicated), (0, false));
}

#[test]
fn an_expired_certificate_is_said_by_the_expiry_check_too() {
    let date = Evidence::text(EvidenceKind::ExpiresAt, "2026-10-31T08:00:00.000Z");
    let evidence = vec![Evidence::number(EvidenceKind::HttpStatus, 401_u64), date.clone()];
    let refused = |reason| decide(&Facts::NoToken(Cause { evidence: evidence.clone(), ..cause(reason) }));
    let verdict = refused(Reason::ProviderCredentialCertificateExpired);
    let expiry = found(&verdict, &CheckKey::CREDENTIAL_EXPIRY);
    assert_eq!((expiry.verdict.status(), expiry.severity), (CheckStatus::Fail, Severity::Critical));
    assert_eq!((expiry.verdict.code(), &expiry.evidence[0]), (Reason::ProviderCredentialExpired.code(), &date));
    let keys = |verdict: &Evaluation| verdict.checks.iter().map(|check| check.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&verdict), keys(&decide(&graph(|_| ()))), "each check once, in the fixed order");
    let other = refused(Reason::ProviderCredentialCertificateRevoked);
    assert_eq!(found(&other, &CheckKey::CREDENTIAL_EXPIRY).verdict.status(), CheckStatus::Skip);
}
