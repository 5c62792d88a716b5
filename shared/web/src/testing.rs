//! Requests as the gateway hands them over, and a run, for the unit tests of this crate.

use std::time::Duration;

use domain::bounds::Bounds;
use domain::connection::Provider;
use domain::id::UserId;
use domain::identity::RunIdentityHash;
use domain::operation_run::{Initiator, Operation, OperationRun, RunHeader, RunTarget};
use domain::time::Timestamp;
use lambda_http::{Request, request};
use serde_json::{Value, json};

pub(crate) fn authorizer(user: &str) -> Value {
    json!({ "jwt": { "claims": { "sub": user, "name": "Ada", "scope": "api" }, "scopes": ["api"] } })
}

/// A request without body; `extra` goes into its context.
pub(crate) fn request(method: &str, path: &str, extra: Value) -> Request {
    read(&event(method, path, "", extra, &json!({}), None))
}

/// A GET with a query.
pub(crate) fn with_query(path: &str, query: &str) -> Request {
    read(&event("GET", path, query, json!({}), &json!({}), None))
}

/// A GET with one header.
pub(crate) fn with_header(name: &str, value: &str) -> Request {
    read(&event("GET", "/runs/1", "", json!({}), &json!({ name: value }), None))
}

/// A request with a body; without a content type when that is empty.
pub(crate) fn with_body(content_type: &str, body: &str) -> Request {
    let headers = if content_type.is_empty() { json!({}) } else { json!({ "content-type": content_type }) };
    read(&event("POST", "/workspaces/1/tenants/2/verifications", "", json!({}), &headers, Some(body)))
}

fn read(event: &Value) -> Request {
    request::from_str(&event.to_string()).expect("an event of the HTTP API")
}

/// A request as Lambda hands it over.
pub(crate) fn event(method: &str, path: &str, query: &str, extra: Value, headers: &Value, body: Option<&str>) -> Value {
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
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": context,
        "body": body,
        "isBase64Encoded": false,
    })
}

/// The times of a deployment.
pub(crate) const BOUNDS: Bounds = Bounds {
    worker_timeout: Duration::from_mins(1),
    patience: Duration::from_mins(2),
    run_deadline: Duration::from_hours(6),
};

/// The time of everything.
pub(crate) fn now() -> Timestamp {
    "2026-11-01T08:00:00Z".parse().expect("a time")
}

/// A queued run.
pub(crate) fn run() -> OperationRun {
    let workspace_id = "1".parse().expect("an id");
    let tenant_id = "2".parse().expect("an id");
    let connection_id = Some("3".parse().expect("an id"));
    let operation = Operation::ProviderConnectionCheck;
    OperationRun::queue(RunHeader {
        id: "41".parse().expect("an id"),
        workspace_id,
        tenant_id,
        operation,
        identity_hash: RunIdentityHash::of(workspace_id, tenant_id, operation, Provider::Microsoft, connection_id),
        initiator: Initiator::user(UserId::try_from("ada".to_owned()).expect("a user id"), Some("Ada")),
        target: RunTarget {
            provider: Provider::Microsoft,
            module: Some("intune".to_owned()),
            connection_id,
            entra_tenant_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".to_owned(),
            entra_tenant_name: Some("contoso.example".to_owned()),
        },
        session_id: None,
        created_at: now(),
    })
}
