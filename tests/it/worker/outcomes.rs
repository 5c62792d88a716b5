//! Each row of the specification's outcome table comes out of a scenario of the stand-in exactly as written.

use domain::operation_run::{Outcome, RunState};
use harness::microsoft::Scenario;
use harness::scene::Scene;

use super::{deliver, delivery, report, stored};

/// One row: what the run, its report and the connection's health say after the last delivery of its message.
async fn row(scenario: Scenario) -> String {
    let scene = Scene::new(scenario).await;
    let run = scene.queued_run().await;
    let failed = deliver(&scene.worker().await, [delivery(run.header.id, 5)]).await;
    assert!(failed.is_empty(), "{scenario}: {failed:?}");
    let stored = stored(&scene, run.header.id).await;
    let RunState::Completed(completion) = &stored.run.state else { panic!("{scenario}: {:?}", stored.run.state) };
    let outcome = match &completion.outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed(_) => "failed",
        Outcome::Interrupted { .. } => "interrupted",
        Outcome::Blocked { .. } => "blocked",
    };
    let document = report(&stored);
    let checks = document["checks"].as_array().expect("checks");
    let check = |at: usize| {
        let check = &checks[at];
        let blocking = if check["blocking"] == true { "" } else { " not blocking" };
        let reason = check["reason_code"].as_str().expect("a reason");
        format!("{}{blocking} {reason}", check["status"].as_str().expect("a status"))
    };
    let clusters: Vec<_> = checks[5..11]
        .iter()
        .map(|check| {
            format!("{}:{}", check["status"].as_str().unwrap_or(""), check["reason_code"].as_str().unwrap_or(""))
        })
        .collect();
    let health = scene.health().await.map_or("unchanged".to_owned(), |health| {
        let reason = health.last_error_reason_code.map_or("-".to_owned(), |code| code.to_string());
        format!("{} ({reason})", health.verification_status)
    });
    format!(
        "{scenario}\n  outcome {outcome}, overall {}, health {health}\n  1 {}\n  2 {}\n  3 {}\n  4 {}\n  5 {}\n  6 {}\n  7 {}\n",
        document["summary"]["overall"].as_str().expect("an overall"),
        check(0),
        check(1),
        check(2),
        check(3),
        check(4),
        clusters.join(" "),
        check(11)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_outcome_table_comes_out_of_a_scenario() {
    let scenarios = [
        Scenario::Healthy,
        Scenario::MissingScripts,
        Scenario::MissingPermission,
        Scenario::NoConsent,
        Scenario::WrongSecret,
        Scenario::ExpiredSecret,
        Scenario::UnknownTenant,
        Scenario::AppNotInTenant,
        Scenario::ConditionalAccess,
        Scenario::UnknownErrorCode,
        Scenario::IdentityNotFound,
        Scenario::WrongOrganization,
        Scenario::OrganizationForbidden,
        Scenario::AssignmentsForbidden,
        Scenario::Throttled,
        Scenario::Down,
        Scenario::Garbage,
        Scenario::Slow,
        Scenario::ThrottledOrganization,
        Scenario::OpaqueTokenAndAssignmentsForbidden,
        Scenario::AssignmentsThrottledWithOpaqueToken,
        Scenario::Paging,
        Scenario::EvilNextLink,
        Scenario::Redirect,
        Scenario::HugeBody,
        Scenario::HostileJson,
        Scenario::NoIntuneLicence,
        Scenario::SecretExpiring,
        Scenario::ApplicationForbidden,
        Scenario::DangerousGrant,
        Scenario::SlowDrip,
        Scenario::GzipBomb,
        Scenario::InvalidUtf8,
        Scenario::NestedError,
    ];
    let rows = scenarios.map(|scenario| tokio::spawn(row(scenario)));
    let rows = futures_util::future::try_join_all(rows).await.expect("no row panics");
    insta::assert_snapshot!("outcome_table", rows.concat());
}
