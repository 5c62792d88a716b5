//! `tenantcheck credential put`: what is stored is what the worker signs in with, and nothing is stored that cannot be used.

use std::time::Duration;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{Parameter, ParameterStringFilter, ParameterType};
use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use harness::emulator::REGION;
use harness::microsoft::{AppCertificate, AppKey, PASSWORD, Scenario, TenantFixture};
use harness::scene::Scene;
use harness::shared::{self, Sandbox};

use super::program::{Done, tenantcheck_told};
use crate::worker::{deliver, delivery, report, stored};

/// A file that goes with the test.
struct File(std::path::PathBuf);

impl File {
    fn new(content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(shared::unique_name());
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

async fn put(arguments: &[&str], told: &str) -> Done {
    let endpoint = shared::emulator().await.endpoint();
    let environment = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    tenantcheck_told(told, &[&["credential", "put"], arguments].concat(), &environment).await
}

async fn put_file(reference: &str, file: &[u8], password: &str, more: &[&str]) -> Done {
    let file = File::new(file);
    put(&[&[reference, file.0.to_str().unwrap()], more].concat(), password).await
}

async fn parameter(reference: &str) -> Option<Parameter> {
    let ssm = Client::new(&shared::emulator().await.sdk_config());
    let answer = ssm.get_parameters().names(reference).with_decryption(true).send().await.unwrap();
    answer.parameters.unwrap_or_default().pop()
}

fn fresh() -> String {
    format!("/tenantcheck/test/1/{}", shared::unique_name())
}

fn in_a_year() -> AppCertificate {
    AppCertificate::new(AppKey::Own, Duration::from_hours(24 * 365))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pkcs12_file_becomes_what_the_worker_signs_in_with() {
    let certificate = in_a_year();
    let fixture = TenantFixture {
        secret: "not stored yet".to_owned(),
        registration: certificate.registered(CertificateAlgorithm::Ps256),
        ..TenantFixture::fresh(Scenario::Healthy, Cloud::Global, CredentialKind::Certificate)
    };
    let scene = Scene::of(Sandbox::new().await, fixture).await;
    let reference = scene.connection.credential.reference.clone().unwrap();
    let printed = put_file(&reference, &certificate.pkcs12(), PASSWORD, &["--replace"]).await.printed(0);
    let about = format!("{reference} holds a certificate with an RSA key of 2048 bits, SHA-1 thumbprint ");
    assert!(printed.starts_with(&about), "{printed}");
    assert!(printed.contains(", valid until 20"), "{printed}");

    let parameter = parameter(&reference).await.unwrap();
    assert_eq!(parameter.r#type(), Some(&ParameterType::SecureString));
    assert_eq!(parameter.value().unwrap().matches("-----BEGIN ").count(), 2, "a key and its certificate");
    let run = scene.queued_run().await.header.id;
    deliver(&scene.worker().await, [delivery(run, 1)]).await;
    let report = report(&stored(&scene, run).await);
    assert_eq!(report["summary"]["overall"], "ready", "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_replaced_only_when_that_is_said() {
    let (reference, certificate) = (fresh(), in_a_year());
    put_file(&reference, certificate.stored().as_bytes(), "", &[]).await.printed(0);
    let first = parameter(&reference).await.unwrap();
    let another = AppCertificate::new(AppKey::Another, Duration::from_hours(24 * 365)).stored();
    let told = put_file(&reference, another.as_bytes(), "", &[]).await.complained(2);
    assert!(told.contains("holds something already; --replace replaces it\nnothing was stored"), "{told}");
    assert_eq!(parameter(&reference).await.unwrap().value(), first.value());
    put_file(&reference, another.as_bytes(), "", &["--replace"]).await.printed(0);
    assert_ne!(parameter(&reference).await.unwrap().value(), first.value());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_replaces_something_keeps_its_key() {
    let reference = fresh();
    let key = async || {
        let ssm = Client::new(&shared::emulator().await.sdk_config());
        let filter = ParameterStringFilter::builder().key("Name").option("Equals").values(&reference).build().unwrap();
        let described = ssm.describe_parameters().parameter_filters(filter).send().await.unwrap();
        described.parameters()[0].key_id().unwrap().to_owned()
    };
    let secret = [&reference, "--client-secret"];
    put(&[&secret[..], &["--kms-key", "alias/customers"]].concat(), "one\n").await.printed(0);
    let printed = put(&[&secret[..], &["--replace"]].concat(), "two\n").await.printed(0);
    assert!(printed.ends_with(", encrypted with alias/customers\n"), "{printed}");
    assert_eq!(key().await, "alias/customers");
    put(&[&secret[..], &["--replace", "--kms-key", "alias/others"]].concat(), "three\n").await.printed(0);
    assert_eq!(key().await, "alias/others", "what is given counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_sign_in_is_refused_before_anything_is_stored() {
    let ended = AppCertificate::new(AppKey::Own, Duration::ZERO).stored();
    let curve = AppCertificate::new(AppKey::EllipticCurve, Duration::from_hours(24)).stored();
    for (file, password, expected) in [
        (ended.as_bytes(), "", "its certificate expired at 20"),
        (curve.as_bytes(), "", "takes only RSA keys"),
        (&in_a_year().pkcs12(), "another password", "it cannot be opened with this password"),
        (b"a client secret", "", "it is neither PEM nor a PKCS#12 file"),
    ] {
        let reference = fresh();
        let told = put_file(&reference, file, password, &[]).await.complained(2);
        assert!(told.contains(expected) && told.ends_with("nothing was stored\n"), "{told}");
        assert_eq!(parameter(&reference).await, None, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_secret_is_read_from_standard_input_and_shown_nowhere() {
    let reference = fresh();
    let printed = put(&[&reference, "--client-secret"], "a-client-secret\n").await.printed(0);
    assert!(!printed.contains("a-client-secret"), "{printed}");
    let parameter = parameter(&reference).await.unwrap();
    assert_eq!((parameter.r#type(), parameter.value()), (Some(&ParameterType::SecureString), Some("a-client-secret")));
    let told = put(&[&fresh(), "--client-secret"], "\n").await.complained(2);
    assert!(told.contains("no secret was given"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_no_connection_may_refer_to_is_refused() {
    for place in ["/tenantcheck/test/contoso", "/somewhere/else", "/aws/reference/secretsmanager/tenantcheck/test/1/x"]
    {
        put(&[place, "--client-secret"], "a-client-secret\n").await.complained(2);
        assert_eq!(parameter(place).await, None);
    }
}
