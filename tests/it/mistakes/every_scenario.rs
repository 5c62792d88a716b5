//! One verification of every scenario, made once for all tests that look at all of them.

use std::fmt::Write;

use domain::operation_run::Outcome;
use futures_util::future::try_join_all;
use harness::microsoft::Scenario;
use tokio::sync::OnceCell;

use super::{Verified, text, verified};

/// What the worker stored for a connection of each scenario.
pub(super) async fn every_scenario() -> &'static [Verified] {
    static SHARED: OnceCell<Vec<Verified>> = OnceCell::const_new();
    let verify = async || {
        let runs = Scenario::ALL.iter().map(|scenario| tokio::spawn(verified(*scenario)));
        try_join_all(runs).await.expect("no verification panics")
    };
    SHARED.get_or_init(verify).await
}

/// What the run, its report and the connection's health say.
async fn row(verified: &Verified) -> String {
    let outcome = match &verified.completion().outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed(_) => "failed",
        Outcome::Interrupted { .. } => "interrupted",
        Outcome::Blocked { .. } => "blocked",
    };
    let health = match verified.health().await {
        Some((status, last_error)) => format!("{status} ({})", last_error.as_deref().unwrap_or("-")),
        None => "unchanged".to_owned(),
    };
    let (scenario, overall) = (verified.scenario(), verified.overall());
    let mut row = format!("{scenario}\n  outcome {outcome}, overall {overall}, health {health}\n");
    for check in verified.checks() {
        let blocking = if check["blocking"] == true { "blocking" } else { "" };
        let (key, status, reason) = (text(&check["key"]), text(&check["status"]), text(&check["reason_code"]));
        writeln!(row, "  {key:<36} {status:<5} {blocking:<9} {reason}").expect("a String takes every write");
    }
    row
}

/// Each row of the specification's outcome table comes out of a scenario exactly as written.
#[tokio::test(flavor = "multi_thread")]
async fn each_scenario_ends_as_the_outcome_table_says() {
    let mut rows = Vec::new();
    for verified in every_scenario().await {
        rows.push(row(verified).await);
    }
    insta::assert_snapshot!("each_scenario", rows.join("\n"));
}
