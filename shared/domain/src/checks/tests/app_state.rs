//! The app's own principal, and how ready its credential is to be replaced.

use super::*;
use crate::facts::{PrincipalCredential, RegisteredCertificate, ServicePrincipal};

/// What is found with a principal like this, for both types of connection.
fn of(change: impl Fn(&mut ServicePrincipal)) -> String {
    let mut lines = String::new();
    for connection_type in [ConnectionType::Dedicated, ConnectionType::Platform] {
        let rules = testing::rules();
        let mut connection = testing::connection();
        connection.connection_type = connection_type;
        if connection_type == ConnectionType::Platform {
            connection.credential.reference = Some("/tenantcheck/test/platform/app".to_owned());
        }
        let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
        let mut principal = testing::service_principal();
        change(&mut principal);
        let facts = graph(|facts| facts.service_principal = Known::Known(principal));
        let verdict = evaluate(&facts, &runnable, &rules, testing::now());
        let check = found(&verdict, &CheckKey::APP_STATE);
        let evidence = check.evidence.iter().map(|it| format!(" {}", it.kind)).collect::<String>();
        let overall = Overall::of(&verdict.checks);
        let health = verdict.health.as_ref().map_or("unchanged".to_owned(), |health| health.status.to_string());
        writeln!(
            lines,
            "  {connection_type}: {} {}{evidence}, overall {overall}, health {health}",
            check.verdict.status(),
            check.verdict.code()
        )
        .expect("a string");
    }
    lines
}

#[test]
fn a_principal_is_judged_by_the_connections_type() {
    let day = std::time::Duration::from_hours(24);
    let elsewhere = || Some(testing::guid(7).parse().expect("a GUID"));
    let credential = |expires_at| PrincipalCredential { key_id: Some(testing::object_id(8)), expires_at };
    let valid = || Some(vec![credential(Some(testing::now() + day))]);
    let rows = [
        ("at home, in order", of(|_| ())),
        ("at home, with a credential of its own", of(|principal| principal.credentials = valid())),
        ("switched off", of(|principal| principal.is_enabled = false)),
        ("switched off by Microsoft", of(|principal| principal.is_disabled_by_microsoft = true)),
        ("owned elsewhere", of(|principal| principal.owner = elsewhere())),
        ("owned by nobody knows whom", of(|principal| principal.owner = None)),
        (
            "owned elsewhere, with a credential of its own",
            of(|principal| {
                principal.owner = elsewhere();
                principal.credentials = valid();
            }),
        ),
        (
            "owned by nobody knows whom, with an endless credential without an id",
            of(|principal| {
                principal.owner = None;
                principal.credentials = Some(vec![PrincipalCredential { key_id: None, expires_at: None }]);
            }),
        ),
        (
            "owned elsewhere, with a spent credential",
            of(|principal| {
                principal.owner = elsewhere();
                principal.credentials = Some(vec![credential(Some(testing::now() - day))]);
            }),
        ),
        (
            "owned elsewhere, credentials not told",
            of(|principal| {
                principal.owner = elsewhere();
                principal.credentials = None;
            }),
        ),
    ];
    let table: String = rows.iter().map(|(name, row)| format!("{name}:\n{row}")).collect();
    insta::assert_snapshot!("app_state", table);
}

#[test]
fn the_step_of_a_disabled_app_opens_the_principal_that_graph_told() {
    let principal = ServicePrincipal { is_enabled: false, ..testing::service_principal() };
    let id = principal.id.clone();
    let verdict = decide(&graph(|facts| facts.service_principal = Known::Known(principal)));
    let steps = &found(&verdict, &CheckKey::APP_STATE).next_steps;
    assert_eq!(steps.len(), 1);
    assert!(steps[0].url.contains(&format!("/objectId/{id}/")), "{}", steps[0].url);
}

#[test]
fn a_principal_that_cannot_be_read_is_skipped_with_its_trace() {
    let verdict = decide(&graph(|facts| facts.service_principal = forbidden()));
    let check = found(&verdict, &CheckKey::APP_STATE);
    assert_eq!(check.verdict, Verdict::Skip(Skip::Because(Reason::PermissionDenied)));
}

#[test]
fn a_certificate_tells_whether_it_can_be_replaced_and_whether_it_was_taken_off() {
    let day = std::time::Duration::from_hours(24);
    let now = testing::now();
    let of = |certificates: Option<Vec<(u32, Option<bool>)>>, on_principal: bool| {
        let rules = testing::rules();
        let mut connection = testing::connection();
        connection.credential.kind = CredentialKind::Certificate;
        let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
        let facts = graph(|facts| {
            let registered = |(days, is_ours)| RegisteredCertificate { expires_at: Some(now + day * days), is_ours };
            let certificates = certificates.map(|all| all.into_iter().map(registered).collect());
            facts.registration = Some(Known::Known(AppRegistration { secrets: Vec::new(), certificates, asks: None }));
            facts.certificate_expires_at = Some(now + day * 300);
            let credential = PrincipalCredential { key_id: None, expires_at: None };
            let principal = ServicePrincipal {
                credentials: Some(on_principal.then_some(credential).into_iter().collect()),
                ..testing::service_principal()
            };
            facts.service_principal = Known::Known(principal);
        });
        let verdict = evaluate(&facts, &runnable, &rules, now);
        let check = found(&verdict, &CheckKey::CREDENTIAL_EXPIRY);
        let valid = check.evidence.iter().find(|it| it.kind == EvidenceKind::ValidCredentials);
        (check.verdict, check.severity, valid.map(|it| serde_json::json!(it.value)))
    };
    let pass = |valid: u32| (Verdict::Pass, Severity::Info, Some(serde_json::json!(valid)));
    assert_eq!(of(Some(vec![(300, Some(true))]), false), pass(1));
    assert_eq!(of(Some(vec![(300, Some(true)), (90, Some(false)), (0, Some(false))]), false), pass(2));
    assert_eq!(of(Some(vec![(300, None)]), false), pass(1), "it is not shown whole, so it may be ours");
    assert_eq!(of(None, false), (Verdict::Pass, Severity::Info, None));
    let not_registered = Verdict::Warn(Reason::ProviderCredentialCertificateNotRegistered);
    let taken_off = (not_registered, Severity::High, None);
    assert_eq!(of(Some(vec![(90, Some(false))]), false), taken_off);
    assert_eq!(of(Some(Vec::new()), false), taken_off);
    assert_eq!(of(Some(Vec::new()), true), pass(0), "it may stand on the principal");
}
