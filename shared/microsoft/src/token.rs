//! The token request: OAuth 2.0 client credentials with the app's own credential.

use std::borrow::Cow;
use std::time::SystemTime;

use domain::connection::CredentialKind;
use domain::evidence::{Evidence, EvidenceKind};
use domain::facts::Cause;
use domain::next_step::App;
use domain::reason::Reason;
use domain::time::Timestamp;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::access_token::AccessToken;
use crate::answer::Answer;
use crate::assertion;
use crate::credential::ClientCredential;
use crate::entra_refusal;
use crate::origin::Origin;
use crate::requester::Requester;
use crate::transport::{Content, Outgoing};
use crate::trouble::{Trouble, UpstreamError};

/// The most bytes of a token answer: a token with every permission of Graph has about 12 KiB.
const BODY_LIMIT: usize = 64 * 1024;

/// The one kind of assertion that Entra takes (RFC 7523).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The fields of a request's form.
type Form<'a> = Vec<(&'static str, Cow<'a, str>)>;

/// The members of a successful answer that matter.
#[derive(Deserialize)]
struct Document {
    token_type: String,
    access_token: String,
}

/// Asks Entra for a fresh token. It is not kept: a cached one shows the grants of the past.
pub(crate) async fn request(
    requester: &Requester<'_>,
    login: &Origin,
    app: &App,
    credential: &ClientCredential,
) -> Result<AccessToken, Cause> {
    let url = login.url(&path(app));
    let outgoing = || Outgoing {
        url: url.clone(),
        allowed: login,
        content: Content::Form(form(app, credential, SystemTime::now().into())),
        body_limit: BODY_LIMIT,
    };
    let token = requester.ask("token", outgoing, |answer| read(answer, credential.kind())).await;
    token.map_err(|cause| with_dates(with_expectations(cause, credential), credential, SystemTime::now().into()))
}

fn path(app: &App) -> String {
    format!("/{}/oauth2/v2.0/token", app.entra_tenant_id)
}

/// The resource is named by its official address, wherever requests really go.
fn scope(app: &App) -> String {
    format!("{}/.default", app.cloud.endpoints().graph)
}

/// Whom an assertion is for: the token endpoint by its official address, wherever requests really go.
fn audience(app: &App) -> String {
    format!("{}{}", app.cloud.endpoints().authority, path(app))
}

/// The request's form. An assertion is signed anew each time, so no two forms with one are the same.
fn form<'a>(app: &'a App, credential: &'a ClientCredential, now: Timestamp) -> Form<'a> {
    let mut form: Form<'a> = vec![
        ("grant_type", "client_credentials".into()),
        ("scope", scope(app).into()),
        ("client_id", app.client_id.as_str().into()),
    ];
    let assertion = match credential {
        ClientCredential::ClientSecret(secret) => {
            form.push(("client_secret", secret.expose_secret().into()));
            return form;
        }
        ClientCredential::Certificate(certificate, algorithm) => {
            assertion::signed(certificate, *algorithm, app, &audience(app), now).into()
        }
        ClientCredential::Federated(assertion) => assertion.expose().into(),
    };
    form.push(("client_assertion_type", JWT_BEARER.into()));
    form.push(("client_assertion", assertion));
    form
}

/// When Entra does not trust a federated credential, what it should trust stands beside the cause.
fn with_expectations(mut cause: Cause, credential: &ClientCredential) -> Cause {
    if let ClientCredential::Federated(assertion) = credential
        && is_federation(cause.reason)
    {
        cause.evidence.extend(assertion.expected());
    }
    cause
}

/// Entra takes no certificate outside its time, and has more than one way to say so. The dates of the one in hand are facts, whatever
/// it says; only trouble that passes by itself says nothing of them.
fn with_dates(mut cause: Cause, credential: &ClientCredential, now: Timestamp) -> Cause {
    let ClientCredential::Certificate(certificate, _) = credential else { return cause };
    let (reason, kind, date) = if certificate.expires_at() <= now {
        (Reason::ProviderCredentialCertificateExpired, EvidenceKind::ExpiresAt, certificate.expires_at())
    } else if certificate.valid_from() > now {
        (Reason::ProviderCredentialCertificateNotYetValid, EvidenceKind::ValidFrom, certificate.valid_from())
    } else {
        return cause;
    };
    if is_about_certificate(cause.reason) {
        cause.reason = reason;
        cause.evidence.push(Evidence::text(kind, date.to_string()));
    }
    cause
}

/// Whether the refusal may be because of the certificate's dates.
fn is_about_certificate(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::AuthenticationFailed
            | Reason::UnknownError
            | Reason::ProviderCredentialCertificateNotRegistered
            | Reason::ProviderCredentialCertificateRejected
            | Reason::ProviderCredentialCertificateExpired
            | Reason::ProviderCredentialAssertionTime
            | Reason::ProviderCredentialAssertionInvalid
    )
}

fn is_federation(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::ProviderFederationNoMatch
            | Reason::ProviderFederationSubjectCase
            | Reason::ProviderFederationCredentialMissing
            | Reason::ProviderFederationIssuerKeyUnknown
            | Reason::ProviderFederationPolicyBlocked
            | Reason::ProviderFederationIssuerMismatch
            | Reason::ProviderFederationAudienceMismatch
            | Reason::ProviderFederationSubjectMismatch
            | Reason::ProviderFederationTokenType
    )
}

fn read(answer: &Answer, credential: CredentialKind) -> Result<AccessToken, Trouble> {
    if answer.status != StatusCode::OK {
        return Err(entra_refusal::trouble(answer, credential));
    }
    let document: Option<Document> = answer.json();
    document
        .filter(|document| document.token_type.eq_ignore_ascii_case("bearer"))
        .and_then(|document| AccessToken::parse(document.access_token))
        .ok_or_else(|| answer.failed(UpstreamError::Garbage))
}

#[cfg(test)]
#[path = "token_tests.rs"]
pub(crate) mod tests;
