//! The order of refusals: the gateway's, then who may know, then who may do, then the body.

use harness::api::Answer;
use harness::customer::{OPERATOR, READER};
use harness::microsoft::Scenario;
use harness::shared;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_first_reason_to_refuse_decides_whatever_else_is_wrong() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let without_scope = stack.issuer().token_with(OPERATOR, json!({ "scope": "openid" }));
    let callers = [
        (stack.anonymous_api(), 401),
        (stack.anonymous_api().with_token(without_scope), 403),
        (stack.api("mallory"), 404),
        (stack.api(READER), 403),
        (stack.api(OPERATOR), 413),
    ];
    for (api, status) in callers {
        let request = api.request(Method::POST, &customer.verifications());
        let wrong_in_every_way = request.header("content-type", "text/plain").body("x".repeat(1_000_000));
        let answer = Answer::of(wrong_in_every_way).await.unwrap();
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let view = stack.api(OPERATOR).get(&customer.verification()).await.unwrap().json().unwrap();
    assert_eq!(view["state"], "empty", "nothing was written");
}

#[tokio::test]
async fn a_reader_is_told_which_capability_is_missing() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let answer = stack.api(READER).post(&customer.verifications(), &json!({})).await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (403, Some("application/problem+json")));
    assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()));
    let problem = answer.json().unwrap();
    assert_eq!((&problem["status"], &problem["reason_code"]), (&json!(403), &json!("missing_capability")));
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_told_apart_without_a_token() {
    let api = shared::stack().await.anonymous_api();
    for (method, path, status, allow) in [
        (Method::GET, "/", 404, None),
        (Method::GET, "/workspaces/1", 404, None),
        (Method::POST, "/runs/1/reports", 404, None),
        (Method::DELETE, "/runs/1", 405, Some("GET, HEAD")),
        (Method::PUT, "/runs/1/report", 405, Some("GET, HEAD")),
        (Method::GET, "/workspaces/1/tenants/1/verifications", 405, Some("POST")),
    ] {
        let answer = Answer::of(api.request(method.clone(), path)).await.unwrap();
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{method} {path}");
    }
}
