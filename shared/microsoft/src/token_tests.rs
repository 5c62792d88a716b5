//! What is sent for a token by each credential in each cloud, and what comes back.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::cloud::Cloud;
use domain::connection::CertificateAlgorithm;
use domain::evidence::EvidenceKind;
use serde_json::Value;

use super::*;
use crate::answer::answer;
use crate::certificate::tests::certificate;
use crate::client_assertion::ClientAssertion;
use crate::overrides::Overrides;

const TENANT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const CLIENT: &str = "11111111-2222-4333-8444-555555555555";
/// A moment of the tests.
fn now() -> Timestamp {
    Timestamp::from_millis(1_792_000_000_000)
}

/// An app in this cloud.
pub(crate) fn app(cloud: Cloud) -> App {
    App { cloud, entra_tenant_id: TENANT.parse().expect("a GUID"), client_id: CLIENT.parse().expect("a GUID") }
}

fn federated() -> ClientCredential {
    let claims = r#"{"iss":"https://sts.example","sub":"arn:aws:iam::123456789012:role/worker","aud":"api://AzureADTokenExchange"}"#;
    let jwt = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
    ClientCredential::Federated(ClientAssertion::new(jwt.into()))
}

fn signed() -> ClientCredential {
    ClientCredential::Certificate(Arc::new(certificate("rsa2048")), CertificateAlgorithm::Ps256)
}

fn field<'a>(form: &'a Form<'_>, name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_ref())
}

fn claims(form: &Form<'_>) -> Value {
    crate::jwt::claims(field(form, "client_assertion").expect("an assertion")).expect("claims")
}

#[test]
fn authority_graph_scope_and_audiences_switch_together_with_the_cloud() {
    let credential = signed();
    let replaced = |name: &str| name.starts_with("MICROSOFT_").then(|| "https://stand-in.example".to_owned());
    let replaced = Overrides::parse(|name| replaced(name).filter(|_| !name.ends_with("FILE"))).expect("overrides");
    let mut table = String::new();
    for cloud in Cloud::ALL {
        let app = app(*cloud);
        let form = form(&app, &credential, now());
        let origins = Overrides::default().origins(*cloud);
        table += &format!("{cloud}\n");
        table += &format!("  token      {}\n", origins.login.url(&path(&app)));
        table += &format!("  graph      {}\n", origins.graph);
        table += &format!("  scope      {}\n", field(&form, "scope").expect("a scope"));
        table += &format!("  audience   {}\n", claims(&form)["aud"].as_str().expect("an audience"));
        table += &format!("  federation {}\n", cloud.endpoints().federation_audience);
        table += &format!("  stand-in   {}\n", replaced.origins(*cloud).login.url(&path(&app)));
    }
    insta::assert_snapshot!("clouds", table);
}

#[test]
fn each_credential_is_sent_in_its_own_fields() {
    let names = |credential: &ClientCredential| -> Vec<&str> {
        form(&app(Cloud::Global), credential, now()).iter().map(|(name, _)| *name).collect()
    };
    let assertion = ["grant_type", "scope", "client_id", "client_assertion_type", "client_assertion"];
    let secret = ClientCredential::ClientSecret(Arc::new("very-secret".into()));
    assert_eq!(names(&secret), ["grant_type", "scope", "client_id", "client_secret"]);
    assert_eq!(names(&signed()), assertion);
    assert_eq!(names(&federated()), assertion);
    assert!(!format!("{secret:?}").contains("very-secret"));
}

#[test]
fn every_try_signs_a_fresh_assertion() {
    let (app, credential) = (app(Cloud::Global), signed());
    let [first, later] =
        [now(), now() + std::time::Duration::from_secs(3)].map(|now| claims(&form(&app, &credential, now)));
    assert_ne!(first["jti"], later["jti"]);
    assert_eq!(later["nbf"].as_i64(), first["nbf"].as_i64().map(|nbf| nbf + 3));
}

#[test]
fn a_refused_federation_says_what_must_stand_in_entra_and_nothing_else_does() {
    let expectations = |reason, credential: &ClientCredential| {
        let cause = with_expectations(Cause { reason, evidence: Vec::new(), retry_after: None }, credential);
        cause.evidence.into_iter().map(|evidence| evidence.kind).collect::<Vec<_>>()
    };
    let all = [EvidenceKind::ExpectedIssuer, EvidenceKind::ExpectedSubject, EvidenceKind::ExpectedAudience];
    for reason in Reason::ALL {
        let federation = reason.code().starts_with("provider_federation_");
        let expected = if federation { &all[..] } else { &[] };
        assert_eq!(expectations(*reason, &federated()), expected, "{}", reason.code());
        assert_eq!(expectations(*reason, &signed()), [], "{}", reason.code());
    }
}

#[test]
fn only_a_bearer_token_is_a_token() {
    let body = r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ0"}"#;
    assert_eq!(read(&answer(200, body), CredentialKind::ClientSecret).expect("a token").expose(), "eyJ0");
    for body in [
        "{}",
        "<html></html>",
        r#"{"token_type":"pop","access_token":"eyJ0"}"#,
        r#"{"token_type":"Bearer","access_token":""}"#,
        r#"{"token_type":"Bearer","access_token":7}"#,
    ] {
        assert!(read(&answer(200, body), CredentialKind::ClientSecret).is_err(), "{body}");
    }
    assert!(read(&answer(201, body), CredentialKind::ClientSecret).is_err(), "only 200 carries a token");
}

#[test]
fn the_dates_of_the_certificate_in_hand_are_facts_whatever_entra_answers() {
    let credential = signed();
    let ClientCredential::Certificate(certificate, _) = &credential else { panic!("a certificate") };
    let second = std::time::Duration::from_secs(1);
    let judged = |reason, now| {
        let cause = with_dates(Cause { reason, evidence: Vec::new(), retry_after: None }, &credential, now);
        (cause.reason, cause.evidence.first().map(|evidence| evidence.kind))
    };
    let refused = Reason::ProviderCredentialCertificateNotRegistered;
    let expired = (Reason::ProviderCredentialCertificateExpired, Some(EvidenceKind::ExpiresAt));
    assert_eq!(judged(refused, certificate.expires_at()), expired);
    assert_eq!(judged(Reason::UnknownError, certificate.expires_at()), expired);
    let early = (Reason::ProviderCredentialCertificateNotYetValid, Some(EvidenceKind::ValidFrom));
    assert_eq!(judged(refused, certificate.valid_from() - second), early);
    assert_eq!(judged(refused, certificate.valid_from()), (refused, None));
    for other in [Reason::Throttled, Reason::DependencyUnreachable, Reason::ProviderTenantNotFound] {
        assert_eq!(judged(other, certificate.expires_at()), (other, None), "{}", other.code());
    }
}
