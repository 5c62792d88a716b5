//! Answers in place of the right one.

use std::convert::Infallible;
use std::future::pending;
use std::io::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use serde_json::json;

use super::refusal::{EntraRefusal, graph_error};
use super::tenant::{Tenant, Witness};

/// What a throttled answer asks to wait. Longer than the check's budget of a test, short enough to wait for.
pub const RETRY_AFTER_SECONDS: u64 = 5;

/// What the one throttled answer of a tenant that recovers asks to wait.
const RETRY_AFTER_ONCE_SECONDS: u64 = 1;

/// How late a late answer comes: what a far data centre takes.
const LATE: Duration = Duration::from_millis(200);

/// Nesting far beyond what a parser that recurses could survive.
const DEPTH: usize = 500_000;

/// 800 pieces of 64 KiB are 50 MB.
const HUGE_PIECES: usize = 800;
static HUGE_PIECE: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// Something other than the right answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trick {
    /// Entra refuses.
    Refuse(EntraRefusal),
    /// Entra refuses the first request to the tenant.
    RefuseOnce(EntraRefusal),
    /// 403 of Graph.
    Forbid,
    /// 403 of Graph until the token has roles.
    ForbidWithoutRoles,
    /// 401 of Graph: the identity is unknown in the tenant.
    IdentityNotFound,
    /// 429 with `Retry-After`.
    Throttle,
    /// 429 without it.
    ThrottleSilently,
    /// 429 for the first request to the tenant, then the right answer.
    ThrottleOnce,
    /// 503.
    Down,
    /// 200 with HTML.
    WebPage,
    /// No answer at all.
    Silence,
    /// 302 to a link-local address, where clouds keep their credentials.
    Redirect,
    /// 200 with a body without end, in pieces of unknown total length.
    Huge,
    /// 200 with JSON nested far too deep.
    Deep,
    /// 200 with a body that comes a byte a second, without end.
    Drip,
    /// 200 with compressed spaces, which nobody asked for: they would become 128 MB.
    GzipBomb,
    /// 200 with JSON that is not UTF-8.
    InvalidUtf8,
    /// The right answer, but late.
    Late,
    /// 403 whose known cause stands in a nested error, beside codes that nobody knows.
    NestedError,
}

impl Trick {
    /// The answer, or none when the right one is due after all.
    pub(crate) async fn answer(self, tenant: &Tenant) -> Option<Response> {
        let throttled = || graph_error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Too many requests.");
        let answer = match self {
            Trick::Refuse(refusal) => refusal.into_response(),
            Trick::RefuseOnce(refusal) if tenant.is_first_trick() => refusal.into_response(),
            Trick::ForbidWithoutRoles if !tenant.granted(Witness::Token).is_empty() => return None,
            Trick::Forbid | Trick::ForbidWithoutRoles => {
                let message = "Insufficient privileges to complete the operation.";
                graph_error(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
            }
            Trick::IdentityNotFound => {
                let message = "The identity of the calling application could not be established.";
                graph_error(StatusCode::UNAUTHORIZED, "Authorization_IdentityNotFound", message)
            }
            Trick::Throttle => (retry_after(RETRY_AFTER_SECONDS), throttled()).into_response(),
            Trick::ThrottleSilently => throttled(),
            Trick::ThrottleOnce if tenant.is_first_trick() => {
                (retry_after(RETRY_AFTER_ONCE_SECONDS), throttled()).into_response()
            }
            Trick::RefuseOnce(_) | Trick::ThrottleOnce => return None,
            Trick::Down => (StatusCode::SERVICE_UNAVAILABLE, Html("<h2>Our services aren't available right now</h2>"))
                .into_response(),
            Trick::WebPage => {
                Html("<!DOCTYPE html><html><title>Sign in to your account</title></html>").into_response()
            }
            Trick::Silence => pending().await,
            Trick::Redirect => {
                let target = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
                (StatusCode::FOUND, [(header::LOCATION, target)]).into_response()
            }
            Trick::Huge => {
                let pieces =
                    std::iter::once(&b"{\"value\":["[..]).chain(std::iter::repeat_n(&HUGE_PIECE[..], HUGE_PIECES));
                let body = Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)));
                ([(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
            Trick::Deep => {
                let nested = format!("{{\"value\":{}{}}}", "[".repeat(DEPTH), "]".repeat(DEPTH));
                ([(header::CONTENT_TYPE, "application/json")], nested).into_response()
            }
            Trick::Late => {
                tokio::time::sleep(LATE).await;
                return None;
            }
            Trick::Drip => {
                let drops = stream::unfold((), |()| async {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    Some((Ok::<_, Infallible>(&b" "[..]), ()))
                });
                ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(drops)).into_response()
            }
            Trick::GzipBomb => {
                let headers = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "gzip")];
                (headers, &GZIP_BOMB[..]).into_response()
            }
            Trick::InvalidUtf8 => {
                let headers = [(header::CONTENT_TYPE, "application/json")];
                (headers, &b"{\"value\":[{\"id\":\"\xff\xfe\"}]}"[..]).into_response()
            }
            Trick::NestedError => {
                let known = json!({ "code": "Authorization_RequestDenied", "innererror": { "code": "BrandNewer" } });
                let error = json!({ "code": "BrandNew", "message": "Denied.", "innererror": known });
                (StatusCode::FORBIDDEN, Json(json!({ "error": error }))).into_response()
            }
        };
        Some(answer)
    }
}

/// 128 MB of spaces, a thousandth of their size.
static GZIP_BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..2048 {
        encoder.write_all(&HUGE_PIECE).expect("a Vec takes every write");
    }
    encoder.finish().expect("a Vec takes every write")
});

fn retry_after(seconds: u64) -> [(header::HeaderName, String); 1] {
    [(header::RETRY_AFTER, seconds.to_string())]
}
