//! One answer over HTTP. Its body is kept like a secret, since it may hold one and always holds text that is not ours:
//! it is shown in no debug output and wiped when it is dropped.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::evidence::{Evidence, EvidenceKind};
use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Deserialize;
use uuid::Uuid;

use crate::trouble::{Trouble, UpstreamError};

/// Status, the headers that matter, and the body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// How long to wait, if the answer says so.
    pub(crate) retry_after: Option<Duration>,
    /// The id that Microsoft gave the request.
    pub(crate) request_id: Option<Uuid>,
    /// The id that we gave it.
    pub(crate) client_request_id: Uuid,
    body: SecretSlice<u8>,
}

impl Answer {
    /// An answer whose body is still to be read.
    pub(crate) fn head(status: StatusCode, headers: &HeaderMap, client_request_id: Uuid) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            status,
            retry_after: text(RETRY_AFTER.as_str()).and_then(|value| retry_after(value, SystemTime::now())),
            // Graph and Entra name the same thing differently.
            request_id: text("request-id").or_else(|| text("x-ms-request-id")).and_then(|id| id.parse().ok()),
            client_request_id,
            body: SecretSlice::from(Vec::new()),
        }
    }

    /// Adds the body.
    pub(crate) fn set_body(&mut self, body: Vec<u8>) {
        self.body = SecretSlice::from(body);
    }

    /// The body as a JSON document of this shape; none for anything else. Nesting beyond 128 levels is not JSON to us.
    pub(crate) fn json<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_slice(self.body.expose_secret()).ok()
    }

    /// What every refusal and failure says about its answer.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let mut evidence = vec![
            Evidence::number(EvidenceKind::HttpStatus, self.status.as_u16()),
            Evidence::text(EvidenceKind::ClientRequestId, self.client_request_id.to_string()),
        ];
        if let Some(wait) = self.retry_after {
            evidence.push(Evidence::number(EvidenceKind::RetryAfterSeconds, wait.as_secs()));
        }
        evidence
    }

    /// The answer as a failure of the service.
    pub(crate) fn failed(&self, failure: UpstreamError) -> Trouble {
        failure.with(self.evidence(), self.retry_after)
    }
}

/// Longer waits are cut: nothing here waits for more than a day, and an absurd number must not overflow anything.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Reads `Retry-After`: seconds, or a date as RFC 9110 allows.
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        value.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs)
    } else {
        let date = rfc2822::parse(value).ok()?.timestamp().as_second();
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Duration::from_secs(u64::try_from(date).unwrap_or(0)).saturating_sub(now)
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
pub(crate) fn answer(status: u16, body: &str) -> Answer {
    let status = StatusCode::from_u16(status).expect("a status");
    let mut answer = Answer::head(status, &HeaderMap::new(), Uuid::nil());
    answer.set_body(body.as_bytes().to_vec());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = UNIX_EPOCH + Duration::from_secs(1_792_000_000);
        let seconds = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("30"), Some(30));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Wed, 14 Oct 2026 17:47:40 GMT"), Some(60));
        assert_eq!(seconds("Wed, 14 Oct 2020 17:47:40 GMT"), Some(0));
        assert_eq!(seconds("99999999999999999999999"), Some(86_400));
        for value in ["", "soon", "-1", "1.5", "+3"] {
            assert_eq!(seconds(value), None, "{value:?}");
        }
    }

    #[test]
    fn a_body_is_shown_nowhere_and_too_deep_a_one_is_not_read() {
        let secret = answer(200, r#"{"access_token":"very-secret"}"#);
        assert!(!format!("{secret:?}").contains("very-secret"));
        let deep = answer(200, &format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)));
        assert!(deep.json::<serde_json::Value>().is_none());
    }
}
