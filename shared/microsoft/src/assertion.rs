//! The client assertion: a JWT that we sign with the certificate's key, so that the key itself is never sent (RFC 7523; Microsoft,
//! "Certificate credentials").

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::connection::CertificateAlgorithm;
use domain::next_step::App;
use domain::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::certificate::Certificate;

/// The shortest of what Microsoft advises: the assertion is used once, within seconds.
const LIFETIME: Duration = Duration::from_mins(5);

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a str>,
    #[serde(rename = "x5t", skip_serializing_if = "Option::is_none")]
    sha1: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: i64,
    iat: i64,
    exp: i64,
}

/// A fresh assertion for this token endpoint: no two are the same, so each try needs its own.
pub(crate) fn signed(
    certificate: &Certificate,
    algorithm: CertificateAlgorithm,
    app: &App,
    audience: &str,
    now: Timestamp,
) -> String {
    let thumbprint = Some(certificate.thumbprint(algorithm));
    let header = match algorithm {
        CertificateAlgorithm::Ps256 => Header { alg: "PS256", typ: "JWT", sha256: thumbprint, sha1: None },
        CertificateAlgorithm::Rs256 => Header { alg: "RS256", typ: "JWT", sha256: None, sha1: thumbprint },
    };
    let claims = Claims {
        aud: audience,
        iss: app.client_id.as_str(),
        sub: app.client_id.as_str(),
        jti: Uuid::new_v4().to_string(),
        nbf: now.as_seconds(),
        iat: now.as_seconds(),
        exp: (now + LIFETIME).as_seconds(),
    };
    let mut jwt = format!("{}.{}", part(&header), part(&claims));
    let signature = certificate.sign(algorithm, jwt.as_bytes());
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
    jwt
}

fn part(content: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(content).expect("texts and numbers are JSON"))
}

#[cfg(test)]
mod tests {
    use domain::cloud::Cloud;
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;
    use crate::certificate::tests::{certificate, public_key};
    use crate::token::tests::app;

    const AUDIENCE: &str = "https://login.microsoftonline.com/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/oauth2/v2.0/token";

    fn jwt(name: &str, algorithm: CertificateAlgorithm) -> String {
        let now = Timestamp::from_millis(1_792_000_000_999);
        signed(&certificate(name), algorithm, &app(Cloud::Global), AUDIENCE, now)
    }

    fn read(jwt: &str, at: usize) -> Value {
        let part = jwt.split('.').nth(at).expect("a part");
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
    }

    #[test]
    fn the_signature_is_the_keys_in_both_algorithms_and_all_sizes() {
        for name in ["rsa2048", "rsa4096"] {
            for algorithm in [CertificateAlgorithm::Ps256, CertificateAlgorithm::Rs256] {
                let jwt = jwt(name, algorithm);
                let (message, signature) = jwt.rsplit_once('.').expect("a signature");
                let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
                let parameters = match algorithm {
                    CertificateAlgorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    CertificateAlgorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                };
                let key = UnparsedPublicKey::new(parameters, public_key(name));
                assert!(key.verify(message.as_bytes(), &signature).is_ok(), "{name} {algorithm}");
                assert!(key.verify(b"another message", &signature).is_err(), "{name} {algorithm}");
            }
        }
    }

    #[test]
    fn the_header_names_the_certificate_in_the_one_way_of_its_algorithm() {
        let ps256 = read(&jwt("rsa2048", CertificateAlgorithm::Ps256), 0);
        let thumbprint = certificate("rsa2048").thumbprint(CertificateAlgorithm::Ps256).to_owned();
        assert_eq!(ps256, serde_json::json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint }));
        let rs256 = read(&jwt("rsa2048", CertificateAlgorithm::Rs256), 0);
        let thumbprint = certificate("rsa2048").thumbprint(CertificateAlgorithm::Rs256).to_owned();
        assert_eq!(rs256, serde_json::json!({ "alg": "RS256", "typ": "JWT", "x5t": thumbprint }));
    }

    #[test]
    fn the_claims_are_the_apps_own_for_five_minutes_and_never_the_same_twice() {
        let mut first = read(&jwt("rsa2048", CertificateAlgorithm::Ps256), 1);
        let second = read(&jwt("rsa2048", CertificateAlgorithm::Ps256), 1);
        let id = first["jti"].take();
        assert_ne!(id, second["jti"]);
        assert!(id.as_str().expect("a text").parse::<Uuid>().is_ok());
        let client = "11111111-2222-4333-8444-555555555555";
        let (now, end) = (1_792_000_000, 1_792_000_300);
        let expected = serde_json::json!({ "aud": AUDIENCE, "iss": client, "sub": client, "jti": null, "nbf": now, "iat": now, "exp": end });
        assert_eq!(first, expected);
    }
}
