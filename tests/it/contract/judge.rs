//! The judge itself: it lets a right answer pass and refuses each way of being wrong, so that its silence means something.

use harness::contract::Answered;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const CONNECTIONS: &str = "/workspaces/1/tenants/2/connections";
const NONE: &str = r#"{"default_connection_id":null,"connections":[]}"#;
const NOT_FOUND: &str = r#"{"type":"urn:tenantcheck:problem:not-found","title":"Not found","status":404,"detail":"There is nothing here that you may see."}"#;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const READ: [(&str, &str); 3] =
    [("x-request-id", "1"), ("cache-control", "private, no-cache"), ("vary", "Authorization, Accept-Encoding")];

/// What is wrong with an answer; empty when nothing is.
fn verdict(request: (&str, &str), status: u16, content_type: &str, headers: &[(&str, &str)], body: &str) -> String {
    let all = headers.iter().copied().chain([("content-type", content_type)]);
    let headers: HeaderMap =
        all.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())).collect();
    let (method, path) = request;
    let answered = Answered { method, path, status, headers: &headers, body: body.as_bytes() };
    answered.check().err().map(|error| format!("{error:#}")).unwrap_or_default()
}

#[test]
fn answers_that_the_contract_describes_pass() {
    let get = ("GET", CONNECTIONS);
    for (request, status, content_type, headers, body) in [
        (get, 200, JSON, &READ[..], NONE),
        (get, 404, PROBLEM, &READ, NOT_FOUND),
        (get, 401, JSON, &[], r#"{"message":"Unauthorized"}"#),
        (("GET", "/nothing"), 404, PROBLEM, &READ, NOT_FOUND),
    ] {
        assert_eq!(verdict(request, status, content_type, headers, body), "");
    }
}

#[test]
fn every_other_answer_is_refused() {
    let get = ("GET", CONNECTIONS);
    let more: Vec<_> = READ.into_iter().chain([("location", "/runs/1")]).collect();
    let unknown = r#"{"default_connection_id":null,"connections":[],"note":""}"#;
    let incomplete = r#"{"connections":[]}"#;
    let worded = NOT_FOUND.replace("nothing here", "no tenant 2");
    for (why, request, status, content_type, headers, body) in [
        ("the status is not documented", get, 202, JSON, &READ[..], NONE),
        (r#"the content type "text/plain" is not documented"#, get, 200, "text/plain", &READ, NONE),
        ("the header x-request-id is missing", get, 200, JSON, &READ[1..], NONE),
        ("the header cache-control", get, 200, JSON, &[READ[0], ("cache-control", "public"), READ[2]], NONE),
        ("the header location is not documented", get, 200, JSON, &more, NONE),
        ("the body is not JSON", get, 200, JSON, &READ, "{"),
        ("'note' was unexpected", get, 200, JSON, &READ, unknown),
        (r#""default_connection_id" is a required property"#, get, 200, JSON, &READ, incomplete),
        ("There is nothing here that you may see.", get, 404, PROBLEM, &READ, &worded),
        ("an unknown path is answered with 404", ("GET", "/nothing"), 200, JSON, &READ, NONE),
        ("another method is answered with 405", ("PUT", CONNECTIONS), 404, PROBLEM, &READ, NOT_FOUND),
    ] {
        let verdict = verdict(request, status, content_type, headers, body);
        assert!(verdict.to_lowercase().contains(&why.to_lowercase()), "{why}: {verdict}");
    }
}
