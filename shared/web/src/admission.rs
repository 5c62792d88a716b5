//! Whose tokens the API is for. The gateway has checked issuer, audience and time, and the scope too unless the deployment lets apps in by a
//! role: a token of Entra for an app that signs in as itself carries roles and no scope, and the gateway knows of scopes alone. What the
//! gateway has let through is judged here again, each time, by one rule.

use std::collections::HashMap;

/// The claims of a checked token. The gateway makes a text of each.
pub(crate) type Claims = HashMap<String, String>;

/// Where a token's scopes stand: RFC 9068 says `scope`, Entra and Okta write `scp`.
const SCOPES: [&str; 2] = ["scope", "scp"];

/// What a token must say.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The scope of the API.
    pub scope: String,
    /// The role that does instead of the scope for an app of Entra that signs in as itself. None: no role does.
    pub machine_role: Option<String>,
}

impl Admission {
    /// Whether the token is for this API: by its scope, or by the role when it has no scopes at all and nobody but an app signed in.
    pub(crate) fn admits(&self, claims: &Claims) -> bool {
        let mut scopes = SCOPES.iter().filter_map(|name| claims.get(*name)).peekable();
        if scopes.peek().is_some() {
            return scopes.any(|scopes| has(scopes, &self.scope));
        }
        let held = self.machine_role.as_deref().zip(claims.get("roles"));
        held.is_some_and(|(role, roles)| has(roles, role)) && is_of_app(claims)
    }
}

/// Whether a claim has this word. Of a list the gateway makes `[a b]`; no scope and no role of Entra has a space in it.
fn has(claim: &str, word: &str) -> bool {
    let list = claim.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    list.unwrap_or(claim).split(' ').any(|each| each == word)
}

/// Whether Entra issued the token to an app itself and not to an app for a user: a user's roles are not the app's. The app is named in
/// `appid` by version 1.0 and in `azp` by version 2.0; the token is about the app's own principal, so `sub` is `oid`, which for a user differ;
/// and where the optional claim `idtyp` was asked for, it says so.
fn is_of_app(claims: &Claims) -> bool {
    let claim = |name: &str| claims.get(name).map(String::as_str);
    let app = match claim("ver") {
        Some("1.0") => claim("appid"),
        Some("2.0") => claim("azp"),
        Some(_) | None => None,
    };
    let principal = claim("oid").filter(|principal| claim("sub") == Some(principal));
    let is_named = [app, principal].into_iter().all(|id| id.is_some_and(|id| !id.is_empty()));
    is_named && claim("idtyp").is_none_or(|kind| kind == "app")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINCIPAL: &str = "8d7e0a4c-1f0b-4f0e-9a52-6f5d3c2b1a00";

    /// The claims of a token, with some of them changed; one that is empty is not there.
    fn claims(base: &[(&str, &str)], changes: &[(&str, &str)]) -> Claims {
        let all = base.iter().chain(changes).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let mut claims: Claims = all.collect();
        claims.retain(|_, text| !text.is_empty());
        claims
    }

    fn admits(machine_role: Option<&str>, claims: &Claims) -> bool {
        let machine_role = machine_role.map(str::to_owned);
        Admission { scope: "tenantcheck.use".to_owned(), machine_role }.admits(claims)
    }

    const ROLE: Option<&str> = Some("Verify.All");

    /// As Microsoft documents them: a token of version 1.0, and what version 2.0 has instead.
    const V1: [(&str, &str); 5] =
        [("ver", "1.0"), ("appid", "robot"), ("oid", PRINCIPAL), ("sub", PRINCIPAL), ("roles", "[Verify.All]")];
    const V2: [(&str, &str); 3] = [("ver", "2.0"), ("appid", ""), ("azp", "robot")];

    #[test]
    fn a_scope_is_one_whole_word_of_either_claim() {
        for (name, text) in [
            ("scope", "tenantcheck.use"),
            ("scope", "openid tenantcheck.use profile"),
            ("scp", "openid tenantcheck.use"),
            // A list of the token, as the gateway hands it over.
            ("scp", "[tenantcheck.use]"),
            ("scp", "[openid tenantcheck.use]"),
        ] {
            assert!(admits(None, &claims(&[(name, text)], &[])), "{name} {text}");
            assert!(admits(ROLE, &claims(&[(name, text)], &[])), "{name} {text}");
        }
        for text in [
            "tenantcheck",
            "tenantcheck.user",
            "xtenantcheck.use",
            "tenantcheck.use.more",
            "TENANTCHECK.USE",
            "openid,tenantcheck.use",
            "[tenantcheck.use",
            "tenantcheck.use]",
            "[[tenantcheck.use]]",
            "\"tenantcheck.use\"",
            "tenantcheck.use\t",
            "openid",
            " ",
        ] {
            for name in SCOPES {
                assert!(!admits(ROLE, &claims(&[(name, text)], &[])), "{name} {text}");
            }
        }
        assert!(admits(None, &claims(&[("scope", "openid"), ("scp", "tenantcheck.use")], &[])), "either will do");
        assert!(!admits(None, &claims(&[("sub", "ada"), ("aud", "tenantcheck.use")], &[])), "none of them");
    }

    #[test]
    fn an_app_that_signs_in_as_itself_is_let_in_by_its_role_where_the_deployment_says_so() {
        for version in [&[][..], &V2] {
            for roles in ["[Verify.All]", "[Other Verify.All]", "[Verify.All Other]"] {
                let claims = claims(&[&V1[..], version].concat(), &[("roles", roles)]);
                assert!(admits(ROLE, &claims), "{claims:?}");
                assert!(!admits(None, &claims), "no role lets anybody in: {claims:?}");
            }
            assert!(admits(ROLE, &claims(&[&V1[..], version].concat(), &[("idtyp", "app")])));
        }
    }

    #[test]
    fn whatever_else_a_token_says_no_role_lets_it_in() {
        let own = |change: (&'static str, &'static str)| (V1.to_vec(), change);
        let newer = |change: (&'static str, &'static str)| ([&V1[..], &V2].concat(), change);
        for (base, change) in [
            // Another role, or a part of the right one.
            own(("roles", "")),
            own(("roles", "[]")),
            own(("roles", "[Other]")),
            own(("roles", "[Verify.All.More]")),
            own(("roles", "[xVerify.All]")),
            own(("roles", "[Verify]")),
            own(("roles", "[verify.all]")),
            own(("roles", "[Other,Verify.All]")),
            own(("roles", "[[Verify.All]]")),
            // A user's: about another subject than the app's principal, or with scopes, whichever they are.
            own(("sub", "pairwise")),
            own(("sub", "")),
            own(("oid", "")),
            own(("oid", "8d7e0a4c")),
            own(("idtyp", "user")),
            own(("idtyp", "app+user")),
            own(("scp", "openid")),
            own(("scope", "openid")),
            own(("scp", "tenantcheck.user")),
            own(("scp", "Verify.All")),
            // No app is named, or not where this version does.
            own(("appid", "")),
            newer(("azp", "")),
            own(("ver", "2.0")),
            newer(("ver", "1.0")),
            own(("ver", "")),
            own(("ver", "3.0")),
        ] {
            let claims = claims(&base, &[change]);
            assert!(!admits(ROLE, &claims), "{change:?}: {claims:?}");
        }
        // A claim that is there and says nothing is no claim that is missing.
        for name in ["idtyp", "scp", "scope"] {
            let mut claims = claims(&V1, &[]);
            claims.insert(name.to_owned(), String::new());
            assert!(!admits(ROLE, &claims), "{name}");
        }
        let mut nobody = claims(&V1, &[("sub", ""), ("oid", "")]);
        nobody.extend(["sub", "oid"].map(|name| (name.to_owned(), String::new())));
        assert!(!admits(ROLE, &nobody), "an empty id is nobody's");
    }
}
