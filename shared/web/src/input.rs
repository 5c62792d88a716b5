//! Bodies of requests: measured, then parsed, then read into a type. The first thing that is wrong is told, with the path of the
//! field where there is one.

use lambda_http::Request;
use lambda_http::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// The most bytes of a body: the largest one that makes sense is far smaller.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// The most characters that an answer repeats of a body: enough for a person to find the place.
const MAX_REPEATED: usize = 200;

/// Reads a JSON object. An empty body counts as `{}` and needs no content type.
///
/// # Errors
/// The [`Problem`] to answer with: too large, not JSON by its content type, not JSON, or not the fields that `T` has.
pub fn json<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    let body: &[u8] = request.body();
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    let value = if body.is_empty() { Value::Object(Map::new()) } else { parse(request, body)? };
    // A derived reader would take an array's items for the fields in their order.
    if !value.is_object() {
        return Err(Problem::InvalidInput { field: String::new(), reason: "The body is not a JSON object".to_owned() });
    }
    serde_path_to_error::deserialize(whole(value)).map_err(|error| Problem::InvalidInput {
        field: cut(&error.path().to_string()),
        reason: cut(&error.into_inner().to_string()),
    })
}

/// JSON has one kind of number, so 3.0 is the integer 3, as the contract's schemas have it too.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let fraction = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0);
            // Those that are too large for an integer stay what they are, and are refused.
            let integer = fraction.and_then(|float| format!("{float:.0}").parse::<i64>().ok());
            integer.map_or(Value::Number(number), Value::from)
        }
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, whole(member))).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

pub(crate) fn cut(text: &str) -> String {
    text.chars().take(MAX_REPEATED).collect()
}

fn parse(request: &Request, body: &[u8]) -> Result<Value, Problem> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Problem::UnsupportedMediaType);
    }
    serde_json::from_slice(body).map_err(|error| Problem::MalformedJson(error.to_string()))
}

#[cfg(test)]
mod tests {
    use domain::id::ConnectionId;
    use serde::Deserialize;

    use super::*;
    use crate::testing;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Input {
        provider_connection_id: Option<ConnectionId>,
    }

    fn read(content_type: &str, body: &str) -> Result<Option<u64>, Problem> {
        let request = testing::with_body(content_type, body);
        json::<Input>(&request).map(|input| input.provider_connection_id.map(ConnectionId::get))
    }

    #[test]
    fn well_formed_bodies_are_read() {
        assert_eq!(read("", ""), Ok(None));
        assert_eq!(read("application/json", "{}"), Ok(None));
        assert_eq!(read("application/json", r#"{"provider_connection_id":null}"#), Ok(None));
        assert_eq!(read("Application/JSON; charset=utf-8", r#" {"provider_connection_id":7} "#), Ok(Some(7)));
        assert_eq!(read("application/json", r#"{"provider_connection_id":7.0}"#), Ok(Some(7)));
        assert_eq!(read("application/json", r#"{"provider_connection_id":9007199254740991}"#), Ok(Some((1 << 53) - 1)));
    }

    #[test]
    fn each_malformed_body_has_its_own_problem() {
        let large = format!(r#"{{"provider_connection_id":1}}{}"#, " ".repeat(1 << 20));
        let just_too_large = " ".repeat(MAX_BODY_BYTES + 1);
        let cases = [
            ("1 MB", "application/json", large.as_str()),
            ("just too large, of a wrong type", "text/plain", just_too_large.as_str()),
            ("no content type", "", "{}"),
            ("wrong content type", "text/plain", "{}"),
            ("almost the content type", "application/jsonx", "{}"),
            ("white space", "application/json", " "),
            ("not JSON", "application/json", "connection=1"),
            ("two documents", "application/json", "{} {}"),
            ("cut off", "application/json", r#"{"provider_connection_id":"#),
            ("array", "application/json", "[1]"),
            ("null", "application/json", "null"),
            ("unknown field", "application/json", r#"{"connection":1}"#),
            ("text", "application/json", r#"{"provider_connection_id":"1"}"#),
            ("fraction", "application/json", r#"{"provider_connection_id":1.5}"#),
            ("large fraction", "application/json", r#"{"provider_connection_id":1e300}"#),
            ("negative", "application/json", r#"{"provider_connection_id":-1}"#),
            ("0", "application/json", r#"{"provider_connection_id":0}"#),
            ("2^53", "application/json", r#"{"provider_connection_id":9007199254740992}"#),
        ];
        let mut table = String::new();
        for (case, content_type, body) in cases {
            let problem = read(content_type, body).expect_err(case);
            table += &format!("{case}: {} {}\n", problem.status(), problem.detail());
        }
        insta::assert_snapshot!("malformed_bodies", table);
    }
}
