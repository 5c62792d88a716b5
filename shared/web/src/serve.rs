//! From Lambda's event to a request. The HTTP library takes an event for what a well-behaved client sends, and panics on the rest: a quote
//! in the query, a host that is none. Anybody can send that, so it is put in order or refused here, and alarms nobody.

use std::convert::Infallible;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::Response;
use lambda_http::http::header::{HOST, HeaderName};
use lambda_http::http::uri::PathAndQuery;
use lambda_http::lambda_runtime;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Body, Error, LambdaEvent, Request, Service, service_fn};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// What the URL standard encodes in a query (WHATWG, "query percent-encode set").
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// An event that no HTTP API sends.
const NOT_HTTP: &str = "the event is none of an HTTP API in payload format 2.0: see the function's integration";

/// What Lambda is answered with.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer<R> {
    /// By the function.
    Of(R),
    /// The request cannot be read: what the gateway itself says to such.
    Refused(Value),
}

/// Answers every request that Lambda has for the function, until Lambda ends the process.
///
/// # Errors
/// When Lambda's runtime interface does not answer.
pub async fn serve<S>(service: S) -> Result<(), Error>
where
    S: Service<Request, Response = Response<Body>, Error = Infallible>,
    S::Future: Send,
{
    let mut adapter = Adapter::from(service);
    let answer = move |LambdaEvent { payload, context }: LambdaEvent<Box<RawValue>>| {
        let answered = match readable(payload.get()) {
            Some(request) => Ok(adapter.call(LambdaEvent { payload: request, context })),
            None => Err(is_request(payload.get()).then_some(context.request_id)),
        };
        async move {
            match answered {
                Ok(answered) => Ok(Answer::Of(answered.await?)),
                Err(Some(request_id)) => {
                    tracing::info!(request_id, "a request that cannot be read was refused");
                    Ok(Answer::Refused(bad_request()))
                }
                Err(None) => Err(Error::from(NOT_HTTP)),
            }
        }
    };
    lambda_runtime::run(service_fn(answer)).await
}

fn bad_request() -> Value {
    let body = json!({ "message": "Bad Request" }).to_string();
    json!({ "statusCode": 400, "headers": { "content-type": "application/json" }, "body": body, "isBase64Encoded": false })
}

/// Whether the event is what an HTTP API sends, so that only its sender can be wrong. Anything else is a mistake of the deployment, which
/// must alarm somebody.
fn is_request(event: &str) -> bool {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    event["version"] == "2.0" && event["requestContext"]["http"].is_object()
}

/// The request of an event, if the library can make one of it.
fn readable(event: &str) -> Option<LambdaRequest> {
    let mut request: ApiGatewayV2httpRequest = serde_json::from_str(event).ok()?;
    // An address is made of these, which nobody here reads: paths and links have none.
    request.headers.remove(HOST);
    request.headers.remove(X_FORWARDED_PROTO);
    request.request_context.domain_name = None;
    let path = request.raw_path.as_deref().filter(|path| path.starts_with('/'))?;
    let query = utf8_percent_encode(request.raw_query_string.as_deref().unwrap_or_default(), QUERY).to_string();
    // The library encodes what is odd in the path, so only its length counts.
    let is_one = path.len() < usize::from(u16::MAX) / 4 && format!("/?{query}").parse::<PathAndQuery>().is_ok();
    request.raw_query_string = Some(query);
    is_one.then_some(LambdaRequest::ApiGatewayV2(request))
}

#[cfg(test)]
mod tests {
    use lambda_http::RequestExt;

    use super::*;
    use crate::testing;

    fn event(change: impl FnOnce(&mut Value)) -> String {
        let mut event = testing::event("GET", "/runs/1", "", json!({}), &json!({}), None);
        change(&mut event);
        event.to_string()
    }

    /// The query as the function reads it.
    fn query(event: &str) -> Option<String> {
        let request = Request::from(readable(event)?);
        assert_eq!(request.raw_http_path(), "/runs/1");
        Some(request.uri().query().unwrap_or_default().to_owned())
    }

    #[test]
    fn what_is_odd_in_a_query_is_encoded_as_the_url_standard_does() {
        for (odd, even) in [
            ("", ""),
            ("status=queued&page_size=2", "status=queued&page_size=2"),
            ("a=<script>\"", "a=%3Cscript%3E%22"),
            ("a=%zz%", "a=%zz%"),
            ("ä=\u{0}\u{7f} #x", "%C3%A4=%00%7F%20%23x"),
            ("\\^`{|}[]", "\\^`{|}[]"),
        ] {
            assert_eq!(query(&event(|event| event["rawQueryString"] = json!(odd))).as_deref(), Some(even), "{odd:?}");
        }
    }

    #[test]
    fn odd_addresses_are_not_looked_at() {
        for (name, value) in [
            ("host", "a b"),
            ("host", "[::1"),
            ("host", ""),
            ("x-forwarded-proto", "://"),
            ("x-forwarded-proto", "javascript"),
            ("x-forwarded-host", "<>"),
        ] {
            assert!(query(&event(|event| event["headers"][name] = json!(value))).is_some(), "{name}: {value}");
        }
        let odd = event(|event| event["requestContext"]["domainName"] = json!("not a host"));
        assert!(query(&odd).is_some());
    }

    #[test]
    fn what_is_no_request_is_refused_and_nothing_panics() {
        for odd in [
            String::new(),
            "7".to_owned(),
            event(|event| event["headers"]["x"] = json!("a\nb")),
            event(|event| event["headers"]["a b"] = json!("c")),
            event(|event| event["rawPath"] = json!("runs/1")),
            event(|event| event["rawPath"] = json!(format!("/{}", "x".repeat(20_000)))),
            event(|event| event["rawQueryString"] = json!("x".repeat(70_000))),
            event(|event| event["requestContext"]["http"]["method"] = json!("G T")),
        ] {
            assert!(readable(&odd).is_none(), "{}", &odd[..odd.len().min(200)]);
            // A sender can be wrong within an event of an HTTP API; an event of something else is the deployment's mistake.
            assert_eq!(is_request(&odd), odd.len() > 1, "{}", &odd[..odd.len().min(200)]);
        }
        assert!(!is_request(&event(|event| event["version"] = json!("1.0"))));
        for path in ["/", "//", "/\\", "/..", "/%", "/%zz", "/ä", "/\u{0}", "/?x", "/#x", "/<>\"", "/:80"] {
            let request = readable(&event(|event| event["rawPath"] = json!(path))).expect(path);
            assert_eq!(Request::from(request).raw_http_path(), path);
        }
    }
}
