//! The two forms in which a key and its certificate are stored, taken apart: PEM, and a PKCS#12 file with its password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::Pkcs12Archive;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rustls::pki_types::pem::{PemObject, SectionKind};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;

use crate::certificate::InvalidCertificate;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// What PEM calls a key that a passphrase protects, in either of its two ways.
const ENCRYPTED: [&str; 2] = ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"];

/// An RSA key in DER.
#[derive(Debug)]
pub(crate) enum Key {
    /// With its algorithm, as RFC 5208 wraps it.
    Pkcs8(SecretSlice<u8>),
    /// The bare numbers, as RFC 8017 writes them.
    Pkcs1(SecretSlice<u8>),
}

/// One RSA key and certificates in DER; which of them is the key's is not yet known.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The private key.
    pub(crate) key: Key,
    /// All certificates, in the order in which they stand.
    pub(crate) certificates: Vec<Vec<u8>>,
}

#[derive(Deserialize)]
struct Document {
    pkcs12: SecretText,
    #[serde(default)]
    password: SecretText,
}

/// A secret member of a document, wiped when it is dropped.
#[derive(Default, Deserialize)]
#[serde(from = "String")]
struct SecretText(SecretString);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Parts {
    /// Takes a stored text apart.
    pub(crate) fn read(text: &str) -> Result<Self, InvalidCertificate> {
        if text.trim_start().starts_with('{') { Self::read_json(text) } else { Self::read_pem(text) }
    }

    fn read_pem(text: &str) -> Result<Self, InvalidCertificate> {
        if ENCRYPTED.iter().any(|mark| text.contains(mark)) {
            return Err(InvalidCertificate::EncryptedKey);
        }
        let mut keys = Vec::new();
        let mut certificates = Vec::new();
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes()) {
            let (kind, der) = section.map_err(|_| InvalidCertificate::Unreadable)?;
            match kind {
                SectionKind::Certificate => certificates.push(der),
                SectionKind::PrivateKey => keys.push(rsa(SecretSlice::from(der))?),
                SectionKind::RsaPrivateKey => keys.push(Key::Pkcs1(SecretSlice::from(der))),
                SectionKind::EcPrivateKey => return Err(InvalidCertificate::EllipticCurveKey),
                // Public keys, requests and the like do no harm.
                _ => {}
            }
        }
        if keys.is_empty() && certificates.is_empty() {
            return Err(InvalidCertificate::Unreadable);
        }
        Ok(Self { key: only(keys)?, certificates })
    }

    fn read_json(text: &str) -> Result<Self, InvalidCertificate> {
        let document: Document = serde_json::from_str(text).map_err(|_| InvalidCertificate::Unreadable)?;
        // Tools break base64 into lines.
        let mut base64 = document.pkcs12.0.expose_secret().as_bytes().to_vec();
        base64.retain(|byte| !byte.is_ascii_whitespace());
        let base64 = SecretSlice::from(base64);
        let file = STANDARD.decode(base64.expose_secret()).map_err(|_| InvalidCertificate::Unreadable)?;
        let archive = Pkcs12Archive::from_pkcs12(&file, document.password.0.expose_secret())
            .map_err(|_| InvalidCertificate::Pkcs12)?;
        let keys = archive.keys.iter().map(|bag| rsa(SecretSlice::from(bag.key.as_der().to_vec())));
        let certificates = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
        Ok(Self { key: only(keys.collect::<Result<_, _>>()?)?, certificates })
    }
}

/// A PKCS#8 key, if it is an RSA key.
fn rsa(der: SecretSlice<u8>) -> Result<Key, InvalidCertificate> {
    let info = PrivateKeyInfoRef::try_from(der.expose_secret()).map_err(|_| InvalidCertificate::Unreadable)?;
    match info.algorithm.oid {
        RSA => Ok(Key::Pkcs8(der)),
        ELLIPTIC_CURVE => Err(InvalidCertificate::EllipticCurveKey),
        ED25519 => Err(InvalidCertificate::Ed25519Key),
        _ => Err(InvalidCertificate::OtherKey),
    }
}

fn only(keys: Vec<Key>) -> Result<Key, InvalidCertificate> {
    let [key] = <[Key; 1]>::try_from(keys).map_err(|keys| match keys.len() {
        0 => InvalidCertificate::NoKey,
        _ => InvalidCertificate::SeveralKeys,
    })?;
    Ok(key)
}
