//! Secrets, private keys and tokens stay out of the worker's log and of the table, also while AWS is in trouble, down to what the
//! libraries trace.

use domain::cloud::Cloud;
use domain::connection::CredentialKind;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::{Scenario, TenantFixture};
use harness::scene::Scene;
use harness::shared::Sandbox;
use tracing::Level;

use super::{deliver, delivery, stored, wait_is_over};
use crate::log::Log;
use crate::table;

#[tokio::test]
async fn no_kind_of_credential_is_logged_or_kept_while_aws_is_in_trouble() {
    for kind in CredentialKind::ALL {
        let fixture = TenantFixture::fresh(Scenario::Healthy, Cloud::Global, *kind);
        // The lines of a PEM file, or the whole; a federated connection stores nothing, and its token is a JWT.
        let secrets: Vec<_> = fixture.secret.lines().filter(|line| line.len() > 8).map(str::to_owned).collect();
        let scene = Scene::of(Sandbox::new().await, fixture).await;
        let proxy =
            FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
        let app = scene.worker_on(&sdk_config(proxy.url())).await;
        let run = scene.queued_run().await.header.id;

        let log = Log::of_this_thread(Level::TRACE);
        proxy.inject(Fault::Error { operation: "GetParameters", code: "InternalServerError" });
        proxy.inject(Fault::LostAnswer { operation: "GetParameters" });
        proxy.inject(Fault::Error { operation: "TransactWriteItems", code: "ProvisionedThroughputExceededException" });
        for receive_count in 1..=3 {
            if !deliver(&app, [delivery(run, receive_count)]).await.is_empty() {
                wait_is_over(&scene, run).await;
            }
        }
        let written = log.text();
        drop(log);

        assert!(stored(&scene, run).await.report_json().is_some(), "{kind}: the run ended");
        assert!(written.contains("asked Microsoft"), "{kind}: {written}");
        let kept = format!("{:?}", table::items(&scene).await);
        for word in secrets.iter().map(String::as_str).chain(["eyJ", "Bearer"]) {
            assert!(!written.contains(word), "{kind}: {word} is in the log");
            assert!(!kept.contains(word), "{kind}: {word} is in the table");
        }
    }
}
