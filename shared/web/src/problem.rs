//! Refusals, as `application/problem+json` (RFC 9457). A problem knows nothing of HTTP's types until it is converted last. Whatever a
//! caller is told of it stands in its row of the table here and nowhere else: a new problem is a variant and a row.

use std::borrow::Cow;
use std::time::Duration;

use domain::access::Capability;
use domain::id::RunId;
use domain::reason::Reason;
use serde::Serialize;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nobody is known to call.
    Unauthenticated,
    /// The token is valid and not for this API.
    InsufficientScope,
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
    /// The caller has started as much as they may within this minute.
    TooManyStarts {
        /// What is left of the minute.
        retry_after: Duration,
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
    /// The check passed, was skipped, or could not see what it asks for.
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

/// What a caller is told of a problem: the members that every document has, and those that some have.
#[derive(Serialize)]
pub(crate) struct Document {
    #[serde(rename = "type")]
    type_uri: String,
    title: &'static str,
    pub(crate) status: u16,
    detail: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_run: Option<ActiveRun>,
    /// The header beside it: its name in lower case, and its value.
    #[serde(skip)]
    pub(crate) header: Option<(&'static str, Cow<'static, str>)>,
}

#[derive(Serialize)]
struct ActiveRun {
    id: RunId,
    url: String,
}

/// Makes the table of problems. A row has the status, the slug, the title and the detail, then what only some documents have.
macro_rules! problems {
    (|$request_id:ident| $($problem:pat => (
        $status:literal, $slug:literal, $title:literal, $detail:expr $(, $member:ident: $value:expr)*
    ),)+) => {
        const KINDS: &'static [(u16, &'static str, &'static str)] = &[$(($status, $slug, $title),)+];

        /// The document. `request_id` appears in it only where a person has to find the request in the log.
        pub(crate) fn document(&self, $request_id: &str) -> Document {
            match self {
                $($problem => Document {
                    $($member: Some($value),)*
                    ..Document::plain($status, $slug, $title, $detail.into())
                },)+
            }
        }
    };
}

impl Problem {
    problems! { |request_id|
        Problem::Unauthenticated => (401, "unauthenticated", "Authentication required",
            "No checked token with the claim that names a user came with the request. `sam local start-api` checks none: call the API of \
             `cargo dev`, or `sam local invoke` with a file of events/.", header: ("www-authenticate", "Bearer".into())),
        Problem::InsufficientScope => (403, "insufficient-scope", "Token is not for this API",
            "The token carries neither the scope of this API nor, for an app that signs in as itself, its role.",
            header: ("www-authenticate", "Bearer error=\"insufficient_scope\"".into())),
        Problem::NotFound => (404, "not-found", "Not found", "There is nothing here that you may see."),
        Problem::Forbidden(capability) => (403, "forbidden", "Not allowed",
            format!("This takes the capability {capability}."), reason_code: Reason::MissingCapability.code()),
        Problem::MethodNotAllowed(allow) => (405, "method-not-allowed", "Method not allowed",
            format!("This path is called with {allow}."), header: ("allow", (*allow).into())),
        Problem::BodyTooLarge => (413, "body-too-large", "Body too large", "A body has at most 16 KiB."),
        Problem::UnsupportedMediaType => (415, "unsupported-media-type", "Unsupported content type",
            "A body is sent with the content type application/json."),
        Problem::MalformedJson(reason) => (400, "malformed-json", "Malformed JSON",
            format!("The body is not JSON: {reason}.")),
        Problem::InvalidInput { field, reason } => (422, "invalid-input", "Invalid input", match field.as_str() {
            // The body as a whole.
            "" | "." => format!("{reason}."),
            field => format!("{field}: {reason}."),
        }),
        Problem::TooManyStarts { retry_after } => (429, "too-many-starts", "Too many starts",
            "You have started as many verifications as you may within a minute. Nothing was recorded; try again in the next one.",
            reason_code: "too_many_starts", header: ("retry-after", retry_after.as_secs().to_string().into())),
        Problem::ScopeBusy(run_id) => (409, "scope-busy", "Connection is busy",
            format!("Another operation is active on this connection: run {run_id}."),
            reason_code: "scope_busy", active_run: ActiveRun { id: *run_id, url: run_path(*run_id) }),
        Problem::IdempotencyKeyReused => (422, "idempotency-key-reused", "Idempotency key was used before",
            "This Idempotency-Key was used for another request. Send a new key, or the same request again."),
        Problem::SessionNotReady(halt) => (409, "session-not-ready", "Session is not ready",
            halt.row().1, reason_code: halt.row().0),
        Problem::SessionChanged => (409, "session-changed", "Session changed",
            "The session is being changed by somebody else. Read it and try again."),
        Problem::ReportNotAvailable(run_id) => (404, "report-not-available", "No report", "This run has no report.",
            reason_code: "report_not_available", instance: format!("{}/report", run_path(*run_id))),
        Problem::RunNotCompleted(run_id) => (409, "run-not-completed", "Run is not completed",
            "The run has no report yet. Acknowledge its findings once it is completed.", instance: run_path(*run_id)),
        Problem::CheckNotAcknowledgeable => (409, "check-not-acknowledgeable", "Nothing to acknowledge",
            "The check passed, was skipped, or could not see what it asks for: there is nothing to acknowledge."),
        Problem::AlreadyAcknowledged => (409, "already-acknowledged", "Already acknowledged",
            "The check is acknowledged already, by somebody else or in other words, and stays so."),
        // Trouble on our side is mostly over after seconds.
        Problem::Unavailable => (503, "unavailable", "Temporarily unavailable",
            "The request could not be handled at the moment. Try again in a few seconds.",
            instance: request_urn(request_id), header: ("retry-after", "5".into())),
        Problem::Internal => (500, "internal", "Internal error",
            "Something went wrong on our side. The request id finds it in the log.", instance: request_urn(request_id)),
    }

    /// Status, type and title of every problem there is, to be compared with the contract.
    pub fn all() -> impl Iterator<Item = (u16, String, &'static str)> {
        Self::KINDS.iter().map(|(status, slug, title)| (*status, type_uri(slug), *title))
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.document("").status
    }

    /// What is wrong, for the person who reads the answer.
    #[must_use]
    pub fn detail(&self) -> Cow<'static, str> {
        self.document("").detail
    }
}

impl SessionHalt {
    /// The reason code and the detail.
    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::WithoutTenant => {
                ("session_without_tenant", "The session's tenant is not identified yet. Identify it first.")
            }
            Self::Completed => ("session_completed", "The session is completed. Verify its tenant directly."),
            Self::Cancelled => ("session_cancelled", "The session is cancelled."),
        }
    }
}

impl Document {
    /// What every document has.
    fn plain(status: u16, slug: &str, title: &'static str, detail: Cow<'static, str>) -> Self {
        let type_uri = type_uri(slug);
        Self { type_uri, title, status, detail, instance: None, reason_code: None, active_run: None, header: None }
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers have a JSON form")
    }
}

fn type_uri(slug: &str) -> String {
    format!("urn:tenantcheck:problem:{slug}")
}

fn request_urn(request_id: &str) -> String {
    format!("urn:tenantcheck:request:{request_id}")
}

/// The path of a run.
pub(crate) fn run_path(run_id: RunId) -> String {
    format!("/runs/{run_id}")
}
