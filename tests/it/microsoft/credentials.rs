//! How apps sign in, verified by the stand-in as Entra does: signatures, thumbprints, audiences, times, and tokens of another issuer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use domain::evidence::{EvidenceKind, EvidenceValue};
use domain::facts::{Facts, Known, Questions};
use futures_util::future::join_all;
use harness::microsoft::{AppCertificate, AppKey, FederatedCredential, Registration, Scenario, TenantFixture, sts};
use microsoft::{Certificate, ClientAssertion, ClientCredential, Overrides, Provider};
use serde_json::{Value, json};

use super::{Bench, Checked, HEALTHY_CALLS, calls, detail};

fn tenant(kind: CredentialKind) -> TenantFixture {
    TenantFixture::fresh(Scenario::Healthy, Cloud::Global, kind)
}

async fn sign_in(bench: &Bench, tenant: &TenantFixture, credential: &ClientCredential) -> Checked {
    bench.stand_in.add(tenant);
    bench.check_with(tenant, credential, Questions::default(), calls(HEALTHY_CALLS + 2)).await
}

/// Signs in to an app that is registered like this, and compares what comes of it.
async fn judged(bench: &Bench, registration: Registration, presented: ClientCredential, refusal: Option<&str>) {
    let tenant = TenantFixture { registration, ..tenant(CredentialKind::Federated) };
    let checked = sign_in(bench, &tenant, &presented).await;
    match (&checked.facts, refusal) {
        (Facts::Token(facts), None) => assert!(matches!(facts.organization, Known::Known(_))),
        (Facts::NoToken(cause), Some(refusal)) => {
            assert_eq!(detail(cause), Some(refusal));
            let tries = if refusal == "credential.assertion_time" { 2 } else { 1 };
            assert_eq!(checked.count(), tries, "{refusal}");
        }
        (facts, refusal) => panic!("{refusal:?}: {facts:?}"),
    }
}

fn certificate(certificate: &AppCertificate, algorithm: CertificateAlgorithm) -> ClientCredential {
    let parsed = Certificate::parse(&certificate.stored().into()).expect("a certificate");
    ClientCredential::Certificate(Arc::new(parsed), algorithm)
}

#[tokio::test]
async fn a_certificate_signs_in_only_as_it_is_registered() {
    let bench = Bench::start().await;
    let (ps256, rs256) = (CertificateAlgorithm::Ps256, CertificateAlgorithm::Rs256);
    let own = AppCertificate::new(AppKey::Own, Duration::from_hours(24));
    let another = AppCertificate::new(AppKey::Another, Duration::from_hours(24));
    let rows = [
        (own.registered(ps256), certificate(&own, ps256), None),
        (own.registered(rs256), certificate(&own, rs256), None),
        (own.registered(ps256), certificate(&own, rs256), Some("credential.certificate_not_registered")),
        (own.registered(rs256), certificate(&own, ps256), Some("credential.certificate_not_registered")),
        (own.registered(ps256), certificate(&another, ps256), Some("credential.certificate_not_registered")),
        (Registration::ClientSecret, certificate(&own, ps256), Some("credential.certificate_not_registered")),
    ];
    join_all(rows.map(|(registered, presented, refusal)| judged(&bench, registered, presented, refusal))).await;
}

#[tokio::test]
async fn each_try_has_an_assertion_of_its_own() {
    let bench = Bench::start().await;
    let tenant = TenantFixture { scenario: Scenario::ThrottledOnce, ..tenant(CredentialKind::Certificate) };
    // The stand-in refuses an assertion that it has seen, throttled or not.
    let checked = sign_in(&bench, &tenant, &bench.credential(&tenant).await).await;
    assert!(matches!(checked.graph().organization, Known::Known(_)));
    assert_eq!(checked.count(), HEALTHY_CALLS + 1);
}

fn federated(claims: &Value) -> ClientCredential {
    ClientCredential::Federated(ClientAssertion::new(sts::token(claims, 300).into()))
}

#[tokio::test]
async fn a_token_of_aws_signs_in_only_where_every_letter_matches() {
    let bench = Bench::start().await;
    let worker = FederatedCredential::of_worker(Cloud::Global);
    let aud = worker.audience.as_str();
    let of_china = FederatedCredential::of_worker(Cloud::China).audience;
    let own = |federated: &FederatedCredential| Registration::Federated(federated.clone());
    let of_another_issuer = FederatedCredential { issuer: format!("{}/", sts::ISSUER), ..worker.clone() };
    let elsewhere = format!("{}-of-another", sts::WORKER_ROLE);
    let in_capitals = sts::WORKER_ROLE.to_uppercase();
    let rows = [
        (own(&worker), json!({ "aud": aud }), None),
        (own(&worker), json!({ "aud": [aud] }), None),
        (own(&worker), json!({ "aud": [aud, of_china] }), Some("federation.audience_mismatch")),
        (own(&worker), json!({ "aud": of_china }), Some("federation.audience_mismatch")),
        (own(&worker), json!({ "aud": aud, "sub": elsewhere }), Some("federation.subject_mismatch")),
        (own(&worker), json!({ "aud": aud, "sub": in_capitals }), Some("federation.subject_case")),
        (own(&of_another_issuer), json!({ "aud": aud }), Some("federation.issuer_mismatch")),
        (own(&worker), json!({ "aud": aud, "exp": 1_767_225_600 }), Some("credential.assertion_time")),
        (Registration::ClientSecret, json!({ "aud": aud }), Some("federation.credential_missing")),
    ];
    join_all(rows.map(|(registered, claims, refusal)| judged(&bench, registered, federated(&claims), refusal))).await;
}

#[tokio::test]
async fn a_token_that_the_issuer_did_not_sign_is_refused() {
    let bench = Bench::start().await;
    let tenant = tenant(CredentialKind::Federated);
    let jwt = |claims: &Value| sts::token(claims, 300);
    let aud = Cloud::Global.endpoints().federation_audience;
    let (own, others) = (jwt(&json!({ "aud": aud })), jwt(&json!({ "aud": aud, "sub": "arn:aws:iam::1:role/evil" })));
    // The signature of one token below the claims of another.
    let (claims, _) = own.rsplit_once('.').expect("three parts");
    let (_, signature) = others.rsplit_once('.').expect("three parts");
    let forged = ClientCredential::Federated(ClientAssertion::new(format!("{claims}.{signature}").into()));
    let checked = sign_in(&bench, &tenant, &forged).await;
    assert_eq!(detail(checked.no_token()), Some("credential.assertion_invalid"));
}

#[tokio::test]
async fn a_mismatch_says_what_must_stand_in_entra() {
    let bench = Bench::start().await;
    let mut tenant = tenant(CredentialKind::Federated);
    let other = FederatedCredential {
        subject: "arn:aws:iam::1:role/other".into(),
        ..FederatedCredential::of_worker(Cloud::Global)
    };
    tenant.registration = Registration::Federated(other);
    let checked = sign_in(&bench, &tenant, &bench.credential(&tenant).await).await;
    let evidence: BTreeMap<_, _> =
        checked.no_token().evidence.iter().map(|piece| (piece.kind.as_str(), &piece.value)).collect();
    for (kind, expected) in [
        (EvidenceKind::ExpectedIssuer, sts::ISSUER),
        (EvidenceKind::ExpectedSubject, sts::WORKER_ROLE),
        (EvidenceKind::ExpectedAudience, Cloud::Global.endpoints().federation_audience),
    ] {
        let EvidenceValue::Text(text) = evidence[kind.as_str()] else { panic!("{evidence:?}") };
        assert_eq!(text, expected);
    }
}

#[tokio::test]
async fn hosts_of_a_private_authority_are_reached_only_by_who_trusts_it() {
    let mut bench = Bench::start_in_every_cloud().await;
    for cloud in Cloud::ALL {
        let tenant = TenantFixture::fresh(Scenario::Paging, *cloud, CredentialKind::ClientSecret);
        let checked = sign_in(&bench, &tenant, &bench.credential(&tenant).await).await;
        assert!(matches!(checked.graph().assignments, Known::Known(_)), "{cloud}: {:?}", checked.facts);
    }
    let origins = |name: &str| bench.stand_in.variable(name).filter(|_| name != "MICROSOFT_EXTRA_CA_FILE");
    let overrides = Overrides::parse(origins).expect("valid overrides");
    bench.provider = Provider::new(&overrides).expect("a client");
    for cloud in Cloud::ALL {
        let tenant = TenantFixture::fresh(Scenario::Healthy, *cloud, CredentialKind::ClientSecret);
        bench.stand_in.add(&tenant);
        let checked = bench.check_tenant(&tenant, calls(1)).await;
        assert_eq!(detail(checked.no_token()), Some("upstream.connect"), "{cloud}");
        assert_eq!(checked.calls, []);
    }
}
