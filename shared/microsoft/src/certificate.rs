//! A certificate credential: a private key, and the thumbprint and end of the certificate that Entra knows. Everything that can be
//! wrong with it is found when it is read, so that signing with it later cannot fail.

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

/// A private key and what its certificate says.
#[derive(Debug)]
pub struct Certificate {
    key: KeyPair,
    sha256: String,
    sha1: String,
    valid_from: Timestamp,
    expires_at: Timestamp,
}

impl Certificate {
    /// Reads PEM with a key (PKCS#8, or PKCS#1 for RSA) and its certificate in any order and among others. Nothing in it can make this
    /// take long: no password opens anything here.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that repeat nothing of it.
    pub fn parse(pem: &SecretString) -> Result<Self, InvalidCertificate> {
        let parts = Parts::read(pem.expose_secret())?;
        let key = match &parts.key {
            Key::Pkcs8(der) => KeyPair::from_pkcs8(der.expose_secret()),
            Key::Pkcs1(der) => KeyPair::from_der(der.expose_secret()),
        };
        let key = key.map_err(|_| InvalidCertificate::RsaKey)?;
        // A key may look whole and yet not sign; it must not be found out in the middle of a check.
        for algorithm in CertificateAlgorithm::ALL {
            sign(&key, *algorithm, b"").ok_or(InvalidCertificate::RsaKey)?;
        }
        let (der, validity) = of_key(&parts.certificates, &key)?;
        let at = |time: ASN1Time| Timestamp::from_millis(time.timestamp().saturating_mul(1000));
        let (valid_from, expires_at) = (at(validity.not_before), at(validity.not_after));
        let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest(algorithm, der));
        // The older form names the certificate by SHA-1. It is a name, not a proof.
        let (sha256, sha1) = (thumbprint(&SHA256), thumbprint(&SHA1_FOR_LEGACY_USE_ONLY));
        Ok(Self { key, sha256, sha1, valid_from, expires_at })
    }

    /// The last moment at which the certificate is valid.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The first moment at which it is.
    #[must_use]
    pub fn valid_from(&self) -> Timestamp {
        self.valid_from
    }

    /// The bits of its key.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.key.public().modulus_len() * 8
    }

    /// The thumbprint by which Microsoft's portals list the certificate: SHA-1 in upper-case hexadecimal digits.
    #[must_use]
    pub fn sha1_hex(&self) -> String {
        let bytes = URL_SAFE_NO_PAD.decode(&self.sha1).expect("what was encoded here");
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Whether this is the certificate, in DER.
    #[must_use]
    pub fn is(&self, der: &[u8]) -> bool {
        self.sha256 == URL_SAFE_NO_PAD.encode(digest(&SHA256, der))
    }

    /// What names the certificate in an assertion's header: base64url of SHA-256 for PS256, of SHA-1 for RS256.
    pub(crate) fn thumbprint(&self, algorithm: CertificateAlgorithm) -> &str {
        match algorithm {
            CertificateAlgorithm::Ps256 => &self.sha256,
            CertificateAlgorithm::Rs256 => &self.sha1,
        }
    }

    /// Signs with the key.
    pub(crate) fn sign(&self, algorithm: CertificateAlgorithm, message: &[u8]) -> Vec<u8> {
        sign(&self.key, algorithm, message).expect("the key signed when it was read")
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
