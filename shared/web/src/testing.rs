//! Requests as the gateway hands them over, for the unit tests of this crate.

use lambda_http::{Request, request};
use serde_json::{Value, json};

pub(crate) fn authorizer(user: &str) -> Value {
    json!({ "jwt": { "claims": { "sub": user, "name": "Ada" }, "scopes": ["api"] } })
}

/// A request without body; `extra` goes into its context.
pub(crate) fn request(method: &str, path: &str, extra: Value) -> Request {
    event(method, path, "", extra, &json!({}), None)
}

/// A GET with a query.
pub(crate) fn with_query(path: &str, query: &str) -> Request {
    event("GET", path, query, json!({}), &json!({}), None)
}

/// A GET with one header.
pub(crate) fn with_header(name: &str, value: &str) -> Request {
    event("GET", "/runs/1", "", json!({}), &json!({ name: value }), None)
}

/// A request with a body; without a content type when that is empty.
pub(crate) fn with_body(content_type: &str, body: &str) -> Request {
    let headers = if content_type.is_empty() { json!({}) } else { json!({ "content-type": content_type }) };
    event("POST", "/workspaces/1/tenants/2/verifications", "", json!({}), &headers, Some(body))
}

fn event(method: &str, path: &str, query: &str, extra: Value, headers: &Value, body: Option<&str>) -> Request {
    let mut context = json!({
        "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test" },
        "requestId": "request-1",
        "routeKey": "$default",
        "stage": "$default",
        "timeEpoch": 0,
    });
    if let (Value::Object(context), Value::Object(extra)) = (&mut context, extra) {
        context.extend(extra);
    }
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": context,
        "body": body,
        "isBase64Encoded": false,
    });
    request::from_str(&event.to_string()).expect("an event of the HTTP API")
}
