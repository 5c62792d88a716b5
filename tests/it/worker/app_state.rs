//! The app's own principal as a witness, through the whole worker.

use aws_sdk_ssm::types::ParameterType;
use domain::connection::ConnectionType;
use harness::microsoft::Scenario;
use harness::scene::{Scene, stand_in};
use serde_json::{Value, json};

use super::{deliver, delivery, report, stored};

/// What is found of the app's principal, for a platform connection or a dedicated one.
async fn app_state(scenario: Scenario, connection_type: ConnectionType) -> Value {
    let scene = Scene::new(scenario).await;
    let mut worker = scene.worker().await;
    if connection_type == ConnectionType::Platform {
        let name = format!("/tenantcheck/test/platform/{}", scene.sandbox.table);
        let put = aws_sdk_ssm::Client::new(&scene.sandbox.aws).put_parameter().name(&name);
        let put = put.value(&scene.fixture.secret).r#type(ParameterType::SecureString).send();
        put.await.expect("the parameter store takes a secret");
        worker.rules.credentials = scene.platform_app(&name);
        let change = scene.change_connection(|connection| {
            connection.connection_type = ConnectionType::Platform;
            connection.credential.reference = Some(name);
        });
        change.await;
    }
    let run = scene.queued_run().await.header.id;
    assert!(deliver(&worker, [delivery(run, 1)]).await.is_empty(), "{scenario}");
    let document = report(&stored(&scene, run).await);
    let checks = document["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["key"] == "provider.app_state").expect("it is always there");
    let kinds: Vec<_> = check["evidence"].as_array().expect("evidence").iter().map(|it| it["kind"].clone()).collect();
    json!([check["status"], check["severity"], check["reason_code"], kinds, document["summary"]["overall"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platforms_app_that_is_not_declared_any_more_is_not_used() {
    let scene = Scene::new(Scenario::Healthy).await;
    let name = format!("/tenantcheck/test/platform/{}", scene.sandbox.table);
    let change = scene.change_connection(|connection| {
        connection.connection_type = ConnectionType::Platform;
        connection.credential.reference = Some(name);
    });
    change.await;
    let run = scene.queued_run().await.header.id;
    deliver(&scene.worker().await, [delivery(run, 1)]).await;
    let check = report(&stored(&scene, run).await)["checks"][0].clone();
    assert_eq!((&check["status"], &check["reason_code"]), (&json!("fail"), &json!("provider_credential_invalid")));
    assert!(stand_in().await.calls(&scene.fixture.entra_tenant_id).is_empty(), "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_somebody_else_on_a_platforms_app_is_found() {
    let found = app_state(Scenario::ForeignCredential, ConnectionType::Platform).await;
    let kinds = json!(["foreign_credential", "app_owner"]);
    assert_eq!(found, json!(["fail", "critical", "provider_app_foreign_credential", kinds, "blocked"]));
    let without = app_state(Scenario::OwnedElsewhere, ConnectionType::Platform).await;
    assert_eq!(without[0], "pass", "a platform's app is owned elsewhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_principal_that_is_switched_off_or_owned_by_others_is_found_before_entra_says_so() {
    for (scenario, reason) in [
        (Scenario::AppDisabled, "provider_app_disabled"),
        (Scenario::AppDisabledByMicrosoft, "provider_app_disabled_by_microsoft"),
        (Scenario::OwnedElsewhere, "provider_app_owner_mismatch"),
    ] {
        let found = app_state(scenario, ConnectionType::Dedicated).await;
        assert_eq!(found, json!(["fail", "critical", reason, ["app_owner"], "blocked"]), "{scenario}");
    }
}
