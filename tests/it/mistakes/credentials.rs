//! Refused at sign-in: each cause has a code of its own, and a new certificate is given time to arrive.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::check::CheckKey;
use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use domain::evidence::EvidenceKind;
use harness::microsoft::{AppCertificate, AppKey, Scenario, TenantFixture};
use harness::scene::{Scene, stand_in};
use harness::shared::Sandbox;
use serde_json::json;

use super::{evidence, verified, verified_by};
use crate::worker::{deliver, delivery, report, stored, wait_is_over};

#[tokio::test(flavor = "multi_thread")]
async fn mistake_05_an_expired_secret_and_a_blocking_policy_have_codes_of_their_own() {
    let mut reasons = BTreeSet::new();
    for (scenario, reason, number) in [
        (Scenario::ExpiredSecret, "provider_credential_secret_expired", 7_000_222),
        (Scenario::WrongSecret, "provider_credential_secret_invalid", 7_000_215),
        (Scenario::ConditionalAccess, "provider_policy_conditional_access_blocked", 53_003),
    ] {
        let verified = verified(scenario).await;
        assert_eq!(verified.answer(&CheckKey::CONNECTION), ("fail", reason), "{scenario}");
        let check = verified.check(&CheckKey::CONNECTION);
        assert_eq!(evidence(check, EvidenceKind::EntraErrorCode), [&json!(number)], "{scenario}");
        assert_eq!(verified.failures().iter().map(|(code, _)| *code).collect::<Vec<_>>(), [reason], "{scenario}");
        assert_eq!(verified.health().await, Some(("error".to_owned(), Some(reason.to_owned()))), "{scenario}");
        assert!(reasons.insert(check["message"].to_string()), "{scenario} reads like another cause");
    }
}

/// A tenant whose app has the old certificate, and a connection that has the new one. Also the tenant as it becomes.
fn rotated() -> (TenantFixture, TenantFixture) {
    let year = Duration::from_hours(24 * 365);
    let (old, new) = (AppCertificate::new(AppKey::Own, year), AppCertificate::new(AppKey::Another, year));
    let fixture = TenantFixture::fresh(Scenario::Healthy, Cloud::Global, CredentialKind::Certificate);
    let registered = |certificate: &AppCertificate| TenantFixture {
        secret: new.stored(),
        registration: certificate.registered(CertificateAlgorithm::Ps256),
        ..fixture.clone()
    };
    (registered(&old), registered(&new))
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_11_a_certificate_that_never_arrives_is_asked_about_once_a_delivery_and_ends_with_its_own_code() {
    let (tenant, _) = rotated();
    let id = tenant.entra_tenant_id.clone();
    let scene = Scene::of(Sandbox::new().await, tenant).await;
    let app = scene.worker().await;
    let verified = verified_by(&app, scene).await;
    let reason = "provider_credential_certificate_not_registered";
    assert_eq!(verified.answer(&CheckKey::CONNECTION), ("fail", reason));
    let codes = evidence(verified.check(&CheckKey::CONNECTION), EvidenceKind::EntraErrorCode);
    assert_eq!(codes, [&json!(700_027)]);
    assert_eq!(stand_in().await.calls(&id).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_11_a_certificate_that_was_just_rotated_signs_in_as_soon_as_it_is_known() {
    let (before, after) = rotated();
    let scene = Scene::of(Sandbox::new().await, before).await;
    let mut app = scene.worker().await;
    app.settings.propagation = Duration::from_mins(15);
    let run = scene.queued_run().await.header.id;
    assert_eq!(deliver(&app, [delivery(run, 1)]).await.len(), 1, "it waits");
    stand_in().await.add(&after);
    wait_is_over(&scene, run).await;
    assert!(deliver(&app, [delivery(run, 2)]).await.is_empty());
    assert_eq!(report(&stored(&scene, run).await)["summary"]["overall"], "ready");
}
