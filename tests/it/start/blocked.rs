//! Starts whose prerequisites are missing: a completed run with its report, and no message.

use std::collections::{HashMap, HashSet};

use domain::connection::{ConnectionType, ConsentStatus, ProviderConnection};
use domain::directory::WantedWorkspace;
use domain::tenant::{Tenant, TenantStatus};
use futures_util::future::join_all;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, Scene};
use serde_json::{Value, json};

use super::{VERIFICATIONS, messages, run_id};

/// What the deployment of these tests declares for the scene's app.
const PLATFORM: &str = "/tenantcheck/test/platform/app";

/// The case's name, the tenant, and its connections.
type Case = (&'static str, Tenant, Vec<ProviderConnection>);

fn cases(scene: &Scene) -> Vec<Case> {
    let tenant = || scene.tenant.clone();
    let with = |change: fn(&mut ProviderConnection)| {
        let mut connection = scene.connection.clone();
        change(&mut connection);
        vec![connection]
    };
    let archived = Tenant { status: TenantStatus::Archived, ..tenant() };
    vec![
        ("no connection", tenant(), vec![]),
        ("no default", tenant(), with(|it| it.is_default = false)),
        ("archived", archived, with(|_| ())),
        ("disabled", tenant(), with(|it| it.is_enabled = false)),
        ("malformed client id", tenant(), with(|it| it.client_id = String::from("app"))),
        ("unknown cloud", tenant(), with(|it| it.cloud = String::from("mars"))),
        (
            "another Entra tenant",
            tenant(),
            with(|it| it.entra_tenant_id = String::from("00000000-0000-4000-8000-000000000009")),
        ),
        ("no reference", tenant(), with(|it| it.credential.reference = None)),
        ("foreign reference", tenant(), with(|it| it.credential.reference = Some("/tenantcheck/test/7/x".to_owned()))),
        ("consent required", tenant(), with(|it| it.consent_status = ConsentStatus::Required)),
        (
            "consent unknown on a platform connection",
            tenant(),
            with(|it| {
                it.consent_status = ConsentStatus::Unknown;
                it.connection_type = ConnectionType::Platform;
                it.credential.reference = Some(PLATFORM.to_owned());
            }),
        ),
        (
            "a platform credential that is not declared",
            tenant(),
            with(|it| {
                it.connection_type = ConnectionType::Platform;
                it.credential.reference = Some("/tenantcheck/test/platform/another".to_owned());
            }),
        ),
        ("consent failed", tenant(), with(|it| it.consent_status = ConsentStatus::Failed)),
        ("consent revoked", tenant(), with(|it| it.consent_status = ConsentStatus::Revoked)),
    ]
}

#[tokio::test]
async fn each_missing_prerequisite_blocks_with_its_report() {
    let mut table = String::new();
    let count = cases(&Scene::new(Scenario::Healthy).await).len();
    for index in 0..count {
        let scene = Scene::new(Scenario::Healthy).await;
        let edge = Edge::of(&scene).with_credentials(scene.platform_app(PLATFORM));
        let (case, tenant, connections) = cases(&scene).swap_remove(index);
        let prepare = |workspace: &mut WantedWorkspace| {
            workspace.tenants[0].tenant = tenant;
            workspace.tenants[0].connections = connections;
        };
        scene.change(prepare).await;
        let answer = edge.start(OPERATOR, VERIFICATIONS).await;
        let body = answer.json();
        assert_eq!(answer.status, 202, "{case}: {}", answer.text);
        assert_eq!(
            (answer.header("location"), answer.header("retry-after")),
            (&*format!("/runs/{}", run_id(&body)), "")
        );
        assert_eq!(
            (&body["status"], &body["outcome"], &body["start_result"]),
            (&json!("completed"), &json!("blocked"), &json!("blocked"))
        );
        assert_eq!(body["context"]["verification_report"]["checks"][0]["reason_code"], body["context"]["reason_code"]);
        assert_eq!(body["context"]["verification_report"]["summary"]["overall"], "blocked");
        assert_eq!(body["failure_summary"][0]["code"], body["context"]["reason_code"]);
        assert_eq!(messages(&scene).await, 0, "{case}");
        let step = &body["context"]["next_steps"][0];
        let url = step["url"].as_str().unwrap().replace(&*scene.tenant.entra_tenant_id, "[tenant]");
        let url = url.replace(&*scene.connection.client_id, "[client]");
        table += &format!("{case}: {} | {} -> {url}\n", body["context"]["reason_code"], step["label"]);
    }
    insta::assert_snapshot!("blocked_starts", table);
}

#[tokio::test]
async fn a_blocked_start_is_stored_as_it_was_answered() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let mut answered = edge.start(OPERATOR, VERIFICATIONS).await.json();
    let mut shown = edge.get(OPERATOR, &format!("/runs/{}", run_id(&answered))).await.json();
    answered.as_object_mut().unwrap().remove("start_result");
    let shown_fields = shown.as_object_mut().unwrap();
    assert_eq!(shown_fields.remove("freshness"), Some(json!("terminal_normal")));
    assert_eq!(shown_fields.remove("change_indicator"), Some(json!({ "state": "none" })));
    assert_eq!(shown_fields.remove("acknowledgements"), Some(json!([])));
    assert_eq!(shown_fields.remove("previously_acknowledged"), Some(json!([])));
    assert_eq!(shown, answered);
}

#[tokio::test]
async fn the_next_report_of_the_same_connection_names_the_one_before() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene).unhurried();
    let previous = |body: &Value| body["context"]["verification_report"]["previous_report_id"].clone();
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let first = edge.start(OPERATOR, VERIFICATIONS).await.json();
    let second = edge.start(OPERATOR, VERIFICATIONS).await.json();
    scene.change_connection(|connection| connection.consent_status = ConsentStatus::Revoked).await;
    let third = edge.start(OPERATOR, VERIFICATIONS).await.json();
    assert_eq!(
        (previous(&first), previous(&second), previous(&third)),
        (Value::Null, first["id"].clone(), second["id"].clone())
    );

    let shown = edge.get(OPERATOR, &format!("/runs/{}", run_id(&second))).await.json();
    assert_eq!(shown["change_indicator"], json!({ "state": "none" }), "nothing was seen");
}

/// Those that come while none has ended yet each complete a run, which follows the report of the one before it; the others are given the
/// latest.
#[tokio::test(flavor = "multi_thread")]
async fn forty_starts_of_a_disabled_connection_at_once_are_all_answered_and_their_reports_form_one_chain() {
    let scene = Scene::new(Scenario::Healthy).await;
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let edge = Edge::of(&scene);
    let answers = join_all((0..40).map(|_| edge.start(OPERATOR, VERIFICATIONS))).await;
    let mut results: Vec<_> =
        answers.iter().map(|answer| (answer.status, answer.json()["start_result"].clone())).collect();
    results.dedup();
    assert_eq!(results, [(202, json!("blocked"))]);
    let links: HashMap<_, _> = answers
        .iter()
        .map(|answer| {
            let run = answer.json();
            let before = run["context"]["verification_report"]["previous_report_id"].as_u64();
            (run["id"].as_u64(), before)
        })
        .collect();
    let before: HashSet<_> = links.values().collect();
    assert_eq!(before.len(), links.len(), "no report has two that follow it");
    assert_eq!(links.values().filter(|before| before.is_none()).count(), 1, "one is the first");
    assert!(links.values().flatten().all(|before| links.contains_key(&Some(*before))), "{links:?}");
}
