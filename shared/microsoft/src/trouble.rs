//! What stands between a question and its answer: why, and whether asking again can help.

use std::time::Duration;

use domain::evidence::{Evidence, EvidenceKind};
use domain::facts::Cause;
use domain::reason::Reason;
use uuid::Uuid;

/// Whether asking again within the same check can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// The answer stays the same.
    Never,
    /// One more try is worth it, a third is not.
    Once,
    /// It passes by itself: tries with growing pauses.
    Backoff,
    /// It passes by itself, but asking again soon makes it last longer.
    Later,
}

/// One try that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// What the facts will say if this stays so.
    pub(crate) cause: Cause,
    /// Whether to try again.
    pub(crate) retry: Retry,
}

/// Why a try brought no usable answer although nobody refused anything. All of it reads as "could not be reached".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpstreamError {
    /// No answer, or not all of it, in time.
    Timeout,
    /// No connection: name resolution, TCP or TLS.
    Connect,
    /// The connection broke before the answer was complete.
    Interrupted,
    /// The service says that it does not work at the moment.
    Unavailable,
    /// An answer that is not what Microsoft documents: not JSON, not UTF-8, another shape.
    Garbage,
    /// An answer beyond the size limit.
    Oversize,
    /// An answer that points elsewhere; it is not followed.
    Redirect,
    /// A next page at another host; it is not asked.
    ForeignLink,
    /// More pages than a tenant can have.
    TooManyPages,
    /// The check's time or number of calls is used up.
    Budget,
}

impl UpstreamError {
    /// The word that stands in evidence.
    pub(crate) fn detail(self) -> &'static str {
        match self {
            UpstreamError::Timeout => "upstream.timeout",
            UpstreamError::Connect => "upstream.connect",
            UpstreamError::Interrupted => "upstream.interrupted",
            UpstreamError::Unavailable => "upstream.unavailable",
            UpstreamError::Garbage => "upstream.garbage",
            UpstreamError::Oversize => "upstream.oversize",
            UpstreamError::Redirect => "upstream.redirect",
            UpstreamError::ForeignLink => "upstream.foreign_link",
            UpstreamError::TooManyPages => "upstream.too_many_pages",
            UpstreamError::Budget => "upstream.budget_used_up",
        }
    }

    /// Broken service and broken answers pass; what looks like an attack or our own limit would only come again.
    fn retry(self) -> Retry {
        match self {
            UpstreamError::Timeout
            | UpstreamError::Connect
            | UpstreamError::Interrupted
            | UpstreamError::Unavailable
            | UpstreamError::Garbage => Retry::Backoff,
            UpstreamError::Oversize
            | UpstreamError::Redirect
            | UpstreamError::ForeignLink
            | UpstreamError::TooManyPages
            | UpstreamError::Budget => Retry::Never,
        }
    }

    /// The failure with what else is known about the answer.
    pub(crate) fn with(self, mut evidence: Vec<Evidence>, retry_after: Option<Duration>) -> Trouble {
        evidence.push(Evidence::text(EvidenceKind::Detail, self.detail()));
        let cause = Cause { reason: Reason::DependencyUnreachable, evidence, retry_after };
        Trouble { cause, retry: self.retry() }
    }
}

impl UpstreamError {
    /// The failure of a request that brought no answer; our own id is all that is known of it.
    pub(crate) fn before_an_answer(self, client_request_id: Uuid) -> Trouble {
        self.with(vec![Evidence::text(EvidenceKind::ClientRequestId, client_request_id.to_string())], None)
    }
}

impl From<UpstreamError> for Trouble {
    fn from(failure: UpstreamError) -> Self {
        failure.with(Vec::new(), None)
    }
}
