//! Idempotency keys: a caller who repeats a start with the same key is given the same run again, whatever became of the
//! connection meanwhile.

use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use crate::fingerprint::sha256_hex;
use crate::id::{RunId, UserId};

/// How long a key is remembered.
pub const KEPT: Duration = Duration::from_hours(24);

/// The most characters of a key.
const MAX_KEY: usize = 255;

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to {MAX_KEY} visible ASCII characters")]
pub struct InvalidIdempotencyKey;

/// What the header `Idempotency-Key` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        if !(1..=MAX_KEY).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidIdempotencyKey);
        }
        Ok(Self(text.to_owned()))
    }
}

impl IdempotencyKey {
    /// The caller's own name for the request: SHA-256 of the compact JSON array `[user, key]`, so that no two callers share one.
    #[must_use]
    pub fn of_caller(&self, user: &UserId) -> String {
        sha256_hex(&serde_json::to_vec(&(user, &self.0)).expect("texts have a JSON form"))
    }
}

/// What a request asks for: SHA-256 of the compact JSON array `[method, path, body]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHash(String);

impl RequestHash {
    /// Of a request whose body is read already: how it was written does not matter.
    #[must_use]
    pub fn of(method: &str, path: &str, body: &impl Serialize) -> Self {
        Self(sha256_hex(&serde_json::to_vec(&(method, path, body)).expect("bodies have texts as keys")))
    }

    /// As it was stored.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is remembered of a start with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// What was asked for.
    pub request: RequestHash,
    /// The run that it was answered with.
    pub run_id: RunId,
    /// What the answer said of it.
    pub start_result: StartResult,
}

crate::names::names! {
    /// What came of a start that has a run.
    StartResult: "a start result" {
        /// A new run waits for a worker.
        Accepted = "accepted",
        /// A run of the same identity was active already.
        Deduplicated = "deduplicated",
        /// A prerequisite is missing.
        Blocked = "blocked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_visible() {
        for text in ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", "~!", &"x".repeat(255)] {
            assert!(text.parse::<IdempotencyKey>().is_ok(), "{text}");
        }
        for text in ["", " ", "a b", "a\t", "ä", &"x".repeat(256)] {
            assert_eq!(text.parse::<IdempotencyKey>(), Err(InvalidIdempotencyKey), "{text:?}");
        }
    }

    #[test]
    fn callers_and_requests_are_told_apart() {
        let key: IdempotencyKey = "k".parse().expect("a key");
        let of = |user: &str| key.of_caller(&UserId::try_from(user.to_owned()).expect("a user id"));
        assert_ne!(of("ada"), of("grace"));
        let hash = |method, path, body: Option<u64>| RequestHash::of(method, path, &body);
        let one = hash("POST", "/a", None);
        assert_eq!(one, hash("POST", "/a", None));
        for other in [hash("PUT", "/a", None), hash("POST", "/b", None), hash("POST", "/a", Some(1))] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_request_is_remembered_by_its_sha_256() {
        let hash = RequestHash::of("POST", "/a", &None::<u64>);
        assert!(hash.as_str().len() == 64 && hash.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
