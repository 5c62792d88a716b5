//! Propagation: shortly after a change a refusal may only be late. The run waits in the queue, shows until when, and believes what is
//! said to the last or when the change is old.

use std::time::Duration;

use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use domain::time::Timestamp;
use harness::edge::{Call, Edge};
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::{AppCertificate, AppKey, Registration, Scenario, TenantFixture};
use harness::scene::{MANAGER, Scene, now, stand_in};
use harness::shared::Sandbox;
use runtime::Clock;
use serde_json::Value;

use super::{deliver, deliver_until, delivery, report, stored, wait_is_over};
use crate::onboarding::session;
use crate::table;

const WINDOW: Duration = Duration::from_mins(15);

/// The worker as it is deployed: it waits for changes.
async fn patient(scene: &Scene) -> worker::App {
    let mut app = scene.worker().await;
    app.settings.propagation = WINDOW;
    app
}

/// What a caller is shown of a run.
async fn shown(edge: &Edge, run: &Value) -> Value {
    let answer = edge.send(Call::new("GET", &format!("/runs/{run}")).by(MANAGER)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// In how many seconds a waiting run is asked again.
fn wait(run: &Value) -> u64 {
    let until: Timestamp = run["waiting_until"].as_str().expect("it waits").parse().expect("a time");
    until.since(now()).as_millis().div_ceil(1000).try_into().expect("seconds")
}

#[tokio::test(flavor = "multi_thread")]
async fn onboarding_as_it_happens_turns_no_red() {
    let scene = Scene::new(Scenario::JustConsented).await;
    let edge = Edge::of(&scene);
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let mut app = scene.worker_on(&sdk_config(proxy.url())).await;
    app.settings.propagation = WINDOW;
    session(&scene, |_| {}).await;
    let started =
        edge.send(Call::new("POST", "/onboarding-sessions/7/verifications").by(MANAGER).with_json("{}")).await.json();
    let run = started["id"].to_string().parse().expect("an id");

    let mut story = String::new();
    for receive in 1.. {
        let failed = deliver(&app, [delivery(run, receive)]).await;
        let seen = shown(&edge, &started["id"]).await;
        let calls = proxy.calls().into_iter().map(|call| call.operation).filter(|it| it != "ChangeMessageVisibility");
        let calls = calls.collect::<Vec<_>>().join(", ");
        let microsoft = stand_in().await.calls(&scene.fixture.entra_tenant_id).len();
        story += &format!(
            "attempt {receive}: {} {}, waits {}, health known: {}, calls to Microsoft so far: {microsoft}, to AWS: {calls}\n",
            seen["status"],
            seen["outcome"],
            if failed.is_empty() { "no more".to_owned() } else { format!("{} s", wait(&seen)) },
            scene.health().await.is_some(),
        );
        if failed.is_empty() {
            break;
        }
        assert!(seen["report"].is_null(), "nothing is said yet");
        wait_is_over(&scene, run).await;
    }
    assert_eq!(table::stored(&scene, "run").await.len(), 1, "one run");
    assert_eq!(report(&stored(&scene, run).await)["summary"]["overall"], "ready");
    insta::assert_snapshot!("onboarding_as_it_happens", story);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_is_waited_for() {
    let scene = Scene::new(Scenario::JustRotated).await;
    // The connection is old; only the parameter was changed a moment ago.
    let hour_ago = now() - Duration::from_hours(1);
    scene.change_connection_at(hour_ago, |connection| connection.display_name.push('!')).await;
    let app = patient(&scene).await;
    let run = scene.queued_run().await.header.id;
    assert_eq!(deliver(&app, [delivery(run, 1)]).await.len(), 1, "it waits");
    wait_is_over(&scene, run).await;
    assert!(deliver(&app, [delivery(run, 2)]).await.is_empty());
    assert_eq!(report(&stored(&scene, run).await)["summary"]["overall"], "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_from_a_session_is_a_change_and_any_other_is_none() {
    for from_session in [true, false] {
        // Nothing is stored for a federated credential, and the connection is old.
        let fixture = TenantFixture::fresh(Scenario::JustConsented, Cloud::Global, CredentialKind::Federated);
        let scene = Scene::of(Sandbox::new().await, fixture).await;
        let hour_ago = now() - Duration::from_hours(1);
        scene.change_connection_at(hour_ago, |connection| connection.display_name.push('!')).await;
        let edge = Edge::of(&scene);
        session(&scene, |_| {}).await;
        let start =
            if from_session { "/onboarding-sessions/7/verifications" } else { "/workspaces/1/tenants/2/verifications" };
        let started = edge.send(Call::new("POST", start).by(MANAGER).with_json("{}")).await.json();
        let run = started["id"].to_string().parse().expect("an id");
        let waits = !deliver(&patient(&scene).await, [delivery(run, 1)]).await.is_empty();
        assert_eq!(waits, from_session);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_late_is_believed_at_once() {
    for scenario in [Scenario::ConditionalAccess, Scenario::UnknownTenant, Scenario::WrongOrganization] {
        let scene = Scene::new(scenario).await;
        let run = scene.queued_run().await.header.id;
        assert!(deliver(&patient(&scene).await, [delivery(run, 1)]).await.is_empty(), "{scenario}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_delivery_believes_what_is_said() {
    let scene = Scene::new(Scenario::WrongSecret).await;
    let app = patient(&scene).await;
    let run = scene.queued_run().await.header.id;
    for receive in 1..app.settings.max_receive_count {
        assert_eq!(deliver(&app, [delivery(run, receive)]).await.len(), 1, "{receive}");
        wait_is_over(&scene, run).await;
    }
    assert!(deliver(&app, [delivery(run, app.settings.max_receive_count)]).await.is_empty());
    let report = report(&stored(&scene, run).await);
    assert_eq!(report["checks"][0]["reason_code"], "provider_credential_secret_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_change_is_not_waited_for() {
    for scenario in [Scenario::WrongSecret, Scenario::MissingPermission, Scenario::IdentityNotFound] {
        let scene = Scene::new(scenario).await;
        let run = scene.queued_run().await.header.id;
        let later = now() + WINDOW + Duration::from_mins(1);
        let app = worker::App { clock: Clock::told_by(move || later), ..patient(&scene).await };
        let failed = deliver_until(&app, [delivery(run, 1)], later + Duration::from_mins(1)).await;
        assert!(failed.is_empty(), "{scenario}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_believed_by_its_date() {
    let fixture = TenantFixture::fresh(Scenario::Healthy, Cloud::Global, CredentialKind::Certificate);
    let certificate = AppCertificate::new(AppKey::Own, Duration::ZERO);
    let registration: Registration = certificate.registered(CertificateAlgorithm::Ps256);
    let scene =
        Scene::of(Sandbox::new().await, TenantFixture { secret: certificate.stored(), registration, ..fixture }).await;
    let run = scene.queued_run().await.header.id;
    assert!(deliver(&patient(&scene).await, [delivery(run, 1)]).await.is_empty(), "it will not become valid again");
}
