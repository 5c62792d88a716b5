//! Trouble at Microsoft: throttled is not failed, and an error is never in order.

use domain::access::Role;
use domain::check::CheckKey;
use domain::evidence::EvidenceKind;
use domain::operation_run::{Outcome, RunState};
use harness::customer::OPERATOR;
use harness::directory;
use harness::microsoft::{RETRY_AFTER_SECONDS, Scenario};
use harness::scene::{Scene, customer, stand_in};
use serde_json::json;

use super::every_scenario::every_scenario;
use super::{deliver, delivery, evidence, report, stored, text, verified};

#[tokio::test(flavor = "multi_thread")]
async fn mistake_04_throttling_is_no_failure_of_the_connection() {
    let asked_to_wait = json!(RETRY_AFTER_SECONDS);
    for (scenario, key, status, waits) in [
        (Scenario::Throttled, CheckKey::CONNECTION, "fail", vec![&asked_to_wait]),
        (Scenario::ThrottledWithoutRetryAfter, CheckKey::CONNECTION, "fail", vec![]),
        // The token was issued: in the middle of the check.
        (Scenario::ThrottledOrganization, CheckKey::TENANT_BINDING, "warn", vec![&asked_to_wait]),
    ] {
        let verified = verified(scenario).await;
        assert_eq!(verified.answer(&key), (status, "throttled"), "{scenario}");
        assert_eq!(evidence(verified.check(&key), EvidenceKind::RetryAfterSeconds), waits, "{scenario}");
        assert_eq!(verified.overall(), "needs_attention", "{scenario}: not blocked");
        assert!(verified.failures().iter().all(|(code, _)| *code == "throttled"), "{scenario}");
        assert_eq!(verified.health().await, None, "{scenario}: nothing was found out about the connection");
    }
}

/// Other tenants of the scene's workspace, each with a connection of its own.
async fn neighbours(scene: &Scene, tenants: [(u64, Scenario); 4]) -> Vec<Scene> {
    let mut neighbours = Vec::new();
    for (number, scenario) in tenants {
        let fixture = stand_in().await.tenant(scenario);
        let parameter = format!("/tenantcheck/test/1/{}-{number}", scene.sandbox.table);
        let (mut tenant, mut connection) = customer(&fixture, &parameter);
        tenant.id = number.try_into().expect("an id");
        connection.tenant_id = tenant.id;
        connection.id = (number + 1).try_into().expect("an id");
        let (sandbox, store) = (scene.sandbox.clone(), scene.store.clone());
        let neighbour = Scene { sandbox, store, fixture, tenant, connection };
        neighbour.put_secret(&neighbour.fixture.secret).await;
        neighbours.push(neighbour);
    }
    let wanted = |Scene { tenant, connection, .. }: &Scene| {
        directory::tenant(tenant, std::slice::from_ref(connection), &[(OPERATOR, Role::Operator)])
    };
    scene.change(|workspace| workspace.tenants.extend(neighbours.iter().map(wanted))).await;
    neighbours
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_04_a_throttled_tenant_leaves_the_others_of_its_batch_healthy() {
    let first = Scene::new(Scenario::Healthy).await;
    let others = [
        (20, Scenario::Throttled),
        (30, Scenario::Healthy),
        (40, Scenario::ThrottledWithoutRetryAfter),
        (50, Scenario::Healthy),
    ];
    let mut tenants = neighbours(&first, others).await;
    tenants.push(first);
    let mut batch = Vec::new();
    for tenant in &tenants {
        batch.push((tenant, tenant.queued_run().await));
    }
    let messages = batch.iter().map(|(_, run)| delivery(run.header.id, 1));
    let failed = deliver(&tenants[0].worker().await, messages).await;
    assert_eq!(failed.len(), 2, "the throttled ones come back: {failed:?}");

    for (tenant, run) in batch {
        let stored = stored(tenant, run.header.id).await;
        let health = tenant.health().await.map(|health| health.verification_status.to_string());
        if tenant.fixture.scenario == Scenario::Healthy {
            assert_eq!(report(&stored)["summary"]["overall"], "ready");
            assert_eq!(health.as_deref(), Some("healthy"));
        } else {
            assert!(matches!(&stored.run.state, RunState::Running(attempt) if attempt.retry_at.is_some()));
            assert_eq!((stored.report, health), (None, None), "nothing is said of the connection");
        }
    }
}

/// Microsoft refuses or fails, and no other answer tells what was asked for.
const NEVER_IN_ORDER: [Scenario; 14] = [
    Scenario::NoConsent,
    Scenario::IdentityNotFound,
    Scenario::ExpiredSecret,
    Scenario::WrongSecret,
    Scenario::UnknownTenant,
    Scenario::AppNotInTenant,
    Scenario::ConditionalAccess,
    Scenario::UnknownErrorCode,
    Scenario::OpaqueTokenAndAssignmentsForbidden,
    Scenario::Throttled,
    Scenario::ThrottledWithoutRetryAfter,
    Scenario::ThrottledOrganization,
    Scenario::AssignmentsThrottledWithOpaqueToken,
    Scenario::Down,
];

#[tokio::test(flavor = "multi_thread")]
async fn mistake_09_an_error_of_microsoft_is_never_in_order_and_carries_its_cause() {
    let technical =
        [EvidenceKind::HttpStatus, EvidenceKind::EntraErrorCode, EvidenceKind::GraphErrorCode, EvidenceKind::Detail];
    for verified in every_scenario().await {
        let scenario = verified.scenario();
        if NEVER_IN_ORDER.contains(&scenario) {
            assert_ne!(verified.overall(), "ready", "{scenario}");
        }
        for check in verified.checks() {
            let (status, reason) = (text(&check["status"]), text(&check["reason_code"]));
            assert_eq!(status == "pass", reason == "ok", "{scenario}: {check}");
            // What could not be found out says which answer was in the way.
            if ["throttled", "dependency_unreachable", "permission_denied", "unknown_error"].contains(&reason) {
                assert!(technical.iter().any(|kind| !evidence(check, *kind).is_empty()), "{scenario}: {check}");
            }
        }
        if matches!(verified.completion().outcome, Outcome::Failed(_)) {
            let failures = verified.failures();
            assert!(!failures.is_empty(), "{scenario} failed without a cause");
            assert!(failures.iter().all(|(code, message)| !code.is_empty() && !message.is_empty()), "{scenario}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_09_what_is_in_order_despite_a_refusal_names_who_said_so() {
    for (scenario, key, source) in [
        (Scenario::OrganizationForbidden, CheckKey::TENANT_BINDING, "token_tid"),
        (Scenario::AssignmentsForbidden, CheckKey::INVENTORY, "token_roles"),
    ] {
        let verified = verified(scenario).await;
        assert_eq!(verified.answer(&key), ("pass", "ok"), "{scenario}");
        assert_eq!(evidence(verified.check(&key), EvidenceKind::Source), [&json!(source)], "{scenario}");
    }
    // Nobody else knows when a secret ends: asked and refused is not the same as nothing to ask.
    let verified = verified(Scenario::ApplicationForbidden).await;
    assert_eq!(verified.answer(&CheckKey::CREDENTIAL_EXPIRY), ("warn", "permission_denied"));
}
