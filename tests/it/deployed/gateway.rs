//! What API Gateway itself refuses, before any function is called. Its answers are its own, not problem documents.

use std::io::Read as _;

use harness::api::{Answer, Api};
use harness::contract::operations;
use harness::customer::OPERATOR;
use harness::shared;
use reqwest::Method;
use serde_json::json;

/// Every route of the contract that asks for a token.
pub(super) fn routes() -> Vec<(Method, String)> {
    let closed = operations().filter(|operation| operation.object.get("security").is_none());
    let routes = closed.map(|operation| {
        let parts = operation.template.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        (operation.method.parse().unwrap(), parts.collect::<Vec<_>>().join("/"))
    });
    routes.collect()
}

#[tokio::test]
async fn every_route_refuses_a_caller_without_a_token() {
    let api = shared::stack().await.anonymous_api();
    for (method, path) in routes() {
        let answer = Answer::of(api.request(method, &path)).await.unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (401, r#"{"message": "Unauthorized"}"#), "{path}");
    }
}

#[tokio::test]
async fn every_route_refuses_a_token_without_the_scope() {
    let stack = shared::stack().await;
    let id_token = stack.issuer().token_with("ada", json!({ "scope": "openid" }));
    let api = stack.anonymous_api().with_token(id_token);
    for (method, path) in routes() {
        let answer = Answer::of(api.request(method, &path)).await.unwrap();
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
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
}

#[tokio::test]
async fn a_head_is_answered_where_a_get_is() {
    let stack = shared::stack().await;
    let head = async |api: &Api, path: &str| {
        let answer = api.request(Method::HEAD, path).send().await.unwrap();
        (answer.status().as_u16(), answer.headers().contains_key("etag"))
    };
    let (anybody, grace) = (stack.anonymous_api(), stack.api(OPERATOR));
    assert_eq!(head(&anybody, "/openapi.json").await, (200, true));
    for (method, path) in routes().into_iter().filter(|(method, _)| method == Method::GET) {
        assert_eq!(head(&anybody, &path).await, (401, false), "{method} {path}");
        assert_eq!(head(&grace, &path).await, (404, false), "{method} {path}");
    }
}

#[tokio::test]
async fn whoever_takes_gzip_is_sent_it_through_the_gateway() {
    let api = shared::stack().await.anonymous_api();
    let request = api.request(reqwest::Method::GET, "/openapi.json").header("accept-encoding", "gzip");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let packed = answer.bytes().await.unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    assert!(text == contract::OPENAPI_JSON && packed.len() < text.len() / 3, "{} of {}", packed.len(), text.len());
}
