//! One request and its answer: the frame around what a function does. It gives every log line the request's id, converts the
//! outcome to HTTP, and logs the request once.

use std::time::{Duration, SystemTime};

use headers::HeaderMapExt;
use lambda_http::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, VARY,
};
use lambda_http::http::{Method, Response, StatusCode};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt};
use tokio::time::Instant;
use tracing::Instrument;

use crate::problem::{Problem, run_path};
use crate::reply::{Keeping, Reply, Success};
use crate::{caller, compression, conditional};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is left of the invocation for the answer itself, once its work was given up.
const TIME_TO_GIVE_UP: Duration = Duration::from_millis(500);

/// The template's timeout of a function that answers HTTP, for a request that does not come from Lambda.
const TIMEOUT: Duration = Duration::from_secs(10);

/// When the work on a request must be done. Every call and every retry of it shares this time: past it Lambda would end the function
/// in the middle of something, and the gateway would answer in its place.
#[must_use]
pub fn deadline(request: &Request) -> Instant {
    let left = request.lambda_context_ref().map(|context| context.deadline().duration_since(SystemTime::now()));
    let left = left.map_or(TIMEOUT, Result::unwrap_or_default);
    Instant::now() + left.saturating_sub(TIME_TO_GIVE_UP)
}

/// Waits for what `work` makes of the request, and answers with it. The log knows the caller, whom the token's claim of this name
/// identifies, by a pseudonym.
pub async fn exchange(
    request: &Request,
    user_id_claim: &str,
    work: impl Future<Output = Result<Reply, Problem>>,
) -> Response<Body> {
    let started = Instant::now();
    let (request_id, route) = identify(request);
    let caller = caller::pseudonym(request, user_id_claim);
    let span = tracing::info_span!("request", request.id = request_id, request.route = route, request.caller = caller);
    let answered = match tokio::time::timeout_at(deadline(request), work.instrument(span.clone())).await {
        Ok(answered) => answered,
        Err(_elapsed) => {
            span.in_scope(|| tracing::error!("the request was not answered in its time"));
            Err(Problem::Unavailable)
        }
    };
    let response = respond(request, request_id, answered);
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

fn respond(request: &Request, request_id: &str, answered: Result<Reply, Problem>) -> Response<Body> {
    let keeping = answered.as_ref().map_or(Keeping::Private, |reply| reply.keeping);
    let mut response = match answered {
        Ok(reply) => succeed(request, reply),
        Err(problem) => refuse(&problem, request_id),
    };
    let headers = response.headers_mut();
    // An id with characters that no header may carry is not the gateway's.
    headers.insert(X_REQUEST_ID, HeaderValue::from_str(request_id).unwrap_or(HeaderValue::from_static("unknown")));
    if is_read(request) {
        let (kept, differs) = match keeping {
            Keeping::Private => ("private, no-cache", "Authorization, Accept-Encoding"),
            Keeping::Public => ("public, max-age=3600", "Accept-Encoding"),
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        headers.insert(VARY, HeaderValue::from_static(differs));
    }
    if request.method() == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    response
}

fn is_read(request: &Request) -> bool {
    request.method() == Method::GET || request.method() == Method::HEAD
}

fn succeed(request: &Request, reply: Reply) -> Response<Body> {
    let mut etag = reply.etag.as_deref().map(conditional::entity_tag);
    let mut response = if etag.as_ref().is_some_and(|etag| conditional::has_it(request, etag)) {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let packed = if is_read(request) { compression::gzip(request, &reply.body, reply.gzip) } else { None };
        let mut response = match packed {
            Some(packed) => {
                // The same answer in another coding: not the same byte for byte.
                etag = reply.etag.as_deref().map(conditional::weak_entity_tag);
                let mut response = Response::new(Body::Binary(packed));
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response
            }
            None => Response::new(Body::Text(reply.body.into_owned())),
        };
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *response.status_mut() = match reply.success {
            Success::Ok => StatusCode::OK,
            Success::Created => StatusCode::CREATED,
            Success::Accepted(_) => StatusCode::ACCEPTED,
        };
        response
    };
    let headers = response.headers_mut();
    if let Some(etag) = etag {
        headers.typed_insert(etag);
    }
    match reply.success {
        Success::Ok | Success::Created => {}
        Success::Accepted(run_id) => {
            headers.insert(LOCATION, HeaderValue::from_str(&run_path(run_id)).expect("digits and slashes"));
        }
    }
    if let Some(seconds) = reply.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn refuse(problem: &Problem, request_id: &str) -> Response<Body> {
    let document = problem.document(request_id);
    let mut response = Response::new(Body::Text(document.json()));
    *response.status_mut() = StatusCode::from_u16(document.status).expect("the table of problems holds valid statuses");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some((name, value)) = document.header {
        let value = HeaderValue::from_str(&value).expect("words and numbers");
        headers.insert(HeaderName::from_static(name), value);
    }
    response
}

#[cfg(test)]
mod tests {
    use domain::access::Capability;
    use serde_json::{Value, json};

    use super::*;
    use crate::problem::SessionHalt;
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
            Problem::InsufficientScope,
            Problem::NotFound,
            Problem::Forbidden(Capability::RunProvider),
            Problem::MethodNotAllowed("POST"),
            Problem::BodyTooLarge,
            Problem::UnsupportedMediaType,
            Problem::MalformedJson("expected value at line 1 column 1".to_owned()),
            Problem::InvalidInput { field, reason: "an id is from 1 to 9007199254740991".to_owned() },
            Problem::TooManyStarts { retry_after: Duration::from_secs(17) },
            Problem::ScopeBusy(run_id),
            Problem::IdempotencyKeyReused,
            Problem::SessionNotReady(SessionHalt::WithoutTenant),
            Problem::SessionNotReady(SessionHalt::Completed),
            Problem::SessionNotReady(SessionHalt::Cancelled),
            Problem::SessionChanged,
            Problem::ReportNotAvailable(run_id),
            Problem::RunNotCompleted(run_id),
            Problem::CheckNotAcknowledgeable,
            Problem::AlreadyAcknowledged,
            Problem::Unavailable,
            Problem::Internal,
        ];
        let post = testing::with_body("application/json", "{}");
        let answers: Vec<_> =
            problems.into_iter().map(|problem| print(&respond(&post, "request-1", Err(problem)))).collect();
        insta::assert_snapshot!("problems", answers.join("\n\n"));
    }

    #[test]
    fn what_is_not_found_looks_the_same_whoever_asks() {
        let body = |method, request_id| {
            let request = testing::request(method, "/runs/1", json!({}));
            respond(&request, request_id, Err(Problem::NotFound)).into_body()
        };
        assert_eq!(body("GET", "a"), body("POST", "b"));
    }

    #[test]
    fn a_get_may_be_kept_by_its_caller_alone() {
        let get = testing::request("GET", "/runs/1", json!({}));
        let reply = Reply::document("{}".to_owned());
        insta::assert_snapshot!("answer_to_a_get", print(&respond(&get, "request-1", Ok(reply))));
    }

    #[test]
    fn who_has_the_answer_is_not_sent_it_again() {
        let reply = || Reply::document("{}".to_owned()).tagged();
        let first = respond(&testing::request("GET", "/runs/1", json!({})), "request-1", Ok(reply()));
        // printf '{}' | sha256sum
        let tag = "\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"";
        assert_eq!((first.status(), &first.headers()["etag"]), (StatusCode::OK, &HeaderValue::from_static(tag)));
        let again = respond(&testing::with_header("if-none-match", tag), "request-1", Ok(reply()));
        assert_eq!(
            (again.status(), &again.headers()["etag"]),
            (StatusCode::NOT_MODIFIED, &HeaderValue::from_static(tag))
        );
        assert!(again.body().is_empty() && !again.headers().contains_key("content-type"));
        assert_eq!(again.headers()["cache-control"], "private, no-cache");
        let refused = respond(&testing::with_header("if-none-match", "*"), "request-1", Err(Problem::NotFound));
        assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_head_is_the_head_of_a_get() {
        for (body, coding) in [("{}".to_owned(), None), ("[]".repeat(1000), Some("gzip"))] {
            let answer = |method| {
                let mut request = testing::request(method, "/runs/1", json!({}));
                request.headers_mut().insert("accept-encoding", HeaderValue::from_static("gzip"));
                respond(&request, "request-1", Ok(Reply::document(body.clone()).tagged()))
            };
            let (get, head) = (answer("GET"), answer("HEAD"));
            assert_eq!((head.status(), head.headers()), (get.status(), get.headers()));
            assert!(head.body().is_empty() && !get.body().is_empty());
            assert_eq!(get.headers().get("content-encoding").map(HeaderValue::as_bytes), coding.map(str::as_bytes));
        }
    }

    #[test]
    fn what_is_published_may_be_kept_by_anybody_and_is_packed_for_who_takes_it() {
        let long = format!("[{:?}]", "x".repeat(2000)).leak();
        let asked =
            |name, value| respond(&testing::with_header(name, value), "request-1", Ok(Reply::published(long, "abc")));
        let plain = asked("accept", "*/*");
        assert_eq!(plain.headers()["cache-control"], "public, max-age=3600");
        assert_eq!(
            (&plain.headers()["vary"], &plain.headers()["etag"]),
            (&"Accept-Encoding".parse().unwrap(), &"\"abc\"".parse().unwrap())
        );
        let packed = asked("accept-encoding", "gzip");
        assert!(matches!(packed.body(), Body::Binary(bytes) if bytes.len() < 100));
        assert_eq!(
            (&packed.headers()["content-encoding"], &packed.headers()["etag"]),
            (&"gzip".parse().unwrap(), &"W/\"abc\"".parse().unwrap())
        );
        assert_eq!(asked("if-none-match", "W/\"abc\"").status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn work_that_does_not_end_in_its_time_is_worth_another_try() {
        let mut context = lambda_http::Context::default();
        context.deadline = 0;
        let request = testing::request("GET", "/runs/1", json!({})).with_lambda_context(context);
        let response = exchange(&request, "sub", std::future::pending()).await;
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &HeaderValue::from(5)));
        let left = deadline(&testing::request("GET", "/runs/1", json!({}))).saturating_duration_since(Instant::now());
        assert!(left > Duration::from_secs(9) && left < TIMEOUT, "{left:?}");
    }

    #[test]
    fn the_gateways_request_id_is_the_answers() {
        let request = testing::request("GET", "/runs/1", json!({}));
        assert_eq!(identify(&request), ("request-1", "$default"));
    }
}
