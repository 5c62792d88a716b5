//! What an answer of Graph means when it is not the document that was asked for. The HTTP status gives the family, the
//! most specific error code that is known refines it, the message is never read.

use domain::evidence::{Evidence, EvidenceKind};
use domain::facts::Cause;
use domain::id::ObjectId;
use domain::reason::Reason;
use domain::time::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::graph_errors::{GraphError, graph_error};
use crate::trouble::{Retry, Trouble, UpstreamError};

/// How deep nested errors are followed; Microsoft's own guidelines nest two or three.
const DEEPEST: usize = 8;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    error: Node<'a>,
}

/// An error or an inner error. Inner ones are read only when they are reached, and both spellings are in use.
#[derive(Deserialize)]
struct Node<'a> {
    code: Option<String>,
    #[serde(borrow, rename = "innerError")]
    inner: Option<&'a RawValue>,
    #[serde(borrow, rename = "innererror")]
    inner_lower_case: Option<&'a RawValue>,
    #[serde(rename = "request-id")]
    request_id: Option<String>,
    date: Option<String>,
}

/// What is kept of a whole error document.
#[derive(Default)]
struct Told {
    known: Option<&'static GraphError>,
    request_id: Option<ObjectId>,
    time: Option<Timestamp>,
}

impl Told {
    /// Follows the nested errors; the deeper a known code stands, the more specific it is.
    fn by(document: Document<'_>) -> Self {
        let mut told = Self::default();
        let mut next = Some(document.error);
        for _ in 0..DEEPEST {
            let Some(node) = next else { break };
            told.known = node.code.as_deref().and_then(graph_error).or(told.known);
            told.request_id = node.request_id.and_then(|id| id.parse().ok()).or(told.request_id);
            // Graph writes the date in UTC without saying so.
            told.time =
                node.date.and_then(|date| date.parse().or_else(|_| format!("{date}Z").parse()).ok()).or(told.time);
            next = node.inner.or(node.inner_lower_case).and_then(|inner| serde_json::from_str(inner.get()).ok());
        }
        told
    }
}

/// Classifies an answer that is not the document.
pub(crate) fn trouble(answer: &Answer) -> Trouble {
    if answer.status.is_redirection() {
        return answer.failed(UpstreamError::Redirect);
    }
    let document: Option<Document<'_>> = answer.json();
    let well_formed = document.is_some();
    let told = document.map(Told::by).unwrap_or_default();
    let coded = told.known.and_then(|known| known.reason);
    let reason = match answer.status {
        StatusCode::TOO_MANY_REQUESTS => Reason::Throttled,
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            coded.filter(|reason| reason.is_transient()).unwrap_or(Reason::DependencyUnreachable)
        }
        // A success without the document, or a refusal that is not Graph's: nobody we know said this.
        status if !(status.is_client_error() && well_formed) => return answer.failed(UpstreamError::Garbage),
        StatusCode::FORBIDDEN => coded.unwrap_or(Reason::PermissionDenied),
        _ => coded.unwrap_or(Reason::UnknownError),
    };
    let mut evidence = answer.evidence();
    evidence.extend(told.known.map(|known| Evidence::text(EvidenceKind::GraphErrorCode, known.code)));
    let request_id = answer.request_id.map(|id| id.to_string()).or_else(|| told.request_id.map(String::from));
    evidence.extend(request_id.map(|id| Evidence::text(EvidenceKind::RequestId, id)));
    evidence.extend(told.time.map(|time| Evidence::text(EvidenceKind::Timestamp, time.to_string())));
    if reason == Reason::DependencyUnreachable {
        return UpstreamError::Unavailable.with(evidence, answer.retry_after);
    }
    let retry = if reason.is_transient() { Retry::Backoff } else { Retry::Never };
    Trouble { cause: Cause { reason, evidence, retry_after: answer.retry_after }, retry }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::answer;

    /// A body as Graph writes it, with a message that must never be repeated.
    fn body(code: &str, inner: &str) -> String {
        format!(
            r#"{{"error":{{"code":"{code}","message":"Access of adele@contoso.com was blocked.","innerError":{{{inner}"date":"2026-10-14T17:26:40","request-id":"0a1b2c3d-0000-4000-8000-000000000002","client-request-id":"0a1b2c3d-0000-4000-8000-000000000003"}}}}}}"#
        )
    }

    fn judged(status: u16, code: &str, inner: &str) -> (Reason, Retry) {
        let trouble = trouble(&answer(status, &body(code, inner)));
        (trouble.cause.reason, trouble.retry)
    }

    #[test]
    fn every_code_of_the_table_has_its_reason() {
        for (status, code, reason) in [
            (401, "InvalidAuthenticationToken", Reason::ProviderGraphTokenRejected),
            (401, "Authorization_IdentityNotFound", Reason::ProviderConsentMissing),
            (401, "Authorization_IdentityDisabled", Reason::ProviderAppDisabled),
            (401, "Authentication_ExpiredToken", Reason::ProviderGraphTokenRejected),
            (401, "Authentication_MissingOrMalformed", Reason::ProviderGraphTokenRejected),
            (401, "Authentication_Unauthorized", Reason::ProviderGraphTokenRejected),
            (404, "OrganizationFromTenantGuidNotFound", Reason::ProviderTenantUnavailable),
            (403, "Authorization_RequestDenied", Reason::PermissionDenied),
            (404, "Request_ResourceNotFound", Reason::ProviderAppServicePrincipalMissing),
            (403, "UnknownError", Reason::PermissionDenied),
            (400, "UnknownError", Reason::UnknownError),
        ] {
            assert_eq!(judged(status, code, ""), (reason, Retry::Never), "{code}");
        }
        for (status, code, reason) in [
            (429, "TooManyRequests", Reason::Throttled),
            (429, "activityLimitReached", Reason::Throttled),
            (429, "UnknownError", Reason::Throttled),
            (503, "serviceNotAvailable", Reason::DependencyUnreachable),
            (503, "TooManyRequests", Reason::Throttled),
        ] {
            assert_eq!(judged(status, code, ""), (reason, Retry::Backoff), "{code}");
        }
    }

    #[test]
    fn a_code_that_nobody_knows_leaves_the_status_to_decide() {
        assert_eq!(judged(403, "BrandNew", ""), (Reason::PermissionDenied, Retry::Never));
        assert_eq!(judged(401, "BrandNew", ""), (Reason::UnknownError, Retry::Never));
        assert_eq!(judged(404, "BrandNew", ""), (Reason::UnknownError, Retry::Never));
        assert_eq!(judged(500, "BrandNew", ""), (Reason::DependencyUnreachable, Retry::Backoff));
        assert_eq!(judged(503, "InvalidAuthenticationToken", ""), (Reason::DependencyUnreachable, Retry::Backoff));
    }

    #[test]
    fn the_deepest_known_code_decides() {
        let nested = r#""code":"BrandNew","innererror":{"code":"Authorization_IdentityNotFound","innererror":{"code":"Newer"}},"#;
        assert_eq!(judged(401, "InvalidAuthenticationToken", nested).0, Reason::ProviderConsentMissing);
        let endless = format!(r#"{}"code":"TooManyRequests"{},"#, r#""innererror":{"#.repeat(5_000), "}".repeat(5_000));
        assert_eq!(judged(403, "Authorization_RequestDenied", &endless).0, Reason::PermissionDenied);
        assert_eq!(judged(403, "BrandNew", r#""innererror":"odd","#).0, Reason::PermissionDenied);
    }

    #[test]
    fn evidence_holds_known_codes_ids_and_the_time_and_nothing_of_the_text() {
        let denied = trouble(&answer(403, &body("Authorization_RequestDenied", "")));
        insta::assert_snapshot!("graph_evidence", serde_json::to_string_pretty(&denied.cause.evidence).expect("JSON"));
        let unknown = trouble(&answer(403, &body("Adele", ""))).cause.evidence;
        assert!(unknown.iter().all(|evidence| evidence.kind != EvidenceKind::GraphErrorCode));
    }

    #[test]
    fn whatever_is_not_graphs_document_is_garbage_unless_the_status_tells() {
        let detail = |status, body: &str| trouble(&answer(status, body)).cause.evidence.pop();
        let upstream = |word| Some(Evidence::text(EvidenceKind::Detail, word));
        for body in ["", "<html>", "[]", r#"{"error":"x"}"#, "{}"] {
            assert_eq!(detail(403, body), upstream("upstream.garbage"), "{body:?}");
            assert_eq!(detail(200, body), upstream("upstream.garbage"), "{body:?}");
            assert_eq!(detail(504, body), upstream("upstream.unavailable"), "{body:?}");
            assert_eq!(detail(302, body), upstream("upstream.redirect"), "{body:?}");
            assert_eq!(trouble(&answer(429, body)).cause.reason, Reason::Throttled, "{body:?}");
        }
    }
}
