//! The header `Idempotency-Key`.

use domain::idempotency::IdempotencyKey;
use lambda_http::Request;
use lambda_http::http::HeaderName;

use crate::problem::Problem;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The request's key, if it carries one.
///
/// # Errors
/// [`Problem::InvalidInput`] when it is none.
pub fn key(request: &Request) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let invalid = |reason: String| Problem::InvalidInput { field: "Idempotency-Key".to_owned(), reason };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|error| invalid(error.to_string()))?;
    text.parse().map(Some).map_err(|error: domain::idempotency::InvalidIdempotencyKey| invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_key_is_read_or_the_header_is_named() {
        let read = |value| key(&testing::with_header("idempotency-key", value));
        assert!(read("8e03978e-40d5-43dd-bc93-6894a57f9324").is_ok_and(|key| key.is_some()));
        assert_eq!(key(&testing::with_header("x-other", "1")), Ok(None));
        for value in ["", "a b", &"x".repeat(256)] {
            let problem = read(value).expect_err("no key");
            assert_eq!(problem.status(), 422);
            assert!(problem.detail().starts_with("Idempotency-Key: a key has"), "{}", problem.detail());
        }
    }
}
