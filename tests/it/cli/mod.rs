//! `tenantcheck`, the program itself: what an operator types, reads and scripts. Most of it runs against a stand-in of the API that
//! answers what a test says, over real HTTP; what fits together with the deployed API is in `deployed`.

mod api_errors;
mod audit;
mod closed_pipe;
mod clouds;
mod credential;
mod deployed;
mod dry_run;
mod forget;
mod forget_trouble;
mod lists;
mod outputs;
mod program;
mod release;
mod rights;
mod sign_in;
mod silence;
mod stand_in;
mod table;
mod token;
mod verify;

use harness::contract;
use serde_json::{Value, json};

/// Makes a test of each scenario on each emulator.
macro_rules! on_both_emulators {
    ($($scenario:ident,)+) => {
        mod ministack {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(crate::cli::table::Table::on_ministack().await).await;
            })+
        }

        mod dynoxide {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(crate::cli::table::Table::on_dynoxide().await).await;
            })+
        }
    };
}

use on_both_emulators;

/// Run 41, of connection 3 of tenant 2 in workspace 1, as the API shows it.
fn run(status: &str, outcome: &str) -> Value {
    json!({
        "id": 41, "workspace_id": 1, "tenant_id": 2, "type": "provider.connection.check", "status": status, "outcome": outcome,
        "run_identity_hash": "0".repeat(64), "initiator": { "user_id": "ada", "name": "Ada" },
        "context": {
            "provider": "microsoft", "module": "intune", "provider_connection_id": 3,
            "target_scope": { "entra_tenant_id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee" },
        },
        "failure_summary": [], "summary_counts": null, "created_at": "2026-11-01T08:00:00.000Z", "started_at": null,
        "completed_at": null, "version": 1, "attempt": 0, "waiting_until": null, "verified": null, "freshness": "fresh_active", "change_indicator": null,
        "acknowledgements": [], "previously_acknowledged": [],
    })
}

/// Run 41, completed with a report.
fn completed(outcome: &str, report: &str) -> Value {
    let mut run = run("completed", outcome);
    run["context"]["verification_report"] = serde_json::from_str(report).unwrap();
    run["summary_counts"] = run["context"]["verification_report"]["summary"]["counts"].clone();
    run["completed_at"] = json!("2026-11-01T08:00:05.000Z");
    run["verified"] = json!(outcome != "blocked");
    if outcome != "succeeded" {
        run["failure_summary"] = json!([{ "code": "unknown_error", "message": "It is not known why.", "count": 1 }]);
    }
    if outcome == "blocked" {
        run["context"]["reason_code"] = json!("unknown_error");
        run["context"]["next_steps"] = json!([]);
    }
    run["freshness"] = json!("terminal_normal");
    run["change_indicator"] = json!({ "state": "none" });
    run
}

/// What is answered to a start that comes to this run.
fn started(mut run: Value, start_result: &str) -> Value {
    let body = run.as_object_mut().unwrap();
    for derived in ["freshness", "change_indicator", "acknowledgements", "previously_acknowledged"] {
        body.remove(derived);
    }
    run["start_result"] = json!(start_result);
    run
}

/// A run as lists have it.
fn in_list(mut run: Value, overall: Option<&str>) -> Value {
    let body = run.as_object_mut().unwrap();
    for left_out in ["change_indicator", "acknowledgements", "previously_acknowledged"] {
        body.remove(left_out);
    }
    run["context"].as_object_mut().unwrap().remove("verification_report");
    run["overall"] = json!(overall);
    run
}

/// The problem of this kind that the contract shows as an example, with its status.
fn problem(slug: &str) -> (u16, Value) {
    fn find(value: &Value, kind: &str) -> Option<Value> {
        match value {
            Value::Object(members) if value["type"] == kind && value["status"].is_u64() => {
                Some(Value::Object(members.clone()))
            }
            Value::Object(members) => members.values().find_map(|member| find(member, kind)),
            Value::Array(items) => items.iter().find_map(|item| find(item, kind)),
            _ => None,
        }
    }
    let kind = format!("urn:tenantcheck:problem:{slug}");
    let found = find(&contract::document()["components"]["responses"], &kind);
    let found = found.unwrap_or_else(|| panic!("the contract has no example of {slug}"));
    (u16::try_from(found["status"].as_u64().unwrap()).unwrap(), found)
}

const READY: &str = include_str!("../../../schemas/examples/verification-report.ready.json");
const NEEDS_ATTENTION: &str = include_str!("../../../schemas/examples/verification-report.needs-attention.json");
const BLOCKED: &str = include_str!("../../../schemas/examples/verification-report.blocked-stub.json");
