//! The HTTP API as its operators call it: one address, a token that may be renewed, and requests that are tried again where that
//! cannot do any harm.

mod error;
mod problem;
mod token;
mod url;

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{ACCEPT, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use error::ApiError;
pub(crate) use error::UNANSWERED;
pub use problem::{ActiveRun, Link, Problem};
pub use token::{TokenError, TokenSource};
pub use url::{ApiUrl, InvalidUrl};

/// A connection may take this part of the time for an answer: a host has several addresses, and one of them may be dead.
const CONNECT_PART: u32 = 3;

/// How soon a connection that several requests share is asked whether it is still there, and how soon it has to say so. Before the
/// time for an answer is over, so that the next request has another one.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// The first wait before a request is tried again.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Tries after the first one.
const RETRIES: usize = 4;

/// No wait is longer than this, whatever the API asks for: somebody is waiting.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The API, called with one user's token.
#[derive(Debug)]
pub struct Api {
    base: ApiUrl,
    client: Client,
    patience: Duration,
    source: TokenSource,
    token: Option<SecretString>,
}

/// What is asked for.
#[derive(Debug)]
struct Request<'a> {
    method: Method,
    path: &'a str,
    query: &'a [(&'a str, String)],
    /// A start's body, and the key that lets the API recognize a start that comes again.
    start: Option<(&'a Value, &'a str)>,
}

/// An answer that is no refusal.
#[derive(Debug)]
pub struct Answer {
    /// The document.
    pub document: Value,
    headers: HeaderMap,
    path: String,
}

/// An answer as it came.
struct Raw {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What may pass when the same request is sent again.
enum Trouble {
    Network(reqwest::Error),
    Busy(Raw),
}

impl Api {
    /// The API at this address, called with the tokens of this source. A request is given up after so long without an answer.
    ///
    /// # Errors
    /// When the HTTP client cannot be made, which no input decides.
    pub fn new(base: ApiUrl, source: TokenSource, patience: Duration) -> Result<Self, ApiError> {
        let client = client(&base, patience).map_err(ApiError::Client)?;
        Ok(Self { base, client, patience, source, token: None })
    }

    /// GET.
    ///
    /// # Errors
    /// [`ApiError`] when there is no answer, or it is a refusal.
    pub async fn get(&mut self, path: &str, query: &[(&str, String)]) -> Result<Answer, ApiError> {
        self.send(Request { method: Method::GET, path, query, start: None }).await
    }

    /// POST of a start. However often it is sent, the API starts once for a key.
    ///
    /// # Errors
    /// [`ApiError`] when there is no answer, or it is a refusal.
    pub async fn start(&mut self, path: &str, body: &Value, key: &str) -> Result<Answer, ApiError> {
        self.send(Request { method: Method::POST, path, query: &[], start: Some((body, key)) }).await
    }

    async fn send(&mut self, request: Request<'_>) -> Result<Answer, ApiError> {
        let token = match self.token.take() {
            Some(token) => token,
            None => self.source.token().await?,
        };
        let answered = self.try_often(&request, &token).await;
        // Also without an answer: whoever asks again does not need another one.
        self.token = Some(token);
        let mut raw = answered?;
        if raw.status == StatusCode::UNAUTHORIZED && self.source.can_renew() {
            let token = self.source.token().await?;
            raw = self.try_often(&request, &token).await?;
            self.token = Some(token);
        }
        self.judge(request.path, raw)
    }

    async fn try_often(&self, request: &Request<'_>, token: &SecretString) -> Result<Raw, ApiError> {
        let waits = ExponentialBuilder::new().with_min_delay(FIRST_WAIT).with_max_times(RETRIES).with_jitter();
        let answer = (|| self.try_once(request, token)).retry(waits).when(Trouble::may_pass_soon);
        let answer = answer.adjust(|trouble, wait| match (trouble, wait) {
            (Trouble::Busy(raw), Some(wait)) => Some(retry_after(&raw.headers).unwrap_or(wait).min(LONGEST_WAIT)),
            (Trouble::Network(_), wait) | (Trouble::Busy(_), wait @ None) => wait,
        });
        match answer.await {
            // The last answer says why.
            Ok(raw) | Err(Trouble::Busy(raw)) => Ok(raw),
            Err(Trouble::Network(source)) => {
                let (url, source) = (self.base.to_string(), source.without_url());
                Err(if source.is_timeout() {
                    ApiError::Silent { url, patience: self.patience, source }
                } else {
                    ApiError::Unreachable { url, source }
                })
            }
        }
    }

    async fn try_once(&self, request: &Request<'_>, token: &SecretString) -> Result<Raw, Trouble> {
        let url = self.base.join(request.path, request.query);
        let mut sent = self.client.request(request.method.clone(), url).header(ACCEPT, "application/json");
        sent = sent.bearer_auth(token.expose_secret().trim());
        if let Some((body, key)) = request.start {
            sent = sent.header("idempotency-key", key).header("content-type", "application/json");
            sent = sent.body(body.to_string());
        }
        let response = sent.send().await.map_err(Trouble::Network)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(Trouble::Network)?.to_vec();
        let raw = Raw { status, headers, body };
        match status.as_u16() {
            429 | 502..=504 => Err(Trouble::Busy(raw)),
            _ => Ok(raw),
        }
    }

    fn judge(&self, path: &str, raw: Raw) -> Result<Answer, ApiError> {
        let Raw { status, headers, body } = raw;
        if !status.is_success() {
            let request_id = headers.get("x-request-id").and_then(|id| id.to_str().ok()).map(Into::into);
            let problem = Box::new(Problem::read(&body));
            return Err(ApiError::Refused {
                status: status.as_u16(),
                problem,
                request_id,
                renews: self.source.can_renew(),
            });
        }
        let unreadable = |source| ApiError::Unreadable { path: path.into(), source };
        let document = serde_json::from_slice(&body).map_err(unreadable)?;
        Ok(Answer { document, headers, path: path.to_owned() })
    }
}

impl Trouble {
    /// Whether somebody who waits is served by another try. What was silent so long was waited for already.
    fn may_pass_soon(&self) -> bool {
        match self {
            Trouble::Network(error) => !error.is_timeout(),
            Trouble::Busy(_) => true,
        }
    }
}

impl Answer {
    /// The document, read as what it is.
    ///
    /// # Errors
    /// [`ApiError::Unreadable`] when it is something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let unreadable = |source| ApiError::Unreadable { path: self.path.as_str().into(), source };
        T::deserialize(&self.document).map_err(unreadable)
    }

    /// The path that the answer points to.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.headers.get("location")?.to_str().ok().filter(|path| path.starts_with('/'))
    }

    /// How long to wait before asking again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn client(base: &ApiUrl, patience: Duration) -> Result<Client, reqwest::Error> {
    let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has every protocol version of rustls")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder();
    // What is not encrypted must not leave this machine, not even to the proxy that the environment names.
    let builder = if base.is_encrypted() { builder } else { builder.no_proxy() };
    builder
        .tls_backend_preconfigured(config)
        // A redirect would carry the token elsewhere.
        .redirect(Policy::none())
        .user_agent(concat!("tenantcheck/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(patience / CONNECT_PART)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .http2_keep_alive_timeout(KEEP_ALIVE)
        // Until the last byte, so that an answer in drops ends as well.
        .timeout(patience)
        .build()
}
