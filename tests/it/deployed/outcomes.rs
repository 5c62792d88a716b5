//! What a caller reads of each way in which a run can end, through the whole stack. What becomes of every scenario is seen where it costs
//! no processes: `mistakes::every_scenario`.

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

/// One for each outcome with what it does to the connection's health.
const ENDINGS: [Scenario; 6] = [
    Scenario::Healthy,
    Scenario::MissingScripts,
    Scenario::MissingPermission,
    Scenario::WrongSecret,
    Scenario::WrongOrganization,
    Scenario::ThrottledOrganization,
];

#[tokio::test]
async fn a_caller_reads_how_each_run_ended() {
    let rows = join_all(ENDINGS.map(row)).await;
    insta::assert_snapshot!("each_ending", rows.join("\n"));
}
