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
    /// The body has neither a secret nor an assertion.
    CredentialMissing,
    /// The secret is not the app's.
    SecretInvalid,
    /// The secret has expired.
    SecretExpired,
    /// The assertion is not signed with a certificate of the app.
    CertificateNotRegistered,
    /// The assertion is not a JWT.
    AssertionMalformed,
    /// The assertion's signature is nobody's, or it was used before.
    AssertionInvalid,
    /// The assertion is too old or too new.
    AssertionTime,
    /// The assertion is another app's.
    AssertionOfAnotherApp,
    /// The assertion is for somebody else.
    AssertionAudience,
    /// The app has no federated credential at all.
    FederationNone,
    /// The token's issuer is not the federated credential's.
    FederationIssuer,
    /// The token's audience is not the federated credential's.
    FederationAudience,
    /// The token's subject is not the federated credential's.
    FederationSubject,
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
        // The app did not prove who it is.
        let unproven = |code, text| (StatusCode::UNAUTHORIZED, "invalid_client", code, text);
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
            Self::CredentialMissing => unproven(
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            ),
            Self::SecretInvalid => unproven(
                7_000_215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'Fabrikam Sync'.",
            ),
            Self::SecretExpired => {
                unproven(7_000_222, "The provided client secret keys for app 'Fabrikam Sync' are expired.")
            }
            Self::CertificateNotRegistered => unproven(
                700_027,
                "The certificate with identifier used to sign the client assertion is not registered on application 'Fabrikam Sync'.",
            ),
            Self::AssertionMalformed => {
                (BAD, "invalid_request", 50_027, "JWT token is invalid or malformed, sent by adele@contoso.com.")
            }
            Self::AssertionInvalid => unproven(
                50_013,
                "Assertion failed signature validation. App 'Fabrikam Sync', client address 203.0.113.7.",
            ),
            Self::AssertionTime => {
                unproven(700_024, "Client assertion is not within its valid time range. App 'Fabrikam Sync'.")
            }
            Self::AssertionOfAnotherApp => unproven(
                700_021,
                "Client assertion application identifier doesn't match 'client_id' parameter of 'Fabrikam Sync'.",
            ),
            Self::AssertionAudience => {
                unproven(700_023, "Client assertion audience claim does not match Realm issuer. App 'Fabrikam Sync'.")
            }
            Self::FederationNone => unproven(
                70_021,
                "No matching federated identity record found for presented assertion of 'Fabrikam Sync'.",
            ),
            Self::FederationIssuer => unproven(
                700_211,
                "No matching federated identity record found for presented assertion issuer. App 'Fabrikam Sync'.",
            ),
            Self::FederationAudience => unproven(
                700_212,
                "No matching federated identity record found for presented assertion audience. App 'Fabrikam Sync'.",
            ),
            Self::FederationSubject => unproven(
                700_213,
                "No matching federated identity record found for presented assertion subject. App 'Fabrikam Sync'.",
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
