//! A verification from its start to what everybody sees of it.

use harness::customer::{OPERATOR, READER};
use harness::microsoft::Scenario;
use harness::shared;
use serde_json::{Value, json};

use super::{PATIENCE, verified};

#[tokio::test]
async fn a_customer_is_verified_and_everybody_entitled_sees_the_report() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let (grace, linus) = (stack.api(OPERATOR), stack.api(READER));

    let view = linus.get(&customer.verification()).await.unwrap().json().unwrap();
    assert_eq!((&view["state"], &view["run"]), (&json!("empty"), &json!(null)));

    let started = grace.post(&customer.verifications(), &json!({})).await.unwrap();
    assert_eq!((started.status, started.header("retry-after")), (202, Some("2")));
    let run = started.json().unwrap();
    assert_eq!((&run["start_result"], &run["status"]), (&json!("accepted"), &json!("queued")));
    let location = started.header("location").unwrap();
    assert_eq!(location, format!("/runs/{}", run["id"]));

    let run = linus.completed(location, PATIENCE).await.unwrap();
    assert_eq!((&run["outcome"], &run["attempt"]), (&json!("succeeded"), &json!(1)));
    assert_eq!(run["context"]["verification_report"]["summary"]["overall"], "ready");
    assert_eq!(run["initiator"], json!({ "user_id": OPERATOR, "name": "grace (local)" }));

    let report = linus.get(&format!("{location}/report")).await.unwrap();
    assert_eq!((report.status, report.header("content-type")), (200, Some("application/json")));
    assert_eq!(report.json().unwrap(), run["context"]["verification_report"]);

    let view = linus.get(&customer.verification()).await.unwrap().json().unwrap();
    assert_eq!((&view["state"], &view["run"]), (&json!("completed"), &run));
    assert_eq!(view["can_start"], json!({ "allowed": false, "reason": "missing_capability" }));

    let connections = linus.get(&customer.connections()).await.unwrap().json().unwrap();
    assert_eq!(connections["default_connection_id"], customer.connection);
    assert_eq!(connections["connections"][0]["verification_status"], "healthy");
}

#[tokio::test]
async fn starts_and_ends_are_counted() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::WrongSecret).await.unwrap();
    let count = async |name: &str, dimension: &str, value: &str| {
        let logs = stack.logs().await.unwrap();
        let counted = |line: &&str| {
            let document = serde_json::from_str::<Value>(line);
            document.is_ok_and(|document| {
                document[name] == 1 && document[dimension] == value && !document["_aws"].is_null()
            })
        };
        logs.lines().filter(counted).count()
    };
    let before = count("Starts", "result", "accepted").await;
    verified(&stack.api(OPERATOR), &customer).await;
    assert!(count("Starts", "result", "accepted").await > before);
    assert!(count("Completions", "reason", "provider_credential_secret_invalid").await > 0);
}

#[tokio::test]
async fn the_next_report_is_compared_with_the_one_before() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::MissingScripts).await.unwrap();
    let grace = stack.api(OPERATOR);
    let first = verified(&grace, &customer).await;
    let second = verified(&grace, &customer).await;
    assert_eq!(second["context"]["verification_report"]["previous_report_id"], first["id"]);
    assert_eq!(second["change_indicator"]["state"], "no_changes", "{}", second["change_indicator"]);
}
