//! Why the API gave nothing, in words that help the person who reads them.

use std::fmt;
use std::time::Duration;

use super::problem::{Link, Problem};
use super::token::TokenError;
use crate::chain::Chain;
use crate::exit::{CommandError, Exit};
use crate::text::Text;

/// What to look at when nobody answers.
pub(crate) const UNANSWERED: &str = "
  is this the API's address (--api, TENANTCHECK_API_URL)?
  can this machine reach it (network, VPN, proxy in HTTPS_PROXY)?";

/// Why there is no answer to work with.
#[derive(Debug)]
pub enum ApiError {
    /// There is no token.
    Token(TokenError),
    /// The HTTP client cannot be made.
    Client(reqwest::Error),
    /// There is no answer in time.
    Silent {
        /// The API's address.
        url: String,
        /// How long it was waited for.
        patience: Duration,
        /// Where it was waited.
        source: reqwest::Error,
    },
    /// Nobody answers, also after the retries.
    Unreachable {
        /// The API's address.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The answer is a refusal.
    Refused {
        /// Its status.
        status: u16,
        /// What it says.
        problem: Box<Problem>,
        /// By which its lines in the log are found.
        request_id: Option<Text>,
        /// Whether the token comes from a command.
        renews: bool,
    },
    /// The answer is not what this program reads.
    Unreadable {
        /// What was asked for.
        path: Text,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl ApiError {
    /// Whether the API may answer the same request later as if nothing had happened.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self {
            ApiError::Silent { .. } | ApiError::Unreachable { .. } => true,
            ApiError::Token(_) | ApiError::Client(_) | ApiError::Refused { .. } | ApiError::Unreadable { .. } => false,
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiError::Token(error) => write!(f, "{}", Chain(error)),
            ApiError::Client(error) => write!(f, "the HTTP client cannot be made: {}", Chain(error)),
            ApiError::Silent { url, source, .. } if source.is_connect() => {
                write!(f, "{url} cannot be connected to in time (--request-timeout){UNANSWERED}")
            }
            ApiError::Silent { url, patience, .. } => {
                let seconds = patience.as_secs();
                write!(f, "{url} has not answered within {seconds} s (--request-timeout){UNANSWERED}")
            }
            ApiError::Unreachable { url, source } => {
                write!(f, "{url} does not answer: {}{UNANSWERED}", Chain(source))
            }
            ApiError::Refused { status, problem, request_id, renews } => {
                refused(f, *status, problem)?;
                if let Some(hint) = hint(*status, problem, *renews) {
                    write!(f, "\n  {hint}")?;
                }
                match request_id {
                    Some(id) if *status >= 500 => write!(f, "\n  the log has more under the request {id}"),
                    Some(_) | None => Ok(()),
                }
            }
            ApiError::Unreadable { path, source } => {
                let source = Text::from(source.to_string());
                write!(f, "the answer to {path} has another form than this version reads: {source}")
            }
        }
    }
}

fn refused(f: &mut fmt::Formatter<'_>, status: u16, problem: &Problem) -> fmt::Result {
    let unnamed = Text::from("the API refuses");
    let title = problem.title.as_ref().or(problem.message.as_ref()).unwrap_or(&unnamed);
    write!(f, "{title} (status {status}")?;
    if let Some(reason) = &problem.reason_code {
        write!(f, ", {reason}")?;
    }
    write!(f, ")")?;
    if let Some(detail) = &problem.detail {
        write!(f, "\n  {detail}")?;
    }
    if let Some(run) = &problem.active_run {
        write!(f, "\n  in the way is run {0}: tenantcheck show {0}", run.id)?;
    }
    problem.next_steps.iter().try_for_each(|Link { label, url }| write!(f, "\n  -> {label}: {url}"))
}

fn hint(status: u16, problem: &Problem, renews: bool) -> Option<&'static str> {
    match status {
        401 if renews => Some("the token that --token-command printed is not valid (any more), nor is the next one"),
        401 => Some("the token in TENANTCHECK_TOKEN is not valid (any more)"),
        // The gateway's own refusal is no problem document.
        403 if problem.title.is_none() => Some("the token lacks the scope that the API asks for"),
        404 if problem.title.is_none() => Some("is this the API's address (--api, TENANTCHECK_API_URL)?"),
        404 => Some("it does not exist, or the token's user has no access to it: the API does not tell which"),
        _ => None,
    }
}

impl From<ApiError> for CommandError {
    fn from(error: ApiError) -> Self {
        // Without a token nothing was asked yet: the call is incomplete.
        let exit = if matches!(error, ApiError::Token(TokenError::Missing)) { Exit::Usage } else { Exit::Failed };
        Self::new(exit, &error)
    }
}
