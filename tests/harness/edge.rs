//! The functions behind the API, called in process with the events that the gateway would send. For tests that need a table of
//! their own; what the gateway itself does is tested through the deployed template.

use domain::credential_policy::CredentialPolicy;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use aws_types::SdkConfig;
use flate2::read::GzDecoder;
use lambda_http::http::header::CONTENT_ENCODING;
use lambda_http::http::{HeaderMap, Response};
use lambda_http::{Body, Request, RequestExt, request};
use queue::Queue;
use runtime::Clock;
use serde_json::{Value, json};
use starting::Starter;
use web::admission::Admission;
use web::caller::Callers;

use crate::contract::Answered;
use crate::issuer::SCOPE;
use crate::scene::{BOUNDS, Scene, now, rules, store};

/// The functions that answer HTTP, wired to a table and a queue.
#[derive(Debug)]
pub struct Edge {
    acknowledge: acknowledge::App,
    start: start::App,
    viewer: viewer::App,
}

/// More than any test starts within a minute.
const STARTS_PER_MINUTE: u32 = 10_000;

/// A request as somebody sends it.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    claims: Option<Value>,
    headers: Vec<(&'a str, &'a str)>,
    body: Option<&'a str>,
    /// What is left of the invocation; its whole time when nobody says so.
    within: Option<Duration>,
}

/// What it was answered with.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it was sent.
    pub body: Vec<u8>,
    /// The same, unpacked.
    pub text: String,
}

impl<'a> Call<'a> {
    /// A request without a token and a body.
    #[must_use]
    pub fn new(method: &'a str, path: &'a str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self { method, path, query, claims: None, headers: Vec::new(), body: None, within: None }
    }

    /// The same with a token of this user.
    #[must_use]
    pub fn by(self, user: &str) -> Self {
        self.with_claims(json!({ "sub": user, "name": format!("{user} by name") }))
    }

    /// The same with a token that has these claims, and the scope of the API unless they say otherwise.
    #[must_use]
    pub fn with_claims(self, claims: Value) -> Self {
        let mut all = json!({ "scope": SCOPE });
        if let (Value::Object(all), Value::Object(claims)) = (&mut all, claims) {
            all.extend(claims);
        }
        Self { claims: Some(all), ..self }
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn with_json(self, body: &'a str) -> Self {
        self.with_body("application/json", body)
    }

    /// The same with a body of this type.
    #[must_use]
    pub fn with_body(self, content_type: &'a str, body: &'a str) -> Self {
        Self { body: Some(body), ..self }.with_header("content-type", content_type)
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same in an invocation that Lambda ends after this.
    #[must_use]
    pub fn within(self, left: Duration) -> Self {
        Self { within: Some(left), ..self }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The gateway's event of the request.
    #[must_use]
    pub fn event(&self) -> Value {
        let mut context = json!({
            "http": {
                "method": self.method,
                "path": self.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": 0,
        });
        if let Some(claims) = &self.claims {
            context["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
        }
        let headers: BTreeMap<&str, &str> = self.headers.iter().copied().collect();
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "requestContext": context,
            "body": self.body,
            "isBase64Encoded": false,
        })
    }

    /// What the function's library is given of it.
    fn request(&self) -> Request {
        let request = request::from_str(&self.event().to_string()).expect("an event of the HTTP API");
        let Some(left) = self.within else { return request };
        let ends = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970") + left;
        let mut context = lambda_http::Context::default();
        context.deadline = u64::try_from(ends.as_millis()).expect("before the year 584554049");
        request.with_lambda_context(context)
    }
}

impl Answer {
    /// The answer, which has to be one that the contract describes.
    async fn of(call: &Call<'_>, response: impl Future<Output = Response<Body>>) -> Self {
        let (parts, body) = response.await.into_parts();
        let body = body.to_vec();
        let mut text = String::new();
        let read = match parts.headers.get(CONTENT_ENCODING) {
            Some(_) if !body.is_empty() => GzDecoder::new(&body[..]).read_to_string(&mut text),
            Some(_) | None => (&body[..]).read_to_string(&mut text),
        };
        read.expect("bodies are text");
        let answer = Self { status: parts.status.as_u16(), headers: parts.headers, body, text };
        let (status, headers, body) = (answer.status, &answer.headers, answer.text.as_bytes());
        let path = call.path.split('?').next().unwrap_or_default();
        let answered = Answered { method: call.method, path, status, headers, body };
        answered.check().unwrap_or_else(|error| panic!("{error:#}"));
        answer
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header's text; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("headers are ASCII"))
    }

    /// The status, the headers that say something about the answer, and the body: what a snapshot pins.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for name in
            ["allow", "cache-control", "content-type", "retry-after", "vary", "www-authenticate", "x-request-id"]
        {
            if self.headers.contains_key(name) {
                text += &format!("{name}: {}\n", self.header(name));
            }
        }
        text + &serde_json::to_string_pretty(&self.json()).expect("it was parsed")
    }
}

impl Edge {
    /// The functions of a scene.
    #[must_use]
    pub fn of(scene: &Scene) -> Self {
        Self::on(&scene.sandbox.aws, &scene.sandbox.table, &scene.sandbox.queues.verifications)
    }

    /// The functions with their AWS calls sent elsewhere, as through the fault proxy, or to another queue.
    #[must_use]
    pub fn on(aws: &SdkConfig, table: &str, queue_url: &str) -> Self {
        Self::at(&Clock::default(), aws, table, queue_url)
    }

    /// The same with another clock.
    #[must_use]
    pub fn at(clock: &Clock, aws: &SdkConfig, table: &str, queue_url: &str) -> Self {
        let admission = Admission { scope: SCOPE.to_owned(), machine_role: None };
        let callers = Callers { admission, user_id_claim: "sub".to_owned() };
        let queue = Queue::new(aws_sdk_sqs::Client::new(aws), queue_url.to_owned());
        let acknowledge = acknowledge::App {
            store: store(aws, table),
            callers: callers.clone(),
            claims: acknowledge::ClaimNames { user_name: "name".to_owned(), user_email: "email".to_owned() },
            clock: clock.clone(),
        };
        let starter = Starter { store: store(aws, table), queue, rules: rules() };
        let start = start::App {
            starter,
            callers: callers.clone(),
            user_name_claim: "name".to_owned(),
            starts_per_minute: STARTS_PER_MINUTE,
            clock: clock.clone(),
        };
        let viewer = viewer::App { store: store(aws, table), callers, bounds: BOUNDS, clock: clock.clone() };
        Self { acknowledge, start, viewer }
    }

    /// The same where requests come two minutes apart, as the clock says: what is blocked again is another run then.
    #[must_use]
    pub fn unhurried(self) -> Self {
        let requests = AtomicU32::new(0);
        self.told_by(Clock::told_by(move || now() + Duration::from_mins(2) * requests.fetch_add(1, Ordering::Relaxed)))
    }

    /// The same where no time passes, however long the test takes.
    #[must_use]
    pub fn at_once(self) -> Self {
        let now = now();
        self.told_by(Clock::told_by(move || now))
    }

    fn told_by(mut self, clock: Clock) -> Self {
        (self.acknowledge.clock, self.start.clock, self.viewer.clock) = (clock.clone(), clock.clone(), clock);
        self
    }

    /// The same where credentials may be elsewhere.
    #[must_use]
    pub fn with_credentials(mut self, credentials: CredentialPolicy) -> Self {
        self.start.starter.rules.credentials = credentials;
        self
    }

    /// The same where one user may start only so much within a minute.
    #[must_use]
    pub fn with_starts_per_minute(mut self, starts: u32) -> Self {
        self.start.starts_per_minute = starts;
        self
    }

    /// What the function that the gateway picks for the call answers.
    ///
    /// # Panics
    /// When the contract does not describe the answer.
    pub async fn send(&self, call: Call<'_>) -> Answer {
        self.send_event(call.request()).await
    }

    /// The same for an event as Lambda hands it over.
    ///
    /// # Panics
    /// When the contract does not describe the answer.
    pub async fn send_event(&self, event: Request) -> Answer {
        let (method, path) = (event.method().to_string(), event.raw_http_path().to_owned());
        let call = Call::new(&method, &path);
        if method == "POST" && path.ends_with("/verifications") {
            Answer::of(&call, start::handle(&self.start, event)).await
        } else if method == "POST" && path.ends_with("/acknowledgement") {
            Answer::of(&call, acknowledge::handle(&self.acknowledge, event)).await
        } else {
            Answer::of(&call, viewer::handle(&self.viewer, event)).await
        }
    }

    /// What the function `start` answers, whatever the call is.
    ///
    /// # Panics
    /// When the contract does not describe the answer.
    pub async fn send_to_start(&self, call: Call<'_>) -> Answer {
        Answer::of(&call, start::handle(&self.start, call.request())).await
    }

    /// A start without a body.
    pub async fn start(&self, user: &str, path: &str) -> Answer {
        self.send(Call::new("POST", path).by(user)).await
    }

    /// What is stored at a path.
    pub async fn get(&self, user: &str, path: &str) -> Answer {
        self.send(Call::new("GET", path).by(user)).await
    }
}
