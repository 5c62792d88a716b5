//! The HTTP API as its callers see it: a base URL, a token, and answers whose status, headers and body a test can pin.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::contract::Answered;

/// Short against the time that a verification takes, long against that of a GET.
const POLL: Duration = Duration::from_millis(50);

/// The API with or without a caller's token. Make it anew in each test: its connections belong to that test's runtime.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    client: Client,
    token: Option<String>,
}

impl Api {
    /// The API at `base`, without a token.
    ///
    /// # Panics
    /// When the HTTP client cannot be made, which no input decides.
    #[must_use]
    pub fn new(base: String) -> Self {
        // reqwest wants a TLS provider even for plain HTTP. An error says that there is one already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder().no_proxy().build().expect("a client without settings from outside can be made");
        Self { base, client, token: None }
    }

    /// The same API, called with this token.
    #[must_use]
    pub fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    /// The URL of a path, for a person to paste.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The token, for a person to paste.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A request that a test can still change; the token is on it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.url(path));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// GET.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        Answer::of(request.body(body.to_string())).await
    }

    /// POST with a JSON body to a stack whose functions are being killed: the gateway may answer in their place, as no contract says.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post_unchecked(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        let response = request.body(body.to_string()).send().await.context("the API does not answer")?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.context("the API's answer ends early")?.to_vec();
        Ok(Answer { status, headers, body })
    }

    /// The run at `path` once it is completed, as often asked for as a person would not.
    ///
    /// # Errors
    /// When it is not completed within `patience`; the text shows the last answer.
    pub async fn completed(&self, path: &str, patience: Duration) -> Result<Value> {
        let started = Instant::now();
        let mut pace = tokio::time::interval(POLL);
        loop {
            pace.tick().await;
            let answer = self.get(path).await?;
            let run = answer.json()?;
            if run["status"] == "completed" {
                return Ok(run);
            }
            ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, answer.text());
            ensure!(started.elapsed() < patience, "{path} is not completed after {patience:?}: {}", answer.text());
        }
    }
}

/// What the API answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Answer {
    /// Sends a request.
    ///
    /// # Errors
    /// When there is no answer, or one that the contract does not describe.
    pub async fn of(request: RequestBuilder) -> Result<Self> {
        let (client, request) = request.build_split();
        let request = request.context("this is no request")?;
        let (method, url) = (request.method().clone(), request.url().clone());
        let response = client.execute(request).await.context("the API does not answer")?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.context("the API's answer ends early")?.to_vec();
        // The emulator's URLs name the API and its stage before the path.
        let path = url.path().split_once("/$default").map_or(url.path(), |(_, path)| path);
        let answered = Answered { method: method.as_str(), path, status, headers: &headers, body: &body };
        answered.check()?;
        Ok(Self { status, headers, body })
    }

    /// A header's text; `None` when it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is something else; the text shows status and body.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{} without JSON: {}", self.status, self.text()))
    }
}
