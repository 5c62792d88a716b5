//! One request and its answer: the frame around what a function does. It gives every log line the request's id, converts the
//! outcome to HTTP, and logs the request once.

use std::time::Instant;

use lambda_http::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use lambda_http::http::{Method, Response, StatusCode};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt};
use tracing::Instrument;

use crate::problem::{Problem, run_path};
use crate::reply::Reply;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Seconds after which a request that met trouble on our side is worth repeating.
const UNAVAILABLE_SECONDS: u32 = 5;

/// Waits for what `work` makes of the request, and answers with it.
pub async fn exchange(request: &Request, work: impl Future<Output = Result<Reply, Problem>>) -> Response<Body> {
    let started = Instant::now();
    let (request_id, route) = identify(request);
    let span = tracing::info_span!("request", request.id = request_id, request.route = route);
    let answered = work.instrument(span.clone()).await;
    let response = respond(request.method(), request_id, answered);
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(response.status = status, duration_ms, "answered a request"));
    response
}

/// The gateway's id of the request, else Lambda's, and the gateway's name of the route: no ids of a path reach the log with it.
fn identify(request: &Request) -> (&str, &str) {
    let gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => Some(context),
        _ => None,
    };
    let invocation = request.lambda_context_ref().map(|context| context.request_id.as_str());
    let request_id = gateway.and_then(|context| context.request_id.as_deref()).or(invocation);
    let route = gateway.and_then(|context| context.route_key.as_deref());
    (request_id.unwrap_or_default(), route.unwrap_or_default())
}

fn respond(method: &Method, request_id: &str, answered: Result<Reply, Problem>) -> Response<Body> {
    let mut response = match answered {
        Ok(reply) => succeed(reply),
        Err(problem) => refuse(&problem, request_id),
    };
    let headers = response.headers_mut();
    // An id with characters that no header may carry is not the gateway's.
    headers.insert(X_REQUEST_ID, HeaderValue::from_str(request_id).unwrap_or(HeaderValue::from_static("unknown")));
    if method == Method::GET {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(VARY, HeaderValue::from_static("Authorization"));
    }
    response
}

fn succeed(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::Text(reply.body));
    *response.status_mut() = if reply.started.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(run_id) = reply.started {
        headers.insert(LOCATION, HeaderValue::from_str(&run_path(run_id)).expect("digits and slashes"));
    }
    if let Some(seconds) = reply.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn refuse(problem: &Problem, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::Text(problem.document(request_id)));
    *response.status_mut() =
        StatusCode::from_u16(problem.status()).expect("the table of problems holds valid statuses");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    match problem {
        Problem::MethodNotAllowed(allow) => {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        Problem::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Problem::Unavailable => {
            headers.insert(RETRY_AFTER, UNAVAILABLE_SECONDS.into());
        }
        Problem::NotFound
        | Problem::Forbidden(_)
        | Problem::BodyTooLarge
        | Problem::UnsupportedMediaType
        | Problem::MalformedJson(_)
        | Problem::InvalidInput { .. }
        | Problem::ScopeBusy(_)
        | Problem::ReportNotAvailable(_)
        | Problem::Internal => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use domain::access::Capability;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing;

    fn print(response: &Response<Body>) -> String {
        let mut lines = vec![response.status().as_u16().to_string()];
        let mut headers: Vec<_> = response.headers().iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.sort();
        lines.extend(headers);
        let body: Value = serde_json::from_slice(response.body()).expect("JSON");
        lines.push(serde_json::to_string_pretty(&body).expect("JSON"));
        lines.join("\n")
    }

    #[test]
    fn every_problem_has_its_answer() {
        let run_id = "42".parse().expect("an id");
        let field = "provider_connection_id".to_owned();
        let problems = [
            Problem::Unauthenticated,
            Problem::NotFound,
            Problem::Forbidden(Capability::RunProvider),
            Problem::MethodNotAllowed("POST"),
            Problem::BodyTooLarge,
            Problem::UnsupportedMediaType,
            Problem::MalformedJson("expected value at line 1 column 1".to_owned()),
            Problem::InvalidInput { field, reason: "an id is from 1 to 9007199254740991".to_owned() },
            Problem::ScopeBusy(run_id),
            Problem::ReportNotAvailable(run_id),
            Problem::Unavailable,
            Problem::Internal,
        ];
        let answers: Vec<_> =
            problems.into_iter().map(|problem| print(&respond(&Method::POST, "request-1", Err(problem)))).collect();
        insta::assert_snapshot!("problems", answers.join("\n\n"));
    }

    #[test]
    fn what_is_not_found_looks_the_same_whoever_asks() {
        let body = |method: &Method, request_id| respond(method, request_id, Err(Problem::NotFound)).into_body();
        assert_eq!(body(&Method::GET, "a"), body(&Method::POST, "b"));
    }

    #[test]
    fn a_get_may_be_kept_by_its_caller_alone() {
        let reply = Reply::document("{}".to_owned());
        insta::assert_snapshot!("answer_to_a_get", print(&respond(&Method::GET, "request-1", Ok(reply))));
    }

    #[test]
    fn the_gateways_request_id_is_the_answers() {
        let request = testing::request("GET", "/runs/1", json!({}));
        assert_eq!(identify(&request), ("request-1", "$default"));
    }
}
