//! Bodies that are refused, each with its own problem, and nothing written for any of them.

use harness::api::Answer;
use harness::customer::OPERATOR;
use harness::microsoft::Scenario;
use harness::shared;
use reqwest::Method;

const JSON: &str = "application/json";

#[tokio::test]
async fn each_bad_body_is_its_own_problem_and_writes_nothing() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let api = stack.api(OPERATOR);
    let large = format!("{{\"provider_connection_id\":{}}}", "1".repeat(1_000_000));
    let mut answers = Vec::new();
    for (content_type, body) in [
        (JSON, "not json"),
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, r#"{"connection":1}"#),
        (JSON, r#"{"provider_connection_id":"1"}"#),
        (JSON, r#"{"provider_connection_id":1.5}"#),
        (JSON, r#"{"provider_connection_id":0}"#),
        (JSON, r#"{"provider_connection_id":9007199254740992}"#),
        ("text/plain", "{}"),
        (JSON, &large),
    ] {
        let request = api.request(Method::POST, &customer.verifications());
        let answer = Answer::of(request.header("content-type", content_type).body(body.to_owned())).await.unwrap();
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{body:.60}");
        let problem = answer.json().unwrap();
        answers.push(format!("{body:.60}\n  {} {}", answer.status, problem["detail"]));
    }
    insta::assert_snapshot!("bad_bodies", answers.join("\n"));
    let view = api.get(&customer.verification()).await.unwrap().json().unwrap();
    assert_eq!(view["state"], "empty");
}
