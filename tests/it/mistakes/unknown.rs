//! What nobody knows: codes that came after our tables, and facts that could not be found out.

use axum::http::StatusCode;
use domain::check::CheckKey;
use domain::evidence::EvidenceKind;
use harness::microsoft::Scenario;
use harness::scene::Scene;
use serde_json::{Value, json};

use super::altered_graph::{Alter, worker_of};
use super::every_scenario::every_scenario;
use super::{Verified, evidence, text, verified, verified_by};

#[tokio::test(flavor = "multi_thread")]
async fn mistake_07_an_unknown_code_of_entra_has_a_stable_reason() {
    let verified = verified(Scenario::UnknownErrorCode).await;
    assert_eq!(verified.answer(&CheckKey::CONNECTION), ("fail", "unknown_error"));
    let codes = evidence(verified.check(&CheckKey::CONNECTION), EvidenceKind::EntraErrorCode);
    assert_eq!(codes, [&json!(7_999_999)], "whoever asks Microsoft needs the number");
    assert_eq!(verified.health().await, Some(("error".to_owned(), Some("unknown_error".to_owned()))));
}

fn refused(status: StatusCode, document: &mut Value) -> StatusCode {
    *document = json!({ "error": { "code": "Novelty_NeverHeardOf", "message": "A novelty of adele@contoso.com." } });
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_07_an_unknown_code_of_graph_leaves_the_status_to_decide() {
    let refused_with: [(Alter, _); 3] = [
        (|_, document| refused(StatusCode::BAD_REQUEST, document), ("fail", "unknown_error")),
        (|_, document| refused(StatusCode::SERVICE_UNAVAILABLE, document), ("fail", "dependency_unreachable")),
        // "You may not read this" proves that the app is known and its token was accepted.
        (|_, document| refused(StatusCode::FORBIDDEN, document), ("pass", "ok")),
    ];
    for (alter, expected) in refused_with {
        let scene = Scene::new(Scenario::Healthy).await;
        let app = worker_of(&scene, alter).await;
        let verified = verified_by(&app, scene).await;
        assert_eq!(verified.answer(&CheckKey::CONNECTION), expected);
        let document = verified.report.to_string();
        assert!(!document.contains("Novelty") && !document.contains("novelty"), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_08_a_check_with_unknown_facts_warns_and_is_never_left_out() {
    let keys = |verified: &Verified| -> Vec<String> {
        verified.checks().iter().map(|check| text(&check["key"]).to_owned()).collect()
    };
    let all = keys(&verified(Scenario::Healthy).await);
    assert_eq!(all.len(), 12);
    for verified in every_scenario().await {
        assert_eq!(keys(verified), all, "{}: the same checks in the same order", verified.scenario());
        for check in verified.checks().iter().filter(|check| check["status"] == "skip") {
            let (reason, message) = (text(&check["reason_code"]), text(&check["message"]));
            let known = ["not_applicable", "provider_license_missing"].contains(&reason);
            // It says why the principal could not be read.
            assert!(known || check["key"] == CheckKey::APP_STATE.as_str(), "{check}");
            assert!(!message.is_empty(), "a skip says why: {check}");
        }
        // The gates never skip a question that was asked.
        assert_ne!(verified.answer(&CheckKey::CONNECTION).0, "skip", "{}", verified.scenario());
    }
    let throttled = verified(Scenario::ThrottledOrganization).await;
    assert_eq!(throttled.answer(&CheckKey::TENANT_BINDING), ("warn", "throttled"));
}
