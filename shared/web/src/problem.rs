//! Refusals, as `application/problem+json` (RFC 9457). A problem knows nothing of HTTP's types until it is converted last. Each
//! status, slug, title and detail stands here and nowhere else.

use std::borrow::Cow;

use domain::access::Capability;
use domain::id::RunId;
use domain::reason::Reason;
use serde::Serialize;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nobody is known to call.
    Unauthenticated,
    /// It does not exist, or the caller may not know that it does. The body is the same for all of them, byte for byte.
    NotFound,
    /// The caller sees it but may not do this.
    Forbidden(Capability),
    /// The path is known, with this method.
    MethodNotAllowed(&'static str),
    /// The body is larger than any that makes sense.
    BodyTooLarge,
    /// The body is not called JSON.
    UnsupportedMediaType,
    /// The body is not JSON; what the parser says.
    MalformedJson(String),
    /// The body is JSON but not what is asked for.
    InvalidInput {
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another operation holds the connection: this run.
    ScopeBusy(RunId),
    /// The idempotency key has been used for another request.
    IdempotencyKeyReused,
    /// Nothing can be started from the session: why.
    SessionNotReady(SessionHalt),
    /// The session was changed by somebody else, again and again.
    SessionChanged,
    /// The run is there and has no report.
    ReportNotAvailable(RunId),
    /// The run has no report yet that could be acknowledged.
    RunNotCompleted(RunId),
    /// The check passed or was skipped.
    CheckNotAcknowledgeable,
    /// The check is acknowledged already, by somebody else or in other words.
    AlreadyAcknowledged,
    /// The table or the queue did not answer; trying again helps.
    Unavailable,
    /// A fault of this program. Nothing of it is told.
    Internal,
}

/// Why nothing can be started from an onboarding session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionHalt {
    /// Its tenant is not identified yet.
    WithoutTenant,
    /// It is completed.
    Completed,
    /// It is cancelled.
    Cancelled,
}

struct Kind {
    status: u16,
    slug: &'static str,
    title: &'static str,
}

/// The members of the document that every problem shares, and those that some have.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    type_uri: String,
    title: &'static str,
    status: u16,
    detail: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_run: Option<ActiveRun>,
}

#[derive(Serialize)]
struct ActiveRun {
    id: RunId,
    url: String,
}

fn type_uri(slug: &str) -> String {
    format!("urn:tenantcheck:problem:{slug}")
}

/// The path of a run.
pub(crate) fn run_path(run_id: RunId) -> String {
    format!("/runs/{run_id}")
}

/// The table of all kinds: what a problem is, and the list of everything that one can be.
macro_rules! kinds {
    ($($problem:pat => ($status:literal, $slug:literal, $title:literal),)+) => {
        const KINDS: &'static [Kind] = &[$(Kind { status: $status, slug: $slug, title: $title },)+];

        fn kind(&self) -> Kind {
            match self {
                $($problem => Kind { status: $status, slug: $slug, title: $title },)+
            }
        }
    };
}

impl Problem {
    kinds! {
        Problem::Unauthenticated => (401, "unauthenticated", "Authentication required"),
        Problem::NotFound => (404, "not-found", "Not found"),
        Problem::Forbidden(_) => (403, "forbidden", "Not allowed"),
        Problem::MethodNotAllowed(_) => (405, "method-not-allowed", "Method not allowed"),
        Problem::BodyTooLarge => (413, "body-too-large", "Body too large"),
        Problem::UnsupportedMediaType => (415, "unsupported-media-type", "Unsupported content type"),
        Problem::MalformedJson(_) => (400, "malformed-json", "Malformed JSON"),
        Problem::InvalidInput { .. } => (422, "invalid-input", "Invalid input"),
        Problem::ScopeBusy(_) => (409, "scope-busy", "Connection is busy"),
        Problem::IdempotencyKeyReused => (422, "idempotency-key-reused", "Idempotency key was used before"),
        Problem::SessionNotReady(_) => (409, "session-not-ready", "Session is not ready"),
        Problem::SessionChanged => (409, "session-changed", "Session changed"),
        Problem::ReportNotAvailable(_) => (404, "report-not-available", "No report"),
        Problem::RunNotCompleted(_) => (409, "run-not-completed", "Run is not completed"),
        Problem::CheckNotAcknowledgeable => (409, "check-not-acknowledgeable", "Nothing to acknowledge"),
        Problem::AlreadyAcknowledged => (409, "already-acknowledged", "Already acknowledged"),
        Problem::Unavailable => (503, "unavailable", "Temporarily unavailable"),
        Problem::Internal => (500, "internal", "Internal error"),
    }

    /// Status, type and title of every problem there is, to be compared with the contract.
    pub fn all() -> impl Iterator<Item = (u16, String, &'static str)> {
        Self::KINDS.iter().map(|kind| (kind.status, type_uri(kind.slug), kind.title))
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind().status
    }

    /// What is wrong, for the person who reads the answer.
    #[must_use]
    pub fn detail(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Problem::Unauthenticated => "The request carries no token that names a user.",
            Problem::NotFound => "There is nothing here that you may see.",
            Problem::Forbidden(capability) => return format!("This takes the capability {capability}.").into(),
            Problem::MethodNotAllowed(allow) => return format!("This path is called with {allow}.").into(),
            Problem::BodyTooLarge => "A body has at most 16 KiB.",
            Problem::UnsupportedMediaType => "A body is sent with the content type application/json.",
            Problem::MalformedJson(reason) => return format!("The body is not JSON: {reason}.").into(),
            Problem::InvalidInput { field, reason } if field.is_empty() || field == "." => {
                return format!("{reason}.").into();
            }
            Problem::InvalidInput { field, reason } => return format!("{field}: {reason}.").into(),
            Problem::ScopeBusy(run_id) => {
                return format!("Another operation is active on this connection: run {run_id}.").into();
            }
            Problem::IdempotencyKeyReused => {
                "This Idempotency-Key was used for another request. Send a new key, or the same request again."
            }
            Problem::SessionNotReady(SessionHalt::WithoutTenant) => {
                "The session's tenant is not identified yet. Identify it first."
            }
            Problem::SessionNotReady(SessionHalt::Completed) => "The session is completed. Verify its tenant directly.",
            Problem::SessionNotReady(SessionHalt::Cancelled) => "The session is cancelled.",
            Problem::SessionChanged => "The session is being changed by somebody else. Read it and try again.",
            Problem::ReportNotAvailable(_) => "This run has no report.",
            Problem::RunNotCompleted(_) => "The run has no report yet. Acknowledge its findings once it is completed.",
            Problem::CheckNotAcknowledgeable => "The check passed or was skipped: there is nothing to acknowledge.",
            Problem::AlreadyAcknowledged => {
                "The check is acknowledged already, by somebody else or in other words, and stays so."
            }
            Problem::Unavailable => "The request could not be handled at the moment. Try again in a few seconds.",
            Problem::Internal => "Something went wrong on our side. The request id finds it in the log.",
        })
    }

    fn reason_code(&self) -> Option<&'static str> {
        match self {
            Problem::Forbidden(_) => Some(Reason::MissingCapability.code()),
            Problem::ScopeBusy(_) => Some("scope_busy"),
            Problem::SessionNotReady(SessionHalt::WithoutTenant) => Some("session_without_tenant"),
            Problem::SessionNotReady(SessionHalt::Completed) => Some("session_completed"),
            Problem::SessionNotReady(SessionHalt::Cancelled) => Some("session_cancelled"),
            Problem::ReportNotAvailable(_) => Some("report_not_available"),
            Problem::Unauthenticated
            | Problem::NotFound
            | Problem::MethodNotAllowed(_)
            | Problem::BodyTooLarge
            | Problem::UnsupportedMediaType
            | Problem::MalformedJson(_)
            | Problem::InvalidInput { .. }
            | Problem::IdempotencyKeyReused
            | Problem::SessionChanged
            | Problem::RunNotCompleted(_)
            | Problem::CheckNotAcknowledgeable
            | Problem::AlreadyAcknowledged
            | Problem::Unavailable
            | Problem::Internal => None,
        }
    }

    /// The document. `request_id` appears in it only where a person has to find the request in the log.
    pub(crate) fn document(&self, request_id: &str) -> String {
        let Kind { status, slug, title } = self.kind();
        let instance = match self {
            Problem::Unavailable | Problem::Internal => Some(format!("urn:tenantcheck:request:{request_id}")),
            Problem::ReportNotAvailable(run_id) => Some(format!("{}/report", run_path(*run_id))),
            Problem::RunNotCompleted(run_id) => Some(run_path(*run_id)),
            Problem::Unauthenticated
            | Problem::NotFound
            | Problem::Forbidden(_)
            | Problem::MethodNotAllowed(_)
            | Problem::BodyTooLarge
            | Problem::UnsupportedMediaType
            | Problem::MalformedJson(_)
            | Problem::InvalidInput { .. }
            | Problem::IdempotencyKeyReused
            | Problem::SessionNotReady(_)
            | Problem::SessionChanged
            | Problem::CheckNotAcknowledgeable
            | Problem::AlreadyAcknowledged
            | Problem::ScopeBusy(_) => None,
        };
        let active_run = if let Problem::ScopeBusy(run_id) = self {
            Some(ActiveRun { id: *run_id, url: run_path(*run_id) })
        } else {
            None
        };
        let type_uri = type_uri(slug);
        let detail = self.detail();
        let reason_code = self.reason_code();
        let document = Document { type_uri, title, status, detail, instance, reason_code, active_run };
        serde_json::to_string(&document).expect("texts and numbers have a JSON form")
    }
}
