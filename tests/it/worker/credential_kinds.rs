//! Each kind of credential through the whole worker: read from where it is stored or issued by AWS, and verified by Entra.

use std::time::Duration;

use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use domain::evidence::EvidenceKind;
use harness::microsoft::{AppCertificate, AppKey, Registration, Scenario, TenantFixture, sts};
use harness::scene::Scene;
use harness::shared::Sandbox;
use serde_json::Value;

use super::{deliver, delivery, report, stored};
use crate::table;

/// The report of one check of this tenant. Nothing of its credential is in the table afterwards.
async fn checked(fixture: TenantFixture) -> Value {
    // The lines of a PEM file, or the whole.
    let secrets: Vec<_> = fixture.secret.lines().filter(|line| line.len() > 8).map(str::to_owned).collect();
    let scene = Scene::of(Sandbox::new().await, fixture).await;
    let run = scene.queued_run().await.header.id;
    let failed = deliver(&scene.worker().await, [delivery(run, 1)]).await;
    assert!(failed.is_empty(), "{failed:?}");
    let report = report(&stored(&scene, run).await);
    let kept = format!("{:?} {report}", table::items(&scene).await);
    for secret in &secrets {
        assert!(!kept.contains(secret), "{secret} is in the table");
    }
    report
}

fn healthy(kind: CredentialKind) -> TenantFixture {
    TenantFixture::fresh(Scenario::Healthy, Cloud::Global, kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_credential_signs_in() {
    for kind in CredentialKind::ALL {
        let report = checked(healthy(*kind)).await;
        assert_eq!(report["summary"]["overall"], "ready", "{kind}: {report:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_soon_is_warned_about() {
    let certificate = AppCertificate::new(AppKey::Own, Duration::from_hours(24 * 10));
    let fixture = TenantFixture {
        secret: certificate.stored(),
        registration: certificate.registered(CertificateAlgorithm::Ps256),
        ..healthy(CredentialKind::Certificate)
    };
    let report = checked(fixture).await;
    assert_eq!(report["summary"]["overall"], "needs_attention", "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_elliptic_curve_key_is_refused_before_anything_is_asked() {
    let certificate = AppCertificate::new(AppKey::EllipticCurve, Duration::from_hours(24));
    let fixture = TenantFixture { secret: certificate.stored(), ..healthy(CredentialKind::Certificate) };
    let id = fixture.entra_tenant_id.clone();
    let report = checked(fixture).await;
    assert_eq!(report["checks"][0]["reason_code"], "provider_credential_invalid", "{report:#}");
    assert_eq!(harness::scene::stand_in().await.calls(&id), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_federated_credential_with_another_subject_says_which_one_is_right() {
    let mut fixture = healthy(CredentialKind::Federated);
    if let Registration::Federated(credential) = &mut fixture.registration {
        credential.subject.push_str("-of-another");
    }
    let report = checked(fixture).await;
    let check = &report["checks"][0];
    assert_eq!(check["reason_code"], "provider_federation_subject_mismatch", "{report:#}");
    let evidence = check["evidence"].as_array().expect("evidence");
    let subject = evidence.iter().find(|piece| piece["kind"] == EvidenceKind::ExpectedSubject.as_str());
    assert_eq!(subject.expect("the right subject")["value"], sts::WORKER_ROLE);
}
