//! `sts:GetWebIdentityToken` in place of AWS, whose emulator returns a dummy: tokens of an issuer of its own for the worker's role,
//! signed with a real key. It speaks the query protocol of the AWS SDKs.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Form;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Timestamp;
use rcgen::{KeyPair, SigningKey as _};
use serde_json::{Value, json};
use uuid::Uuid;

/// The issuer of the account.
pub const ISSUER: &str = "https://5ca1ab1e-0000-4000-8000-a55ce1104a11.tokens.sts.global.api.aws";

/// The id of its one key.
pub(crate) const KEY_ID: &str = "RSA_0";

/// The role that every caller is taken for.
pub const WORKER_ROLE: &str = "arn:aws:iam::000000000000:role/tenantcheck-test-worker";

/// Seconds that a token may live, and how long it does when nobody says.
const LIFETIMES: std::ops::RangeInclusive<u64> = 60..=3600;
const LIFETIME: u64 = 300;

/// AWS puts no more into one token.
const MOST_AUDIENCES: usize = 10;

static KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::from_pem(include_str!("fixtures/sts.key")).expect("an RSA key"));

/// The key that tokens are checked with (RFC 8017, `RSAPublicKey`).
pub(crate) fn public_key() -> &'static [u8] {
    KEY.public_key_raw()
}

/// Why no token is issued: the code of AWS and whose fault it is.
struct Refusal(StatusCode, &'static str, &'static str);

/// `POST /` with `Action=GetWebIdentityToken`.
pub(crate) async fn answer(headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    let (status, body) = match issue(&headers, &form) {
        Ok((token, expires_at)) => (
            StatusCode::OK,
            format!(
                "<GetWebIdentityTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <GetWebIdentityTokenResult><WebIdentityToken>{token}</WebIdentityToken>\
                 <Expiration>{expires_at}</Expiration></GetWebIdentityTokenResult>\
                 <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></GetWebIdentityTokenResponse>",
                Uuid::new_v4()
            ),
        ),
        Err(Refusal(status, code, message)) => (
            status,
            format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>{message}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
                Uuid::new_v4()
            ),
        ),
    };
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

fn issue(headers: &HeaderMap, form: &HashMap<String, String>) -> Result<(String, Timestamp), Refusal> {
    let invalid = |message| Refusal(StatusCode::BAD_REQUEST, "ValidationError", message);
    let field = |name: &str| form.get(name).map(String::as_str);
    let signed = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=") && value.contains("/sts/aws4_request"));
    if !signed {
        let message = "Request is missing Authentication Token";
        return Err(Refusal(StatusCode::FORBIDDEN, "MissingAuthenticationToken", message));
    }
    if (field("Action"), field("Version")) != (Some("GetWebIdentityToken"), Some("2011-06-15")) {
        return Err(Refusal(StatusCode::BAD_REQUEST, "InvalidAction", "Could not find the operation"));
    }
    let audience = |number: usize| field(&format!("Audience.member.{number}"));
    let audiences: Vec<_> = (1..=MOST_AUDIENCES + 1).map_while(audience).collect();
    if !(1..=MOST_AUDIENCES).contains(&audiences.len()) {
        return Err(invalid("Audience must have 1 to 10 members"));
    }
    if field("SigningAlgorithm") != Some("RS256") {
        return Err(invalid("SigningAlgorithm must be RS256 here"));
    }
    let seconds = field("DurationSeconds").map_or(Some(LIFETIME), |text| text.parse().ok());
    let seconds = seconds.filter(|seconds| LIFETIMES.contains(seconds));
    let seconds = seconds.ok_or_else(|| invalid("DurationSeconds must be 60 to 3600"))?;
    let audience = if let [only] = audiences[..] { json!(only) } else { json!(audiences) };
    let expires_at = Timestamp::from(SystemTime::now()) + Duration::from_secs(seconds);
    Ok((token(&json!({ "aud": audience }), seconds), expires_at))
}

/// A token of the account's issuer for the worker's role. What `claims` says stands in it instead; `alive` says how many seconds it
/// is valid from now.
#[must_use]
pub fn token(claims: &Value, alive: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs();
    let mut all = json!({
        "iss": ISSUER,
        "sub": WORKER_ROLE,
        "iat": now,
        "exp": now + alive,
        "jti": Uuid::new_v4().to_string(),
        "https://sts.amazonaws.com/": { "aws_account": "000000000000", "org_id": "o-abcdefghij", "principal_tags": {} },
    });
    let (Some(all_claims), Some(claims)) = (all.as_object_mut(), claims.as_object()) else {
        panic!("claims are a JSON object")
    };
    all_claims.extend(claims.clone());
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let mut jwt = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID })), part(&all));
    // The certificates' library signs with the same key in optimized code, so a debug build need not wait for its own.
    let signature = KEY.sign(jwt.as_bytes()).expect("an RSA key signs any text");
    write!(jwt, ".{}", URL_SAFE_NO_PAD.encode(signature)).expect("a string takes text");
    jwt
}
