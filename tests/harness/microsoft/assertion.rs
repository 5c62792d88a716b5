//! Client assertions, judged as Entra does: the signature is checked with the registered certificate's key or the issuer's, and
//! every claim is compared with what the app is registered with.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::connection::CertificateAlgorithm;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use serde::Deserialize;
use serde_json::Value;

use super::refusal::EntraRefusal;
use super::registration::{FederatedCredential, RegisteredCertificate, Registration};
use super::sts;
use super::tenant::TenantFixture;

/// What `client_assertion_type` must say (RFC 7523).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far a caller's clock may run ahead, in seconds.
const SKEW: u64 = 300;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    nbf: Option<u64>,
    exp: u64,
    jti: String,
}

impl Claims {
    /// The one audience. A token for several is for none in particular.
    fn audience(&self) -> Option<&str> {
        match self.aud.as_array().map(Vec::as_slice) {
            Some([only]) => only.as_str(),
            Some(_) => None,
            None => self.aud.as_str(),
        }
    }

    fn in_time(&self) -> Result<(), EntraRefusal> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let begun = self.nbf.is_none_or(|begin| begin <= now + SKEW);
        if begun && now < self.exp { Ok(()) } else { Err(EntraRefusal::AssertionTime) }
    }
}

/// Judges an assertion for a tenant's app. `is_new` says of an assertion's id whether it was never used before.
pub(crate) fn judge(
    jwt: &str,
    fixture: &TenantFixture,
    is_new: impl FnOnce(String) -> bool,
) -> Result<(), EntraRefusal> {
    let header = decode_header(jwt).map_err(|_| EntraRefusal::AssertionMalformed)?;
    // An app's own assertion names the certificate that signed it; a token of another issuer has none to name.
    let own = header.x5t.is_some() || header.x5t_s256.is_some();
    match &fixture.registration {
        Registration::ClientSecret | Registration::Federated(_) if own => Err(EntraRefusal::CertificateNotRegistered),
        Registration::ClientSecret => Err(EntraRefusal::FederationNone),
        Registration::Certificate(_) if !own => Err(EntraRefusal::FederationNone),
        Registration::Certificate(certificate) => {
            let claims = signed_with(jwt, &header, certificate)?;
            claims.in_time()?;
            let client = fixture.client_id.as_str();
            if claims.iss != client || claims.sub != client {
                return Err(EntraRefusal::AssertionOfAnotherApp);
            }
            let authority = fixture.cloud.endpoints().authority;
            let endpoint = format!("{authority}/{}/oauth2/v2.0/token", fixture.entra_tenant_id);
            if claims.audience() != Some(endpoint.as_str()) {
                return Err(EntraRefusal::AssertionAudience);
            }
            // Entra's documentation asks for a new id each time, so the stand-in insists.
            if is_new(claims.jti) { Ok(()) } else { Err(EntraRefusal::AssertionInvalid) }
        }
        Registration::Federated(registered) => issued_by(jwt, &header, registered),
    }
}

/// The claims, if the registered certificate's key signed them in the registered way.
fn signed_with(jwt: &str, header: &Header, certificate: &RegisteredCertificate) -> Result<Claims, EntraRefusal> {
    let (algorithm, named, thumbprint) = match certificate.algorithm {
        CertificateAlgorithm::Ps256 => (Algorithm::PS256, &header.x5t_s256, digest(&SHA256, &certificate.der)),
        CertificateAlgorithm::Rs256 => {
            (Algorithm::RS256, &header.x5t, digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate.der))
        }
    };
    if named.as_deref() != Some(URL_SAFE_NO_PAD.encode(thumbprint).as_str()) {
        return Err(EntraRefusal::CertificateNotRegistered);
    }
    let claims = verified(jwt, algorithm, &certificate.public_key).ok_or(EntraRefusal::CertificateNotRegistered)?;
    if certificate.expires_at < SystemTime::now() { Err(EntraRefusal::CertificateExpired) } else { Ok(claims) }
}

/// Judges a token of another issuer: what differs from the federated credential is named, as Entra does.
fn issued_by(jwt: &str, header: &Header, registered: &FederatedCredential) -> Result<(), EntraRefusal> {
    if header.alg != Algorithm::RS256 {
        return Err(EntraRefusal::AssertionInvalid);
    }
    // There is one issuer, with one key.
    if header.kid.as_deref() != Some(sts::KEY_ID) {
        return Err(EntraRefusal::FederationKey);
    }
    let claims = verified(jwt, Algorithm::RS256, sts::public_key()).ok_or(EntraRefusal::AssertionInvalid)?;
    claims.in_time()?;
    if claims.iss != registered.issuer {
        Err(EntraRefusal::FederationIssuer)
    } else if claims.audience() != Some(registered.audience.as_str()) {
        Err(EntraRefusal::FederationAudience)
    } else if claims.sub != registered.subject && claims.sub.eq_ignore_ascii_case(&registered.subject) {
        Err(EntraRefusal::FederationSubjectCase)
    } else if claims.sub != registered.subject {
        Err(EntraRefusal::FederationSubject)
    } else {
        Ok(())
    }
}

/// The claims, if the signature is the key's.
fn verified(jwt: &str, algorithm: Algorithm, public_key: &[u8]) -> Option<Claims> {
    let mut validation = Validation::new(algorithm);
    // The library says only that something is wrong; which claim it is decides the refusal.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    decode(jwt, &DecodingKey::from_rsa_der(public_key), &validation).ok().map(|token| token.claims)
}
