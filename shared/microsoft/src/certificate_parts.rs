//! A key and its certificate as they are stored, taken apart. PEM alone: opening a PKCS#12 file costs what the file says, in time and in
//! memory, and a process that serves many customers does not let one of them say it.

use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rustls::pki_types::pem::{PemObject, SectionKind};
use secrecy::{ExposeSecret, SecretSlice};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Why a stored text is not a certificate credential. None of these holds anything of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCertificate {
    /// No PEM, or broken.
    #[error("it is not PEM")]
    Unreadable,
    /// The JSON in which earlier versions took a PKCS#12 file with its password.
    #[error("it is a PKCS#12 file in JSON; only PEM is read")]
    Pkcs12,
    /// No private key.
    #[error("it holds no private key")]
    NoKey,
    /// More than one private key, so that nothing says which to use.
    #[error("it holds more than one private key")]
    SeveralKeys,
    /// A key that only a passphrase opens.
    #[error("its private key is encrypted with a passphrase; PEM must hold the plain key")]
    EncryptedKey,
    /// An elliptic curve key, which Entra does not take for app credentials.
    #[error("its key is an elliptic curve key; Microsoft Entra takes only RSA keys")]
    EllipticCurveKey,
    /// An Ed25519 key, which Entra does not take for app credentials.
    #[error("its key is an Ed25519 key; Microsoft Entra takes only RSA keys")]
    Ed25519Key,
    /// Another kind of key.
    #[error("its key is of a kind that Microsoft Entra does not take; it takes only RSA keys")]
    OtherKey,
    /// An RSA key that is broken or of an unusual size.
    #[error("its RSA key cannot be used; it must have 2048 to 4096 bits and an exponent of 65537 or more")]
    RsaKey,
    /// No certificate.
    #[error("it holds no certificate")]
    NoCertificate,
    /// Something that calls itself a certificate and is none.
    #[error("a certificate in it cannot be read")]
    Certificate,
    /// No certificate is of the key.
    #[error("none of its certificates belongs to its private key")]
    Mismatch,
}

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
    pub(crate) key: Key,
    /// All certificates, in the order in which they stand.
    pub(crate) certificates: Vec<Vec<u8>>,
}

impl Parts {
    /// Takes a stored text apart.
    pub(crate) fn read(text: &str) -> Result<Self, InvalidCertificate> {
        if text.trim_start().starts_with('{') {
            return Err(InvalidCertificate::Pkcs12);
        }
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
