//! Credentials: read once, kept for a while, and read again when Entra refuses one that was replaced meanwhile.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::types::ParameterType;
use domain::credential::CredentialReference;
use futures_util::future::join_all;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::{AppCertificate, AppKey, Scenario};
use harness::scene::{Scene, stand_in};
use harness::shared::{self, Sandbox};
use secrecy::ExposeSecret;
use worker::{CredentialCache, CredentialError};

use super::{deliver, delivery, report, stored};

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_rotated_is_read_again_when_entra_refuses_the_kept_one() {
    let scene = Scene::new(Scenario::Healthy).await;
    let app = scene.worker().await;
    scene.put_secret("the old secret").await;
    let first = scene.queued_run().await.header.id;
    deliver(&app, [delivery(first, 1)]).await;
    let refused = report(&stored(&scene, first).await);
    assert_eq!(refused["checks"][0]["reason_code"], "provider_credential_secret_invalid");

    // The worker asked the parameter store again and found the same secret, which it keeps until it is refused the next time.
    scene.put_secret(&scene.fixture.secret).await;
    let second = scene.queued_run().await.header.id;
    deliver(&app, [delivery(second, 1)]).await;
    assert_eq!(report(&stored(&scene, second).await)["summary"]["overall"], "ready");
    let tokens = stand_in().await.calls(&scene.fixture.entra_tenant_id);
    let tokens = tokens.iter().filter(|call| call.method == "POST").count();
    assert_eq!(tokens, 3, "refused, refused with the kept secret, accepted with the new one");
}

fn reference(name: &str) -> CredentialReference {
    let (stage, workspace) = ("test".parse().expect("a stage"), "1".parse().expect("an id"));
    CredentialReference::parse(name, &stage, workspace).expect("a reference of the workspace")
}

/// A cache whose calls are recorded, and the references of so many secrets, of which each holds its own number.
async fn cache(count: usize) -> (CredentialCache, FaultProxy, Vec<CredentialReference>) {
    let sandbox = Sandbox::new().await;
    let (ssm, mut references) = (aws_sdk_ssm::Client::new(&sandbox.aws), Vec::new());
    for number in 0..count {
        let name = format!("/tenantcheck/test/1/{}-{number}", sandbox.table);
        let put = ssm.put_parameter().name(&name).value(number.to_string()).r#type(ParameterType::SecureString);
        put.send().await.expect("the parameter store takes a secret");
        references.push(reference(&name));
    }
    let proxy = FaultProxy::in_front_of(sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    (CredentialCache::new(aws_sdk_ssm::Client::new(&sdk_config(proxy.url()))), proxy, references)
}

#[tokio::test]
async fn a_secret_is_read_again_after_five_minutes() {
    let (cache, proxy, references) = cache(1).await;
    let read = async || cache.read(&references[0]).await.expect("a secret").value;
    read().await;
    for (seconds, calls) in [(299, 0), (2, 1), (299, 0), (2, 1)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        drop(proxy.calls());
        read().await;
        assert_eq!(proxy.calls().len(), calls, "{seconds} s later");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secrets_of_a_batch_are_read_ten_a_call() {
    let (cache, proxy, references) = cache(12).await;
    cache.expect(references.len());
    let read = join_all(references.iter().map(|reference| cache.read(reference))).await;
    for (number, secret) in read.into_iter().enumerate() {
        assert_eq!(secret.expect("a secret").value.expose_secret(), number.to_string());
    }
    let calls: Vec<_> = proxy.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(calls, ["GetParameters", "GetParameters"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_secret_that_may_not_be_read_or_is_missing_keeps_no_other_from_being_read() {
    let (cache, proxy, mut references) = cache(3).await;
    let missing = format!("{}-missing", references[0].as_str());
    references.push(reference(&missing));
    cache.expect(references.len());
    // The call as a whole is refused because of one of its names, and does not say which.
    proxy.inject(Fault::Error { operation: "GetParameters", code: "AccessDeniedException" });
    let read = join_all(references.iter().map(|reference| cache.read(reference))).await;
    let readable: Vec<_> = read.iter().map(Result::is_ok).collect();
    assert_eq!(readable, [true, true, true, false]);
    assert!(
        matches!(&read[3], Err(CredentialError::Unusable(reason)) if reason.code() == "provider_credential_missing")
    );
    assert_eq!(proxy.calls().len(), 1 + references.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_read_once_for_as_long_as_its_secret_is_kept() {
    let (cache, _proxy, references) = cache(1).await;
    let first = cache.read(&references[0]).await.expect("a secret");
    let pem = AppCertificate::new(AppKey::Own, Duration::from_hours(24)).stored();
    assert!(first.certificate().is_err(), "a number");
    let ssm = aws_sdk_ssm::Client::new(&shared::emulator().await.sdk_config());
    let put = ssm.put_parameter().name(references[0].as_str()).value(pem).overwrite(true);
    put.r#type(ParameterType::SecureString).send().await.expect("the parameter store takes a secret");
    assert!(cache.read(&references[0]).await.expect("a secret").certificate().is_err(), "as it was kept");
    cache.evict(&references[0]);
    let certificate =
        async || cache.read(&references[0]).await.expect("a secret").certificate().expect("a certificate");
    let (one, other) = (certificate().await, certificate().await);
    assert!(Arc::ptr_eq(&one, &other), "the same, not another reading");
}
