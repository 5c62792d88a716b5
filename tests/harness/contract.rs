//! The published contract as a judge. `edge` and `api` hand it every answer that a test sees: one that the contract does not describe
//! fails the test, whatever the test is about.

mod document;

use anyhow::{Context, Result, anyhow, bail, ensure};
use lambda_http::http::HeaderMap;
use serde_json::{Map, Value};

pub use document::{Operation, compile, document, find, is_valid, operations, resolve, validate};

/// Headers that say something about the answer: where the contract does not name one, it is not sent.
const MEANINGFUL: [&str; 6] = ["allow", "cache-control", "etag", "location", "retry-after", "vary"];

/// An answer, with what it is the answer to.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's path, without the query.
    pub path: &'a str,
    /// The status.
    pub status: u16,
    /// The answer's headers.
    pub headers: &'a HeaderMap,
    /// The answer's body.
    pub body: &'a [u8],
}

impl Answered<'_> {
    /// Holds the answer against the contract.
    ///
    /// # Errors
    /// What the contract does not say of it.
    pub fn check(&self) -> Result<()> {
        self.violation().map_err(|error| {
            let body = String::from_utf8_lossy(self.body);
            anyhow!(
                "the contract says otherwise of {} {}, {}: {error:#}\n{body:.2000}",
                self.method,
                self.path,
                self.status
            )
        })
    }

    fn violation(&self) -> Result<()> {
        let responses = &document()["components"]["responses"];
        let response = match find(self.method, self.path) {
            Some(Operation { responses, .. }) => {
                let response = responses.get(&self.status.to_string()).context("the status is not documented")?;
                resolve(response)
            }
            // What belongs to no operation: the path is known with another method, or not at all.
            None if operations().any(|operation| operation.covers(self.path)) => {
                ensure!(self.status == 405, "another method is answered with 405");
                &responses["MethodNotAllowed"]
            }
            None => {
                ensure!(self.status == 404, "an unknown path is answered with 404");
                &responses[if self.is_read() { "NotFoundToRead" } else { "NotFound" }]
            }
        };
        self.check_headers(response["headers"].as_object())?;
        self.check_body(response["content"].as_object())
    }

    fn check_headers(&self, documented: Option<&'static Map<String, Value>>) -> Result<()> {
        for (name, header) in documented.into_iter().flatten() {
            let header = resolve(header);
            let Some(value) = self.headers.get(name.as_str()) else {
                ensure!(header["required"] != true, "the header {name} is missing");
                continue;
            };
            let text = value.to_str().with_context(|| format!("the header {name} is not ASCII"))?;
            let is_integer = header["schema"]["type"] == "integer";
            let value = if is_integer { text.parse::<i64>().map(Value::from)? } else { Value::from(text) };
            validate(&header["schema"], &value).with_context(|| format!("the header {name}"))?;
        }
        if self.is_of_function() {
            let read: &[&str] = if self.is_read() { &["cache-control", "vary"] } else { &[] };
            for name in read.iter().chain(&["x-request-id"]) {
                ensure!(self.headers.contains_key(*name), "the header {name} is missing");
            }
            for name in MEANINGFUL.into_iter().filter(|name| self.headers.contains_key(*name)) {
                let known = documented.is_some_and(|all| all.keys().any(|header| header.eq_ignore_ascii_case(name)));
                ensure!(known, "the header {name} is not documented");
            }
        }
        Ok(())
    }

    fn is_read(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }

    /// Whether one of our functions answered, and not the gateway itself.
    fn is_of_function(&self) -> bool {
        self.status < 400 || self.content_type() == "application/problem+json"
    }

    fn content_type(&self) -> &str {
        self.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn check_body(&self, documented: Option<&Map<String, Value>>) -> Result<()> {
        if self.method == "HEAD" {
            ensure!(self.body.is_empty(), "a HEAD is answered with a body");
            return Ok(());
        }
        let Some(documented) = documented else {
            ensure!(self.body.is_empty(), "a body is not documented");
            return Ok(());
        };
        let content_type = self.content_type();
        let Some(content) = documented.get(content_type) else {
            bail!("the content type {content_type:?} is not documented");
        };
        let body: Value = serde_json::from_slice(self.body).context("the body is not JSON")?;
        validate(&content["schema"], &body).context("the body")
    }
}
