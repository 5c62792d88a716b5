//! Who calls. The gateway's authorizer has checked the token; its claims in the request context are the only thing that is
//! believed. No header is read.

use domain::fingerprint::sha256_hex;
use domain::id::UserId;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use runtime::{Environment, SettingError};

use crate::admission::{Admission, Claims};
use crate::problem::Problem;

/// Who may call, and where the token says who it is.
#[derive(Debug, Clone)]
pub struct Callers {
    /// Whose tokens the API is for.
    pub admission: Admission,
    /// The claim that identifies the user in memberships and entitlements.
    pub user_id_claim: String,
}

impl Callers {
    /// As the environment says.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing.
    pub fn of(environment: &Environment) -> Result<Self, SettingError> {
        let admission =
            Admission { scope: environment.text("JWT_SCOPE")?, machine_role: environment.optional("MACHINE_ROLE") };
        Ok(Self { admission, user_id_claim: environment.text("USER_ID_CLAIM")? })
    }

    /// The user that calls.
    ///
    /// # Errors
    /// [`Problem::Unauthenticated`] when the gateway checked no token, or its claim is no user id; [`Problem::InsufficientScope`] when the
    /// token is not for this API.
    pub fn user(&self, request: &Request) -> Result<UserId, Problem> {
        let user = user_id(request, &self.user_id_claim)?;
        let is_admitted = claims(request).is_some_and(|claims| self.admission.admits(claims));
        if is_admitted { Ok(user) } else { Err(Problem::InsufficientScope) }
    }
}

fn claims(request: &Request) -> Option<&Claims> {
    let authorizer = request.request_context_ref().and_then(RequestContext::authorizer)?;
    authorizer.jwt.as_ref().map(|jwt| &jwt.claims)
}

/// The user that the token's claim of this name stands for.
fn user_id(request: &Request, claim: &str) -> Result<UserId, Problem> {
    let text = claims(request).and_then(|claims| claims.get(claim)).ok_or(Problem::Unauthenticated)?;
    UserId::try_from(text.clone()).map_err(|_| Problem::Unauthenticated)
}

/// Tells requests of one caller from those of others in the log, without naming anybody: the first 12 hexadecimal digits of the SHA-256 of
/// the user id. Empty when nobody is known to call.
#[must_use]
pub fn pseudonym(request: &Request, claim: &str) -> String {
    let Ok(user) = user_id(request, claim) else { return String::new() };
    let mut digits = sha256_hex(user.as_str().as_bytes());
    digits.truncate(12);
    digits
}

/// The text of the token's claim of this name.
#[must_use]
pub fn claim<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    claims(request).and_then(|claims| claims.get(name)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing;

    #[test]
    fn only_the_claims_that_the_authorizer_checked_name_the_caller() {
        let request = testing::request("GET", "/runs/1", json!({ "authorizer": testing::authorizer("ada") }));
        assert_eq!(user_id(&request, "sub").map(|user| user.as_str().to_owned()), Ok("ada".to_owned()));
        assert_eq!(claim(&request, "name"), Some("Ada"));
        assert_eq!(user_id(&request, "oid"), Err(Problem::Unauthenticated));
    }

    #[test]
    fn a_token_that_names_a_user_and_is_not_for_this_api_calls_nothing() {
        let callers = |scope: &str| Callers {
            admission: Admission { scope: scope.to_owned(), machine_role: None },
            user_id_claim: "sub".to_owned(),
        };
        let request = testing::request("GET", "/runs/1", json!({ "authorizer": testing::authorizer("ada") }));
        assert_eq!(callers("api").user(&request).map(|user| user.as_str().to_owned()), Ok("ada".to_owned()));
        assert_eq!(callers("another").user(&request), Err(Problem::InsufficientScope));
        let anonymous = testing::request("GET", "/runs/1", json!({}));
        assert_eq!(callers("api").user(&anonymous), Err(Problem::Unauthenticated));
    }

    #[test]
    fn a_caller_has_a_pseudonym_that_anybody_who_knows_the_user_can_compute() {
        let request = testing::request("GET", "/runs/1", json!({ "authorizer": testing::authorizer("ada") }));
        // printf ada | sha256sum
        assert_eq!(pseudonym(&request, "sub"), "fdee430d40bd");
        assert_eq!(pseudonym(&request, "oid"), "");
    }

    #[test]
    fn without_usable_claims_nobody_calls() {
        let unusable = [
            json!({}),
            json!({ "authorizer": {} }),
            json!({ "authorizer": { "jwt": { "claims": {} } } }),
            json!({ "authorizer": { "lambda": { "sub": "ada" } } }),
            json!({ "authorizer": testing::authorizer("") }),
            json!({ "authorizer": testing::authorizer("a\nb") }),
        ];
        for extra in unusable {
            let request = testing::request("GET", "/runs/1", extra.clone());
            assert_eq!(user_id(&request, "sub"), Err(Problem::Unauthenticated), "{extra}");
        }
    }
}
