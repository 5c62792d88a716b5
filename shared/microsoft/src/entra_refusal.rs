//! What an answer of the token endpoint means when it brings no token. The HTTP status and the OAuth error word give
//! the family, the error numbers refine it, the text is never read: Microsoft changes it, and it holds names, ids and
//! addresses.

use domain::connection::CredentialKind;
use domain::evidence::{Evidence, EvidenceKind};
use domain::facts::Cause;
use domain::id::ObjectId;
use domain::reason::Reason;
use domain::time::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::entra_errors::{EntraError, entra_error, is_about_secrets};
use crate::trouble::{Retry, Trouble, UpstreamError};

/// Words of the OAuth Extensions Error registry that a token endpoint answers with. Others are not repeated in
/// evidence.
const OAUTH_ERRORS: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
    "invalid_resource",
    "invalid_instance",
    "access_denied",
    "interaction_required",
    "login_required",
    "consent_required",
    "server_error",
    "temporarily_unavailable",
];

/// Entra sends one number, rarely two; more is not worth keeping.
const MOST_CODES: usize = 4;

/// The members of Entra's error document that are looked at. What has an unexpected type is left out, not an error.
#[derive(Debug, Deserialize)]
struct Document {
    error: String,
    #[serde(default)]
    error_codes: Value,
    #[serde(default)]
    timestamp: Value,
    #[serde(default)]
    trace_id: Value,
    #[serde(default)]
    correlation_id: Value,
}

impl Document {
    fn codes(&self) -> impl Iterator<Item = u64> {
        let codes = self.error_codes.as_array().into_iter().flatten();
        // Reports hold integers up to 2^53 - 1.
        codes.take(MOST_CODES).filter_map(Value::as_u64).filter(|code| *code < 1 << 53)
    }

    fn evidence(&self) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        if let Some(word) = OAUTH_ERRORS.iter().find(|word| **word == self.error) {
            evidence.push(Evidence::text(EvidenceKind::OauthError, *word));
        }
        evidence.extend(self.codes().map(|code| Evidence::number(EvidenceKind::EntraErrorCode, code)));
        for (kind, id) in [(EvidenceKind::TraceId, &self.trace_id), (EvidenceKind::CorrelationId, &self.correlation_id)]
        {
            if let Some(id) = id.as_str().and_then(|id| id.parse::<ObjectId>().ok()) {
                evidence.push(Evidence::text(kind, id));
            }
        }
        if let Some(time) = self.timestamp.as_str().and_then(|time| time.parse::<Timestamp>().ok()) {
            evidence.push(Evidence::text(EvidenceKind::Timestamp, time.to_string()));
        }
        evidence
    }
}

/// What status and error word say before any number is looked at.
enum Family {
    Throttled,
    Unavailable,
    Refused,
}

/// Classifies an answer that is not a token.
pub(crate) fn trouble(answer: &Answer, credential: CredentialKind) -> Trouble {
    if answer.status.is_redirection() {
        return answer.failed(UpstreamError::Redirect);
    }
    let document: Option<Document> = answer.json();
    let known = document.as_ref().and_then(|document| document.codes().find_map(|code| entra_error(code, credential)));
    let word = document.as_ref().map_or("", |document| document.error.as_str());
    let family = match answer.status {
        StatusCode::TOO_MANY_REQUESTS => Family::Throttled,
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => Family::Unavailable,
        _ if matches!(word, "temporarily_unavailable" | "server_error") => Family::Unavailable,
        status if status.is_client_error() && document.is_some() => Family::Refused,
        // A success without a token, or a refusal that is not Entra's document: nobody we know said this.
        _ => return answer.failed(UpstreamError::Garbage),
    };
    let mut evidence = answer.evidence();
    evidence.extend(document.iter().flat_map(Document::evidence));
    let transient = known.filter(|known| known.reason.is_transient());
    let (reason, retry, detail) = match (family, known, transient) {
        (Family::Throttled, _, Some(EntraError { reason: Reason::Throttled, retry, detail, .. })) => {
            (Reason::Throttled, *retry, Some(*detail))
        }
        (Family::Throttled, ..) => (Reason::Throttled, Retry::Backoff, None),
        (Family::Unavailable, _, Some(known)) | (Family::Refused, Some(known), _) => {
            (known.reason, known.retry, Some(known.detail))
        }
        (Family::Unavailable, _, None) => return UpstreamError::Unavailable.with(evidence, answer.retry_after),
        (Family::Refused, None, _) if document.iter().flat_map(Document::codes).any(is_about_secrets) => {
            (Reason::AuthenticationFailed, Retry::Never, None)
        }
        (Family::Refused, None, _) => (Reason::UnknownError, Retry::Never, None),
    };
    evidence.extend(detail.map(|detail| Evidence::text(EvidenceKind::Detail, detail)));
    Trouble { cause: Cause { reason, evidence, retry_after: answer.retry_after }, retry }
}

#[cfg(test)]
#[path = "entra_refusal_tests.rs"]
mod tests;
