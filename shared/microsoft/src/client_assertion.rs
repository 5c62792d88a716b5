//! A federated credential: a JWT that another issuer signed for us, such as AWS STS. Entra compares its issuer, subject and audience,
//! letter by letter, with what an administrator typed; when they differ, what should have been typed is the best help there is, and the
//! token itself says it.

use std::sync::Arc;

use domain::evidence::{Evidence, EvidenceKind};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::jwt;

/// A longer claim is not worth showing: the longest role ARN has about 600 characters.
const MOST_CLAIM_CHARACTERS: usize = 1024;

/// A token that proves to Entra who we are. It is as good as a secret while it is valid, which is minutes.
#[derive(Debug, Clone)]
pub struct ClientAssertion(Arc<SecretString>);

/// The claims that Entra compares. What has an unexpected type is left out, not an error.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    iss: Value,
    #[serde(default)]
    sub: Value,
    #[serde(default)]
    aud: Value,
}

impl ClientAssertion {
    /// The JWT as its issuer gave it.
    #[must_use]
    pub fn new(jwt: SecretString) -> Self {
        Self(Arc::new(jwt))
    }

    /// The token for the request's body.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What must stand in the app's federated credential for Entra to accept this token, as far as the token can be read.
    pub(crate) fn expected(&self) -> Vec<Evidence> {
        let Some(claims) = jwt::claims::<Claims>(self.expose()) else { return Vec::new() };
        // RFC 7519 lets a single audience stand alone or in a list. Of several, which one Entra should know is not for the token to say.
        let audience = match claims.aud.as_array().map(Vec::as_slice) {
            Some([only]) => only,
            Some(_) | None => &claims.aud,
        };
        [
            (EvidenceKind::ExpectedIssuer, &claims.iss),
            (EvidenceKind::ExpectedSubject, &claims.sub),
            (EvidenceKind::ExpectedAudience, audience),
        ]
        .into_iter()
        .filter_map(|(kind, claim)| Some(Evidence::text(kind, shown(claim)?)))
        .collect()
    }
}

/// A claim of a sensible length in visible ASCII characters, which every URL and ARN has.
fn shown(claim: &Value) -> Option<&str> {
    let visible = |text: &&str| text.bytes().all(|byte| byte.is_ascii_graphic());
    claim.as_str().filter(|text| (1..=MOST_CLAIM_CHARACTERS).contains(&text.len())).filter(visible)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn expected(claims: &str) -> Vec<Evidence> {
        let jwt = format!("e30.{}.very-secret", URL_SAFE_NO_PAD.encode(claims));
        ClientAssertion::new(jwt.into()).expected()
    }

    #[test]
    fn the_token_says_what_must_stand_in_entra() {
        let role = "arn:aws:iam::123456789012:role/tenantcheck-worker";
        let issuer = "https://0a1b2c3d.tokens.sts.global.api.aws";
        let all = [
            Evidence::text(EvidenceKind::ExpectedIssuer, issuer),
            Evidence::text(EvidenceKind::ExpectedSubject, role),
            Evidence::text(EvidenceKind::ExpectedAudience, "api://AzureADTokenExchange"),
        ];
        for audience in [r#""api://AzureADTokenExchange""#, r#"["api://AzureADTokenExchange"]"#] {
            assert_eq!(expected(&format!(r#"{{"iss":"{issuer}","sub":"{role}","aud":{audience},"exp":1}}"#)), all);
        }
    }

    #[test]
    fn an_odd_claim_is_left_out_and_an_odd_token_says_nothing() {
        let issuer = [Evidence::text(EvidenceKind::ExpectedIssuer, "https://a.example")];
        let long = "x".repeat(MOST_CLAIM_CHARACTERS + 1);
        for rest in
            [r#""sub":7,"aud":["a","b"]"#, r#""sub":"","aud":[]"#, r#""sub":"a b","aud":{}"#, r#""sub":"\u0000""#]
        {
            assert_eq!(expected(&format!(r#"{{"iss":"https://a.example",{rest}}}"#)), issuer, "{rest}");
        }
        assert_eq!(expected(&format!(r#"{{"iss":"https://a.example","sub":"{long}"}}"#)), issuer);
        for claims in ["[]", "{", "", &"[".repeat(20_000), &format!(r#"{{"iss":"{}"}}"#, "x".repeat(40_000))] {
            assert_eq!(expected(claims), [], "{}", claims.len());
        }
        assert_eq!(ClientAssertion::new("opaque".into()).expected(), []);
    }

    #[test]
    fn the_token_itself_is_never_shown() {
        assert!(!format!("{:?}", ClientAssertion::new("very-secret".into())).contains("very-secret"));
    }
}
