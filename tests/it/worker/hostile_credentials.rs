//! Stored credentials that were made to stop whoever opens them: nobody does, and whoever is in the same batch is served.

use std::time::{Duration, Instant};

use aws_sdk_ssm::types::ParameterType;
use domain::connection::{CredentialKind, ProviderConnection};
use domain::identity::RunIdentityHash;
use domain::operation_run::{Operation, OperationRun, RunTarget};
use harness::microsoft::{Scenario, hostile_credential};
use harness::scene::Scene;

use super::{deliver, delivery, report, stored};

/// A connection beside the scene's, whose credential is this parameter.
async fn connection(scene: &Scene, id: u64, text: &str, kind: ParameterType) -> ProviderConnection {
    let mut connection = scene.connection.clone();
    connection.id = id.try_into().expect("an id");
    connection.is_default = false;
    connection.credential.kind = CredentialKind::Certificate;
    let name = format!("/tenantcheck/test/1/{}-{id}", scene.sandbox.table);
    connection.credential.reference = Some(name.clone());
    let put = aws_sdk_ssm::Client::new(&scene.sandbox.aws).put_parameter().name(name).value(text).r#type(kind);
    put.send().await.expect("the parameter store takes a text");
    let added = connection.clone();
    scene.change(|workspace| workspace.tenants[0].connections.push(added)).await;
    connection
}

async fn queued(scene: &Scene, connection: &ProviderConnection) -> OperationRun {
    let mut header = scene.header();
    header.target = RunTarget::of(&scene.tenant, Some(connection));
    let (operation, provider) = (Operation::ProviderConnectionCheck, connection.provider);
    let (workspace, tenant) = (header.workspace_id, header.tenant_id);
    header.identity_hash = RunIdentityHash::of(workspace, tenant, operation, provider, Some(connection.id));
    scene.open(OperationRun::queue(header)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stored_text_stops_the_worker_or_who_is_in_the_same_batch() {
    let scene = Scene::new(Scenario::Healthy).await;
    let app = scene.worker().await;
    let victim = scene.queued_run().await.header.id;
    let mut hostile = Vec::new();
    for (id, (name, text)) in (900..).zip(hostile_credential::all()) {
        let connection = connection(&scene, id, &text, ParameterType::SecureString).await;
        hostile.push((name, queued(&scene, &connection).await.header.id));
    }
    let batch = hostile.iter().map(|(_, run)| delivery(*run, 1)).chain([delivery(victim, 1)]);
    let begun = Instant::now();
    let failed = deliver(&app, batch).await;
    // Each of the files takes longer than this, if it is opened at all.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(report(&stored(&scene, victim).await)["summary"]["overall"], "ready");
    for (name, run) in hostile {
        let reason = if name.ends_with("PEM") { "provider_credential_invalid" } else { "provider_credential_not_pem" };
        let report = report(&stored(&scene, run).await);
        assert_eq!(report["checks"][0]["reason_code"], reason, "{name}: {report:#}");
        assert_eq!(report["summary"]["overall"], "blocked", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_as_pkcs12_is_blocked_with_the_command_that_stores_it_anew() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (_, text) = &hostile_credential::all()[0];
    let connection = connection(&scene, 900, text, ParameterType::SecureString).await;
    let run = queued(&scene, &connection).await.header.id;
    deliver(&scene.worker().await, [delivery(run, 1)]).await;
    let report = report(&stored(&scene, run).await);
    let message = report["checks"][0]["message"].as_str().expect("a message");
    assert!(message.contains("`tenantcheck credential put`"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_is_not_encrypted_is_not_used() {
    let scene = Scene::new(Scenario::Healthy).await;
    let connection = connection(&scene, 900, "in the clear", ParameterType::String).await;
    let run = queued(&scene, &connection).await.header.id;
    let failed = deliver(&scene.worker().await, [delivery(run, 1)]).await;
    assert!(failed.is_empty(), "{failed:?}");
    let stored = stored(&scene, run).await;
    let report = report(&stored);
    assert_eq!(report["checks"][0]["reason_code"], "provider_credential_not_encrypted", "{report:#}");
    let told = report["checks"][0]["message"].as_str().expect("a message");
    assert!(told.contains("SecureString") && told.contains("`tenantcheck credential put`"), "{told}");
    assert_eq!(harness::scene::stand_in().await.calls(&scene.fixture.entra_tenant_id), [], "Microsoft is not asked");
}
