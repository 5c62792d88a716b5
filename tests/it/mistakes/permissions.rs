//! What is granted: not known, nothing at all, not needed for want of a licence, or renamed by Microsoft.

use axum::http::StatusCode;
use domain::check::CheckKey;
use domain::evidence::EvidenceKind;
use harness::microsoft::Scenario;
use harness::scene::Scene;
use serde_json::{Value, json};

use super::altered_graph::{Alter, worker_of};
use super::{CLUSTERS, Verified, evidence, text, verified, verified_by};

#[tokio::test(flavor = "multi_thread")]
async fn mistake_01_a_failed_grants_lookup_is_never_all_granted() {
    for (scenario, reason) in [
        (Scenario::OpaqueTokenAndAssignmentsForbidden, "permission_denied"),
        (Scenario::AssignmentsThrottledWithOpaqueToken, "throttled"),
    ] {
        let verified = verified(scenario).await;
        assert_eq!(verified.overall(), "needs_attention", "{scenario}");
        for key in CLUSTERS.iter().chain([&CheckKey::INVENTORY]) {
            assert_eq!(verified.answer(key), ("warn", reason), "{scenario} {key}");
        }
        let counted = evidence(verified.check(&CheckKey::INVENTORY), EvidenceKind::GrantedPermissions);
        assert!(counted.is_empty(), "{scenario}: nothing was counted");
        assert!(verified.failures().iter().any(|(code, _)| *code == reason), "{scenario}");
        assert_eq!(verified.health().await, None, "{scenario}: nothing was found out about the connection");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_02_a_token_without_roles_is_missing_consent() {
    let verified = verified(Scenario::NoConsent).await;
    assert_eq!(verified.overall(), "blocked");
    for key in CLUSTERS {
        assert_eq!(verified.answer(&key), ("fail", "provider_consent_missing"), "{key}");
    }
    let steps = &verified.check(&CheckKey::ADMIN_CONSENT)["next_steps"];
    let tenant = &verified.scene.fixture.entra_tenant_id;
    let consent = format!("https://login.microsoftonline.com/{tenant}/adminconsent");
    assert!(text(&steps[0]["url"]).starts_with(&consent), "{steps}");
    let health = ("blocked".to_owned(), Some("provider_consent_missing".to_owned()));
    assert_eq!(verified.health().await, Some(health));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_10_an_absent_licence_is_skipped_with_its_reason() {
    let verified = verified(Scenario::NoIntuneLicence).await;
    for key in CLUSTERS {
        let of_intune = key.as_str().contains("intune") || key == CheckKey::SCRIPTS_REMEDIATIONS;
        let expected = if of_intune { ("skip", "provider_license_missing") } else { ("pass", "ok") };
        assert_eq!(verified.answer(&key), expected, "{key}");
        assert!(!text(&verified.check(&key)["message"]).is_empty(), "{key} says why");
    }
}

/// A role that came after every table that we and Graph have.
const NEW_ROLE: &str = "fafafafa-0000-4000-8000-00000000beef";

fn with_an_unknown_role(path: &str, document: &mut Value) -> StatusCode {
    if path.ends_with("/appRoleAssignments") {
        let assignments = document["value"].as_array_mut().expect("a list");
        let mut another = assignments[0].clone();
        another["appRoleId"] = json!(NEW_ROLE);
        assignments.push(another);
    }
    StatusCode::OK
}

async fn healthy_but(alter: Alter) -> Verified {
    let scene = Scene::new(Scenario::Healthy).await;
    let app = worker_of(&scene, alter).await;
    verified_by(&app, scene).await
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_16_an_unknown_role_is_reported_and_not_fatal() {
    let verified = healthy_but(with_an_unknown_role).await;
    assert_eq!(verified.overall(), "ready");
    let inventory = verified.check(&CheckKey::INVENTORY);
    assert_eq!(evidence(inventory, EvidenceKind::UnknownRoles), [&json!(1)]);
    assert_eq!(evidence(inventory, EvidenceKind::UnknownRole), [&json!(NEW_ROLE)]);
}
