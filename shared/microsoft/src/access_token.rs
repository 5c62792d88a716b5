//! The access token: a secret that is handed back to Graph, and, if Entra lets it be read, a hint at who it is for and
//! what it may do. Microsoft asks clients not to rely on its format, so reading it is optional: whatever is odd makes
//! it unreadable.

use std::collections::BTreeSet;

use domain::facts::TokenClaims;
use domain::id::ObjectId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::jwt;

/// What stands in `wids` of every app's token. It is none of the directory roles.
const NO_DIRECTORY_ROLE: &str = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";

/// An app-only access token for Graph.
#[derive(Debug)]
pub(crate) struct AccessToken(SecretString);

#[derive(Deserialize)]
struct Claims {
    tid: Option<String>,
    roles: Option<Vec<String>>,
    #[serde(default)]
    wids: Value,
}

impl AccessToken {
    /// A token that can stand in a header: visible ASCII characters, at least one.
    pub(crate) fn parse(token: String) -> Option<Self> {
        let token = SecretString::from(token);
        let text = token.expose_secret();
        let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        visible.then_some(Self(token))
    }

    /// The token for the authorization header.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What the token says, if it is a signed JWT whose claims have the documented types. Its signature is not ours to
    /// check: it came from Entra over TLS, and Graph checks it.
    pub(crate) fn claims(&self) -> Option<TokenClaims> {
        let claims: Claims = jwt::claims(self.expose())?;
        let roles: BTreeSet<String> = claims.roles.unwrap_or_default().into_iter().collect();
        // Nothing depends on these: what is odd of them is left out.
        let wids = claims.wids.as_array().into_iter().flatten();
        let directory_roles = wids.filter_map(|wid| wid.as_str()?.parse().ok());
        let directory_roles = directory_roles.filter(|role: &ObjectId| role.as_str() != NO_DIRECTORY_ROLE).collect();
        Some(TokenClaims { tenant_id: claims.tid.and_then(|tid| tid.parse().ok()), roles, directory_roles })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::jwt::MOST_CLAIM_BYTES;

    fn claims(json: &str) -> Option<TokenClaims> {
        let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(json));
        AccessToken::parse(token).expect("visible").claims()
    }

    #[test]
    fn a_readable_token_names_its_tenant_and_roles() {
        let read =
            claims(r#"{"tid":"AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee","roles":["B","A"],"oid":7}"#).expect("readable");
        assert_eq!(read.tenant_id.expect("a GUID").as_str(), "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
        assert_eq!(Vec::from_iter(read.roles), ["A", "B"]);
    }

    #[test]
    fn a_readable_token_without_roles_grants_nothing() {
        let read = claims(r#"{"tid":"contoso.com"}"#).expect("readable");
        assert_eq!(read, TokenClaims { tenant_id: None, roles: BTreeSet::new(), directory_roles: BTreeSet::new() });
    }

    #[test]
    fn directory_roles_are_ids_and_what_is_odd_of_them_is_left_out() {
        let roles = |wids: &str| {
            let read = claims(&format!(r#"{{"roles":["A"],"wids":{wids}}}"#)).expect("readable");
            read.directory_roles.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let administrator = "62e90394-69f5-4237-9190-012177145e10";
        assert_eq!(roles(&format!(r#"["{administrator}","x",7,"{NO_DIRECTORY_ROLE}"]"#)), [administrator]);
        assert!(roles("7").is_empty() && roles("null").is_empty());
    }

    #[test]
    fn an_odd_token_is_unreadable_and_never_an_empty_grant() {
        assert_eq!(claims(r#"{"roles":"A"}"#), None);
        assert_eq!(claims(r#"{"roles":[1]}"#), None);
        assert_eq!(claims("[]"), None);
        assert_eq!(claims(&"[".repeat(20_000)), None);
        assert_eq!(claims(&format!(r#"{{"roles":["{}"]}}"#, "x".repeat(MOST_CLAIM_BYTES))), None);
        for token in ["opaque", "a.b", "a.!!.c", "a.b.c.d.e", "..", "EwBwA8l6BAAU"] {
            assert_eq!(AccessToken::parse(token.to_owned()).expect("visible").claims(), None, "{token}");
        }
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_none_and_none_is_ever_shown() {
        for text in ["", "a b", "a\r\nx-evil: 1", "\u{7f}", "é"] {
            assert!(AccessToken::parse(text.to_owned()).is_none(), "{text:?}");
        }
        let token = AccessToken::parse("very-secret".to_owned()).expect("visible");
        assert!(!format!("{token:?}").contains("very-secret"));
    }
}
