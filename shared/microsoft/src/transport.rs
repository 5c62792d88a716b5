//! The wire: one hardened client towards Entra and Graph. It follows no redirect, knows no proxy, understands no
//! compression, and reads no answer beyond its limits of time and size; before anything is sent the address must belong
//! to the allow-list.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use rustls::ClientConfig;
use url::Url;
use uuid::Uuid;

use crate::answer::Answer;
use crate::origin::Origin;
use crate::priority::Priority;
use crate::trouble::UpstreamError;

/// Name resolution, TCP and TLS together take well under a second; a host that needs longer is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest silence within an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(8);

/// The longest time for one whole answer, so that a slow drip ends too.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Lambda freezes a function between invocations, and Microsoft closes idle connections after some minutes: older ones
/// are not worth a failed first try.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The longest time for a connection that is opened before it is needed. It is no loss when it does not come: the questions open theirs.
const OPEN_TIMEOUT: Duration = Duration::from_secs(2);

/// The client and what it takes to open connections beside those that it keeps.
#[derive(Debug)]
pub(crate) struct Transport {
    tls: ClientConfig,
    shared: Client,
    /// When each host was last asked something over a connection that is kept.
    used: Mutex<BTreeMap<Origin, Instant>>,
}

/// One request before it is sent.
pub(crate) struct Outgoing<'a> {
    /// Where it goes.
    pub(crate) url: Url,
    /// Where it may go.
    pub(crate) allowed: &'a Origin,
    /// Method, credentials and body.
    pub(crate) content: Content<'a>,
    /// The most bytes of a body that are read.
    pub(crate) body_limit: usize,
}

/// What a request carries.
pub(crate) enum Content<'a> {
    /// A POST of a form.
    Form(Vec<(&'static str, Cow<'a, str>)>),
    /// A GET with an access token.
    Bearer(&'a str, Priority),
    /// A GET of what anybody may read.
    Anonymous,
    /// A HEAD, for the connection that carries it.
    Nothing,
}

impl Transport {
    /// Builds the client; no connection is opened.
    pub(crate) fn new(tls: ClientConfig) -> Result<Self, reqwest::Error> {
        let shared = client(&tls)?;
        Ok(Self { tls, shared, used: Mutex::default() })
    }

    /// Opens a connection to a host, unless one is kept or another check is opening it. Questions that are asked side by side share one
    /// that is there, over HTTP/2; without it each opens its own, and a handshake costs more than a question.
    pub(crate) async fn open(&self, host: &Origin) {
        let is_kept = self.used().get(host).is_some_and(|last| last.elapsed() < POOL_IDLE_TIMEOUT);
        if is_kept || host.is_plain() {
            return;
        }
        self.used().insert(host.clone(), Instant::now());
        let opening = Outgoing { url: host.url("/"), allowed: host, content: Content::Nothing, body_limit: 0 };
        // Whatever is answered: the questions will say what is wrong.
        _ = self.send(opening, false, Uuid::new_v4(), OPEN_TIMEOUT).await;
    }

    fn used(&self) -> MutexGuard<'_, BTreeMap<Origin, Instant>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request and reads the whole answer, whatever its status. `fresh` asks for a connection of its own: after
    /// a failure the kept one may still lead to the broken server.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing<'_>,
        fresh: bool,
        client_request_id: Uuid,
        timeout: Duration,
    ) -> Result<Answer, UpstreamError> {
        if !outgoing.allowed.permits(&outgoing.url) {
            return Err(UpstreamError::ForeignLink);
        }
        let client = if fresh {
            client(&self.tls).expect("the same configuration made a client at start-up")
        } else {
            self.shared.clone()
        };
        let response = request(&client, &outgoing)
            .header("client-request-id", client_request_id.to_string())
            .timeout(timeout)
            .send()
            .await
            .map_err(|error| failure(&error))?;
        if !fresh && let Some(last) = self.used().get_mut(outgoing.allowed) {
            *last = Instant::now();
        }
        let mut answer = Answer::head(response.status(), response.headers(), client_request_id);
        answer.set_body(body(response, outgoing.body_limit).await?);
        Ok(answer)
    }
}

fn client(tls: &ClientConfig) -> Result<Client, reqwest::Error> {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("tenantcheck/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .build()
}

fn request(client: &Client, outgoing: &Outgoing<'_>) -> RequestBuilder {
    let url = outgoing.url.clone();
    let request = match &outgoing.content {
        Content::Form(fields) => client.post(url).form(fields),
        Content::Anonymous => client.get(url),
        Content::Nothing => client.head(url),
        Content::Bearer(token, priority) => {
            let request = client.get(url).bearer_auth(token);
            match priority.header() {
                Some(priority) => request.header("x-ms-throttle-priority", priority),
                None => request,
            }
        }
    };
    request.header("accept", "application/json")
}

/// Reads a body piece by piece and stops at the limit, whatever length the answer announces.
async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>, UpstreamError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(UpstreamError::Oversize);
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + piece.len() > limit {
            return Err(UpstreamError::Oversize);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn failure(error: &reqwest::Error) -> UpstreamError {
    if error.is_timeout() {
        UpstreamError::Timeout
    } else if error.is_connect() {
        UpstreamError::Connect
    } else {
        UpstreamError::Interrupted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls;

    #[test]
    fn only_what_nobody_waits_for_asks_to_be_throttled_first() {
        let client = client(&tls::client_config(&[]).expect("TLS")).expect("a client");
        let allowed: Origin = "https://graph.microsoft.com".parse().expect("an origin");
        let priority = |content| {
            let outgoing =
                Outgoing { url: allowed.url("/v1.0/organization"), allowed: &allowed, content, body_limit: 1 };
            let request = request(&client, &outgoing).build().expect("a request");
            request.headers().get("x-ms-throttle-priority").map(|value| value.as_bytes().to_vec())
        };
        assert_eq!(priority(Content::Bearer("eyJ0", Priority::Low)).as_deref(), Some(&b"Low"[..]));
        assert_eq!(priority(Content::Bearer("eyJ0", Priority::Normal)), None);
        assert_eq!(priority(Content::Form(Vec::new())), None);
    }
}
