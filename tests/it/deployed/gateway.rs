//! What API Gateway itself refuses, before any function is called. Its answers are its own, not problem documents.

use harness::api::Answer;
use harness::shared;
use reqwest::Method;
use serde_json::json;

const ROUTES: [(Method, &str); 5] = [
    (Method::POST, "/workspaces/1/tenants/1/verifications"),
    (Method::GET, "/workspaces/1/tenants/1/verification"),
    (Method::GET, "/workspaces/1/tenants/1/connections"),
    (Method::GET, "/runs/1"),
    (Method::GET, "/runs/1/report"),
];

#[tokio::test]
async fn every_route_refuses_a_caller_without_a_token() {
    let api = shared::stack().await.anonymous_api();
    for (method, path) in ROUTES {
        let answer = Answer::of(api.request(method, path)).await.unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (401, r#"{"message": "Unauthorized"}"#), "{path}");
    }
}

#[tokio::test]
async fn every_route_refuses_a_token_without_the_scope() {
    let stack = shared::stack().await;
    let id_token = stack.issuer().token_with("ada", json!({ "scope": "openid" }));
    let api = stack.anonymous_api().with_token(id_token);
    for (method, path) in ROUTES {
        let answer = Answer::of(api.request(method, path)).await.unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (403, r#"{"message": "Forbidden"}"#), "{path}");
    }
}

#[tokio::test]
async fn a_token_of_another_audience_issuer_or_time_is_no_token() {
    let stack = shared::stack().await;
    for claims in [json!({ "aud": "another" }), json!({ "iss": "https://elsewhere.example" }), json!({ "exp": 1 })] {
        let api = stack.anonymous_api().with_token(stack.issuer().token_with("ada", claims.clone()));
        assert_eq!(api.get("/runs/1").await.unwrap().status, 401, "{claims}");
    }
}

#[tokio::test]
async fn anybody_may_read_the_contract() {
    let answer = shared::stack().await.anonymous_api().get("/openapi.json").await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, contract::OPENAPI_JSON));
}
