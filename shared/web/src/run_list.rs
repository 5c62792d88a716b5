//! What a list of runs is asked for, and where its next page begins. A page token holds a position and the digest of the list that
//! it belongs to, nothing else: where the list is read from comes from the path alone, and its rights are checked on every page.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{RunId, UserId};
use domain::run_list::RunFilter;
use lambda_http::{Request, RequestExt};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// The most runs of a page.
const MOST: u64 = 100;

/// The runs of a page when nobody says how many.
const DEFAULT: u64 = 50;

/// The parameters that a list knows.
const PARAMETERS: [&str; 6] = ["created_after", "created_before", "status", "outcome", "page_size", "page_token"];

/// What a caller wants to see of a list of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunListQuery {
    /// Which runs.
    pub filter: RunFilter,
    /// The most runs of a page, from 1 to 100.
    pub page_size: usize,
    /// Behind which run the page begins; the first one without it.
    pub after: Option<RunId>,
    /// What the list's tokens are bound to.
    digest: [u8; 32],
}

impl RunListQuery {
    /// Reads the query of a list's path for its caller.
    ///
    /// # Errors
    /// [`Problem::InvalidInput`] naming the parameter that is unknown, stands twice or has no such value.
    pub fn parse(request: &Request, user: &UserId) -> Result<Self, Problem> {
        let mut parameters = parameters(request)?;
        let filter = RunFilter {
            created_after: parsed(&mut parameters, "created_after")?,
            created_before: parsed(&mut parameters, "created_before")?,
            status: parsed(&mut parameters, "status")?,
            outcome: parsed(&mut parameters, "outcome")?,
        };
        let page_size = match parameters.remove("page_size") {
            Some(text) => coerced(&text).ok_or_else(|| invalid("page_size", "a page size is an integer"))?,
            None => DEFAULT,
        };
        let list = json!([
            request.raw_http_path(),
            user,
            filter.created_after,
            filter.created_before,
            filter.status,
            filter.outcome
        ]);
        let digest: [u8; 32] = Sha256::digest(list.to_string()).into();
        let after =
            match parameters.remove("page_token") {
                Some(token) => Some(position(&token, &digest).ok_or_else(|| {
                    invalid("page_token", "the token is not one of this list; start again without it")
                })?),
                None => None,
            };
        let page_size = usize::try_from(page_size).unwrap_or(usize::MAX);
        Ok(Self { filter, page_size, after, digest })
    }

    /// The token of the page behind this run.
    #[must_use]
    pub fn token(&self, last: RunId) -> String {
        URL_SAFE_NO_PAD.encode([&last.get().to_be_bytes()[..], &self.digest].concat())
    }
}

/// The position that a token holds, if it is one of this list.
fn position(token: &str, digest: &[u8; 32]) -> Option<RunId> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, bound) = bytes.split_first_chunk::<8>()?;
    (bound == digest).then(|| RunId::try_from(u64::from_be_bytes(*id)).ok()).flatten()
}

fn parameters(request: &Request) -> Result<BTreeMap<String, String>, Problem> {
    let mut found = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        let Some(known) = PARAMETERS.iter().find(|known| **known == name) else {
            let reason = format!("a list has the parameters {}", PARAMETERS.join(", "));
            return Err(Problem::InvalidInput { field: crate::input::cut(&name), reason });
        };
        if found.insert((*known).to_owned(), value.into_owned()).is_some() {
            return Err(invalid(known, "it stands more than once"));
        }
    }
    Ok(found)
}

fn parsed<T: FromStr<Err: Display>>(
    parameters: &mut BTreeMap<String, String>,
    name: &str,
) -> Result<Option<T>, Problem> {
    let value = parameters.remove(name).map(|text| text.parse::<T>());
    value.transpose().map_err(|error| invalid(name, &error.to_string()))
}

/// A page size from whatever integer is asked for.
fn coerced(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // What does not fit into 64 bits is larger than any page.
    let wanted = if digits.len() == text.len() { digits.parse().unwrap_or(u64::MAX) } else { 0 };
    Some(wanted.clamp(1, MOST))
}

fn invalid(field: &str, reason: &str) -> Problem {
    Problem::InvalidInput { field: field.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn user(name: &str) -> UserId {
        UserId::try_from(name.to_owned()).expect("a user id")
    }

    fn read(path: &str, query: &str, who: &str) -> Result<RunListQuery, Problem> {
        RunListQuery::parse(&testing::with_query(path, query), &user(who))
    }

    const PATH: &str = "/workspaces/1/runs";

    #[test]
    fn a_page_has_from_1_to_100_runs_whatever_integer_is_asked_for() {
        let size = |text: &str| read(PATH, &format!("page_size={text}"), "ada").map(|query| query.page_size);
        assert_eq!(read(PATH, "", "ada").map(|query| query.page_size), Ok(50));
        for (text, expected) in
            [("1", 1), ("100", 100), ("0", 1), ("-7", 1), ("101", 100), ("007", 7), ("99999999999999999999999", 100)]
        {
            assert_eq!(size(text), Ok(expected), "{text}");
        }
        for text in ["", "x", "1.0", "1e2", "--1", "%2B1", "+1", "1,2"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn each_wrong_parameter_is_named() {
        let mut table = String::new();
        for query in [
            "created_after=yesterday",
            "created_before=2026-01-31T08:30:00+02:00",
            "status=done",
            "outcome=cancelled",
            "page_size=all",
            "page_token=x",
            "status=queued&status=running",
            "Status=queued",
            "tenant_id=9",
        ] {
            let problem = read(PATH, query, "ada").expect_err(query);
            table += &format!("{query}: {} {}\n", problem.status(), problem.detail());
        }
        insta::assert_snapshot!("wrong_parameters", table);
    }

    #[test]
    fn a_token_is_good_for_its_list_and_its_caller_alone() {
        let query = "status=completed&created_after=2026-01-31T08:30:00Z";
        let last = "42".parse().expect("an id");
        let token = read(PATH, query, "ada").expect("a list").token(last);
        let with = |path: &str, query: &str, token: &str, who: &str| {
            read(path, &format!("{query}&page_token={token}"), who).map(|query| query.after)
        };
        assert_eq!(with(PATH, query, &token, "ada"), Ok(Some(last)));
        // A page may have another size, and the same time may be written in another way.
        assert_eq!(with(PATH, &format!("{query}&page_size=3"), &token, "ada"), Ok(Some(last)));
        let rewritten = "created_after=2026-01-31T09:30:00%2B01:00&status=completed";
        assert_eq!(with(PATH, rewritten, &token, "ada"), Ok(Some(last)));

        let longer = format!("{token}AA");
        let another = read(PATH, query, "ada").expect("a list").token("43".parse().expect("an id"));
        let spliced = format!("{}{}", &another[..6], &token[6..]);
        for (path, query, token, who) in [
            (PATH, query, token.as_str(), "grace"),
            ("/workspaces/2/runs", query, token.as_str(), "ada"),
            ("/workspaces/1/tenants/1/runs", query, token.as_str(), "ada"),
            (PATH, "status=completed", token.as_str(), "ada"),
            (PATH, "", token.as_str(), "ada"),
            (PATH, query, &token[1..], "ada"),
            (PATH, query, longer.as_str(), "ada"),
            (PATH, query, "", "ada"),
            (PATH, query, "%00", "ada"),
        ] {
            assert!(with(path, query, token, who).is_err(), "{path} {query} {token} {who}");
        }
        // A position alone is no secret, and reveals nothing: rights are checked on every page.
        assert!(with(PATH, query, &spliced, "ada").is_ok_and(|after| after.is_some()));
    }
}
