//! Refusals in the shapes that Entra and Graph write them, with texts that name apps, users and addresses: whoever
//! repeats them is found out.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
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
    /// The certificate that signed the assertion has expired.
    CertificateExpired,
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
    /// The key that signed the token is not among the issuer's.
    FederationKey,
    /// The token's issuer is not the federated credential's.
    FederationIssuer,
    /// The token's audience is not the federated credential's.
    FederationAudience,
    /// The token's subject is not the federated credential's.
    FederationSubject,
    /// The token's subject is the federated credential's but for upper and lower case.
    FederationSubjectCase,
    /// The tenant id is not one.
    TenantMalformed,
    /// There is no such tenant.
    TenantNotFound,
    /// The tenant is in another cloud.
    OtherCloud,
    /// The app is not in the tenant.
    AppNotFound,
    /// A policy blocks the app.
    ConditionalAccess,
    /// Something new.
    Unheard,
}

impl EntraRefusal {
    /// Status, error word, number and text.
    fn parts(self) -> (StatusCode, &'static str, u64, &'static str) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
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
            Self::AssertionMalformed => {
                (BAD, "invalid_request", 50_027, "JWT token is invalid or malformed, sent by adele@contoso.com.")
            }
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
            Self::OtherCloud => (
                BAD,
                "invalid_request",
                900_382,
                "Confidential Client is not supported in Cross Cloud request from 'Fabrikam Sync'.",
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
            unproven => {
                let (code, text) = unproven.of_credential();
                (StatusCode::UNAUTHORIZED, "invalid_client", code, text)
            }
        }
    }

    /// Number and text where the app did not prove who it is.
    fn of_credential(self) -> (u64, &'static str) {
        match self {
            Self::CredentialMissing => (
                7_000_216,
                "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
            ),
            Self::SecretInvalid => (
                7_000_215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'Fabrikam Sync'.",
            ),
            Self::SecretExpired => (7_000_222, "The provided client secret keys for app 'Fabrikam Sync' are expired."),
            Self::CertificateNotRegistered => (
                700_027,
                "The certificate with identifier used to sign the client assertion is not registered on application 'Fabrikam Sync'.",
            ),
            // The number is the same; only the text, which is not for clients, tells the reason.
            Self::CertificateExpired => (
                700_027,
                "The certificate with identifier used to sign the client assertion is expired on application 'Fabrikam Sync'. [Reason - The key used is expired.]",
            ),
            Self::AssertionInvalid => {
                (50_013, "Assertion failed signature validation. App 'Fabrikam Sync', client address 203.0.113.7.")
            }
            Self::AssertionTime => {
                (700_024, "Client assertion is not within its valid time range. App 'Fabrikam Sync'.")
            }
            Self::AssertionOfAnotherApp => (
                700_021,
                "Client assertion application identifier doesn't match 'client_id' parameter of 'Fabrikam Sync'.",
            ),
            Self::AssertionAudience => {
                (700_023, "Client assertion audience claim does not match Realm issuer. App 'Fabrikam Sync'.")
            }
            Self::FederationNone => {
                (70_025, "The client 'Fabrikam Sync' has no configured federated identity credentials.")
            }
            Self::FederationKey => (
                7_000_272,
                "The signing key of the presented assertion of 'Fabrikam Sync' was not found at its issuer.",
            ),
            Self::FederationIssuer => (
                700_211,
                "No matching federated identity record found for presented assertion issuer. App 'Fabrikam Sync'.",
            ),
            Self::FederationAudience => (
                700_212,
                "No matching federated identity record found for presented assertion audience. App 'Fabrikam Sync'.",
            ),
            Self::FederationSubject => (
                700_213,
                "No matching federated identity record found for presented assertion subject. App 'Fabrikam Sync'.",
            ),
            Self::FederationSubjectCase => (
                7_002_138,
                "The presented assertion subject differs from the federated identity record of 'Fabrikam Sync' in its case.",
            ),
            other => unreachable!("{other:?} is not about the credential"),
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
    let answer = (status, [("request-id", request_id)], Json(body)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000""#;
        return ([(WWW_AUTHENTICATE, challenge)], answer).into_response();
    }
    answer
}
