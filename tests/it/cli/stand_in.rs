//! A stand-in of the API that answers what a test says and writes down what it was asked.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
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
    headers: Vec<(&'static str, String)>,
    body: String,
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

pub(super) fn reply(status: u16, body: &Value) -> Reply {
    Reply::Given(Answer { status, headers: Vec::new(), body: body.to_string() })
}

impl Reply {
    pub(super) fn with(mut self, header: &'static str, value: &str) -> Self {
        match &mut self {
            Reply::Given(answer) => answer.headers.push((header, value.to_owned())),
            Reply::Never => panic!("no answer has no header"),
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
        self.script.answers.lock().unwrap().insert(request.to_owned(), replies.to_vec());
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
        Reply::Given(Answer { status, headers, body }) => {
            let headers = headers.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            (StatusCode::from_u16(status).unwrap(), headers.collect(), body)
        }
        Reply::Never => std::future::pending().await,
    }
}
