//! Every way in which Microsoft can answer, through the whole stack: what a caller reads of it.

use std::fmt::Write;

use futures_util::future::join_all;
use harness::customer::OPERATOR;
use harness::microsoft::Scenario;
use harness::shared;
use serde_json::Value;

use super::verified;

async fn row(scenario: Scenario) -> String {
    let stack = shared::stack().await;
    let customer = stack.customer(scenario).await.unwrap();
    let grace = stack.api(OPERATOR);
    let run = verified(&grace, &customer).await;
    let report = &run["context"]["verification_report"];
    let connections = grace.get(&customer.connections()).await.unwrap().json().unwrap();
    let connection = &connections["connections"][0];

    let mut row = format!(
        "{scenario}\n  outcome {}, overall {}, connection {} ({})\n",
        text(&run["outcome"]),
        text(&report["summary"]["overall"]),
        text(&connection["verification_status"]),
        text(&connection["last_error_reason_code"]),
    );
    for check in report["checks"].as_array().unwrap() {
        let blocking = if check["blocking"] == true { "blocking" } else { "" };
        let (key, status, reason) = (text(&check["key"]), text(&check["status"]), text(&check["reason_code"]));
        writeln!(row, "  {key:<36} {status:<5} {blocking:<9} {reason}").unwrap();
    }
    row
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

#[tokio::test]
async fn each_scenario_ends_as_the_outcome_table_says() {
    // A few at a time: the emulator starts a process for each function that runs at once.
    let mut rows = Vec::new();
    for some in Scenario::ALL.chunks(6) {
        rows.extend(join_all(some.iter().copied().map(row)).await);
    }
    insta::assert_snapshot!("each_scenario", rows.join("\n"));
}
