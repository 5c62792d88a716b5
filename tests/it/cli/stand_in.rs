//! A stand-in of the API that answers what a test says and writes down what it was asked. What a test calls an answer of the API is held
//! against the contract; what the API never sends has to be called so.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use harness::contract::Answered;
use serde_json::Value;
use tokio::net::TcpListener;

use super::program::{Done, tenantcheck};

/// The token that it is called with unless a test says otherwise.
pub(super) const TOKEN: &str = "a.secret.token";

/// A running stand-in. It ends with the test's runtime.
pub(super) struct StandIn {
    pub(super) url: String,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    /// By method and path; the last answer of each is given again and again.
    answers: Mutex<HashMap<String, Vec<Reply>>>,
    seen: Mutex<Vec<Seen>>,
}

/// An answer, or none.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Given(Answer),
    Never,
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
    /// Whether the API may send it.
    is_ours: bool,
    /// Whether the wait that it asks for is left out, so that no test waits.
    at_once: bool,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// An answer of the API, with the headers that all of its answers have.
pub(super) fn reply(status: u16, body: &Value) -> Reply {
    let content_type =
        if body["type"].is_string() && status >= 400 { "application/problem+json" } else { "application/json" };
    Reply::Given(Answer { status, headers: HeaderMap::new(), body: body.to_string(), is_ours: true, at_once: false })
        .with("content-type", content_type)
        .with("x-request-id", "abc-1")
        .with("cache-control", "private, no-cache")
        .with("vary", "Authorization, Accept-Encoding")
}

/// What the API never sends, and somebody between it and the program may.
pub(super) fn foreign(status: u16, body: &Value) -> Reply {
    Reply::Given(Answer { status, headers: HeaderMap::new(), body: body.to_string(), is_ours: false, at_once: false })
}

impl Reply {
    pub(super) fn with(mut self, header: &'static str, value: &str) -> Self {
        match &mut self {
            Reply::Given(answer) => {
                answer.headers.insert(HeaderName::from_static(header), HeaderValue::from_str(value).unwrap());
            }
            Reply::Never => panic!("no answer has no header"),
        }
        self
    }

    /// Asks for the least wait that the API asks for. None of it is waited for.
    pub(super) fn at_once(self) -> Self {
        let Reply::Given(Answer { status, .. }) = &self else { panic!("no answer asks for nothing") };
        let least = if *status == 503 { "5" } else { "2" };
        match self.with("retry-after", least) {
            Reply::Given(answer) => Reply::Given(Answer { at_once: true, ..answer }),
            Reply::Never => Reply::Never,
        }
    }

    /// The same as the answer to this request, if it may be one.
    fn to(mut self, request: &str) -> Self {
        let Reply::Given(answer) = &mut self else { return self };
        if answer.is_ours {
            let (method, path) = request.split_once(' ').unwrap();
            if method != "GET" {
                answer.headers.remove("cache-control");
                answer.headers.remove("vary");
            } else if answer.status == 200 && path.starts_with("/runs/") {
                answer.headers.insert("etag", HeaderValue::from_static("\"a\""));
            }
            let Answer { status, headers, body, .. } = &*answer;
            let answered = Answered { method, path, status: *status, headers, body: body.as_bytes() };
            answered.check().unwrap_or_else(|error| panic!("{error:#}"));
        }
        if answer.at_once {
            answer.headers.insert("retry-after", HeaderValue::from_static("0"));
        }
        self
    }
}

impl StandIn {
    pub(super) async fn start() -> Self {
        let script = Arc::new(Script::default());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        // With a path, as the local stack has one.
        let url = format!("http://{}/stage", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, script }
    }

    /// What it answers to `GET /path`, one after the other.
    pub(super) fn on(self, request: &str, replies: &[Reply]) -> Self {
        let replies = replies.iter().map(|reply| reply.clone().to(request)).collect();
        self.script.answers.lock().unwrap().insert(request.to_owned(), replies);
        self
    }

    /// What it was asked, in order.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }

    /// The requests alone.
    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// Runs the program against it.
    pub(super) async fn tenantcheck(&self, arguments: &[&str]) -> Done {
        tenantcheck(arguments, &[("TENANTCHECK_API_URL", &self.url), ("TENANTCHECK_TOKEN", TOKEN)]).await
    }
}

impl Script {
    fn next(&self, line: &str) -> Reply {
        let mut answers = self.answers.lock().unwrap();
        let path = line.split('?').next().unwrap();
        let replies = answers.get_mut(path).unwrap_or_else(|| panic!("nobody said what to answer to {line}"));
        if replies.len() > 1 { replies.remove(0) } else { replies[0].clone() }
    }
}

async fn answer(
    State(script): State<Arc<Script>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, String) {
    let target = uri.to_string();
    let target = target.strip_prefix("/stage").unwrap();
    let line = format!("{method} {target}");
    let body = String::from_utf8(body.to_vec()).unwrap();
    script.seen.lock().unwrap().push(Seen { line: line.clone(), headers, body });
    match script.next(&line) {
        Reply::Given(Answer { status, headers, body, .. }) => (StatusCode::from_u16(status).unwrap(), headers, body),
        Reply::Never => std::future::pending().await,
    }
}
