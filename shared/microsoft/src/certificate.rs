//! A certificate credential: a private key, and the thumbprint and end of the certificate that Entra knows. Everything that can be
//! wrong with it is found when it is read, so that signing with it later cannot fail.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::connection::CertificateAlgorithm;
use domain::time::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use secrecy::{ExposeSecret, SecretString};
use x509_parser::certificate::{Validity, X509Certificate};
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

pub use crate::certificate_parts::InvalidCertificate;
use crate::certificate_parts::{Key, Parts};

/// A private key and what its certificate says. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Certificate {
    key: Arc<KeyPair>,
    algorithm: CertificateAlgorithm,
    thumbprint: String,
    valid_from: Timestamp,
    expires_at: Timestamp,
}

impl Certificate {
    /// Reads PEM with a key (PKCS#8, or PKCS#1 for RSA) and its certificate in any order and among others, or JSON
    /// `{"pkcs12": base64, "password": "..."}`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that repeat nothing of it.
    pub fn parse(secret: &SecretString, algorithm: CertificateAlgorithm) -> Result<Self, InvalidCertificate> {
        let parts = Parts::read(secret.expose_secret())?;
        let key = match &parts.key {
            Key::Pkcs8(der) => KeyPair::from_pkcs8(der.expose_secret()),
            Key::Pkcs1(der) => KeyPair::from_der(der.expose_secret()),
        };
        let key = key.map_err(|_| InvalidCertificate::RsaKey)?;
        // A key may look whole and yet not sign; it must not be found out in the middle of a check.
        sign(&key, algorithm, b"").ok_or(InvalidCertificate::RsaKey)?;
        let (der, validity) = of_key(&parts.certificates, &key)?;
        let at = |time: ASN1Time| Timestamp::from_millis(time.timestamp().saturating_mul(1000));
        let (valid_from, expires_at) = (at(validity.not_before), at(validity.not_after));
        Ok(Self { key: Arc::new(key), algorithm, thumbprint: thumbprint(der, algorithm), valid_from, expires_at })
    }

    /// The last moment at which the certificate is valid.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The first moment at which it is.
    pub(crate) fn valid_from(&self) -> Timestamp {
        self.valid_from
    }

    /// Whether this is the certificate, in DER.
    pub(crate) fn is(&self, der: &[u8]) -> bool {
        self.thumbprint == thumbprint(der, self.algorithm)
    }

    /// How assertions are signed.
    pub(crate) fn algorithm(&self) -> CertificateAlgorithm {
        self.algorithm
    }

    /// What names the certificate in an assertion's header: base64url of SHA-256 for PS256, of SHA-1 for RS256.
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Signs with the key.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        sign(&self.key, self.algorithm, message).expect("the key signed when it was read")
    }
}

/// The certificate of the key, whichever of the chain it is, and when it is valid.
fn of_key<'a>(certificates: &'a [Vec<u8>], key: &KeyPair) -> Result<(&'a [u8], Validity), InvalidCertificate> {
    for der in certificates {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| InvalidCertificate::Certificate)?;
        if *certificate.public_key().subject_public_key.data == *key.public().as_ref() {
            return Ok((der, certificate.validity().clone()));
        }
    }
    Err(if certificates.is_empty() { InvalidCertificate::NoCertificate } else { InvalidCertificate::Mismatch })
}

fn thumbprint(der: &[u8], algorithm: CertificateAlgorithm) -> String {
    let algorithm = match algorithm {
        CertificateAlgorithm::Ps256 => &SHA256,
        // The older form names the certificate by SHA-1. It is a name, not a proof.
        CertificateAlgorithm::Rs256 => &SHA1_FOR_LEGACY_USE_ONLY,
    };
    URL_SAFE_NO_PAD.encode(digest(algorithm, der))
}

fn sign(key: &KeyPair, algorithm: CertificateAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
    let encoding: &dyn RsaEncoding = match algorithm {
        CertificateAlgorithm::Ps256 => &RSA_PSS_SHA256,
        CertificateAlgorithm::Rs256 => &RSA_PKCS1_SHA256,
    };
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(encoding, &SystemRandom::new(), message, &mut signature).ok()?;
    Some(signature)
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
pub(crate) mod tests;
