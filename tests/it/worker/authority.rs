//! Re-authorization at execution: what was true at the start may not be true any more, and then nothing goes to Microsoft.

use domain::access::Role;
use domain::connection::ConsentStatus;
use domain::operation_run::{Outcome, RunState};
use domain::tenant::TenantStatus;
use harness::customer::OPERATOR;
use harness::microsoft::Scenario;
use harness::scene::{Scene, stand_in};
use store::StoredRun;

use super::{deliver, delivery, report, stored};

/// The run as the worker leaves it after `change`, and the reason it is blocked for.
async fn blocked_after(scene: &Scene, change: impl Future<Output = ()>) -> (StoredRun, String) {
    let change = Box::pin(change);
    let run = Box::pin(scene.queued_run()).await.header.id;
    change.await;
    let failed = Box::pin(deliver(&scene.worker().await, [delivery(run, 1)])).await;
    assert!(failed.is_empty(), "{failed:?}");
    let stored = Box::pin(stored(scene, run)).await;
    assert!(stand_in().await.calls(&scene.fixture.entra_tenant_id).is_empty(), "nothing is sent to Microsoft");
    let RunState::Completed(completion) = &stored.run.state else { panic!("{:?}", stored.run.state) };
    let Outcome::Blocked { failure, .. } = &completion.outcome else { panic!("{:?}", completion.outcome) };
    let reason = failure.code.to_string();
    let document = report(&stored);
    assert_eq!(document["checks"][0]["reason_code"], reason.as_str());
    assert_eq!(document["summary"]["overall"], "blocked");
    (stored, reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initiator_who_lost_the_right_is_stopped() {
    let scene = Scene::new(Scenario::Healthy).await;
    let demote = scene.change(|workspace| {
        let mut entitlements = workspace.tenants[0].entitlements.iter_mut();
        entitlements.find(|it| it.user_id.as_str() == OPERATOR).expect("the scene has an operator").role =
            Role::Readonly;
    });
    assert_eq!(blocked_after(&scene, demote).await.1, "missing_capability");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initiator_who_left_is_stopped() {
    let scene = Scene::new(Scenario::Healthy).await;
    assert_eq!(blocked_after(&scene, scene.expel(OPERATOR)).await.1, "initiator_not_entitled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_disabled_or_lost_its_consent_is_not_used() {
    let scene = Scene::new(Scenario::Healthy).await;
    let disable = scene.change_connection(|connection| connection.is_enabled = false);
    let (stored, reason) = blocked_after(&scene, disable).await;
    assert_eq!(reason, "provider_connection_disabled");
    assert_eq!(report(&stored)["previous_report_id"], serde_json::Value::Null);
    let revoke = scene.change_connection(|connection| connection.consent_status = ConsentStatus::Revoked);
    let first = stored.run.header.id;
    let (stored, reason) = blocked_after(&scene, revoke).await;
    assert_eq!(reason, "provider_consent_revoked");
    assert_eq!(report(&stored)["previous_report_id"], first.get(), "the report before it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_tenant_is_left_alone() {
    let scene = Scene::new(Scenario::Healthy).await;
    let archive = scene.change(|workspace| workspace.tenants[0].tenant.status = TenantStatus::Archived);
    assert_eq!(blocked_after(&scene, archive).await.1, "tenant_not_operable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_gone_blocks_the_run() {
    let scene = Scene::new(Scenario::Healthy).await;
    let removed = scene.remove_secret();
    assert_eq!(blocked_after(&scene, removed).await.1, "provider_credential_missing");
}
