//! Refusals in the shapes that Entra and Graph write them, with texts that name apps, users and addresses: whoever
//! repeats them is found out.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// Why Entra issues no token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EntraRefusal {
    /// The body lacks a parameter.
    ParameterMissing,
    /// The grant is not client credentials.
    GrantUnsupported,
    /// The scope is not the resource's `/.default`.
    ScopeInvalid,
    /// The body has no secret.
    SecretMissing,
    /// The secret is not the app's.
    SecretInvalid,
    /// The secret has expired.
    SecretExpired,
    /// The tenant id is not one.
    TenantMalformed,
    /// There is no such tenant.
    TenantNotFound,
    /// The app is not in the tenant.
    AppNotFound,
    /// A policy blocks the app.
    ConditionalAccess,
    /// Something new.
    Unheard,
}

impl EntraRefusal {
    fn parts(self) -> (StatusCode, &'static str, u64, &'static str) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
        match self {
            Self::ParameterMissing => {
                (BAD, "invalid_request", 900_144, "The request body must contain the following parameter.")
            }
            Self::GrantUnsupported => {
                (BAD, "unsupported_grant_type", 70_003, "The app requested an unsupported grant type.")
            }
            Self::ScopeInvalid => (
                BAD,
                "invalid_scope",
                1_002_012,
                "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.",
            ),
            Self::SecretMissing => (
                UNAUTHORIZED,
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            ),
            Self::SecretInvalid => (
                UNAUTHORIZED,
                "invalid_client",
                7_000_215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'Fabrikam Sync'.",
            ),
            Self::SecretExpired => (
                UNAUTHORIZED,
                "invalid_client",
                7_000_222,
                "The provided client secret keys for app 'Fabrikam Sync' are expired.",
            ),
            Self::TenantMalformed => (
                BAD,
                "invalid_request",
                900_023,
                "Specified tenant identifier is neither a valid DNS name, nor a valid external domain.",
            ),
            Self::TenantNotFound => (
                BAD,
                "invalid_request",
                90_002,
                "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
            ),
            Self::AppNotFound => (
                BAD,
                "unauthorized_client",
                700_016,
                "Application with identifier 'Fabrikam Sync' was not found in the directory 'Contoso'.",
            ),
            Self::ConditionalAccess => (
                BAD,
                "invalid_grant",
                53_003,
                "Access has been blocked by Conditional Access policies. Client address 203.0.113.7, owner adele@contoso.com.",
            ),
            Self::Unheard => (BAD, "invalid_client", 7_999_999, "Something that adele@contoso.com never heard of."),
        }
    }
}

impl IntoResponse for EntraRefusal {
    fn into_response(self) -> Response {
        let (status, error, code, text) = self.parts();
        let (trace_id, correlation_id) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        let time = Timestamp::from(std::time::SystemTime::now()).to_string();
        // Entra writes a blank for the T and no fraction.
        let timestamp = format!("{} {}Z", &time[..10], &time[11..19]);
        let description = format!(
            "AADSTS{code}: {text} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"
        );
        let body = json!({
            "error": error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        (status, [("x-ms-request-id", trace_id)], Json(body)).into_response()
    }
}

/// An error as Graph writes it.
pub(crate) fn graph_error(status: StatusCode, code: &str, message: &str) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let time = Timestamp::from(std::time::SystemTime::now()).to_string();
    let body = json!({
        "error": {
            "code": code,
            "message": format!("{message} (adele@contoso.com)"),
            "innerError": { "date": &time[..19], "request-id": request_id, "client-request-id": request_id },
        },
    });
    (status, [("request-id", request_id)], Json(body)).into_response()
}
