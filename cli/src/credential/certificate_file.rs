//! A certificate with its key as people have it: PEM, plain or with a passphrase, or a PKCS#12 file. What comes of it is PEM with the key
//! and the one certificate that is the key's.

use std::io;

use domain::time::Timestamp;
use microsoft::{Certificate, InvalidCertificate};
use p12_keystore::Pkcs12Archive;
use pkcs8::der::pem::{self, LineEnding};
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls::pki_types::pem::{PemObject, SectionKind};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

const CERTIFICATE: &str = "CERTIFICATE";
const PRIVATE_KEY: &str = "PRIVATE KEY";
const RSA_PRIVATE_KEY: &str = "RSA PRIVATE KEY";
const EC_PRIVATE_KEY: &str = "EC PRIVATE KEY";

/// A key that a passphrase protects, as RFC 5958 writes it.
const ENCRYPTED: (&str, &str) = ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----END ENCRYPTED PRIVATE KEY-----");

/// The same as OpenSSL wrote it before, with a key that is derived by MD5.
const LEGACY_ENCRYPTED: &str = "Proc-Type: 4,ENCRYPTED";

/// Why a file is not stored. None of these holds anything of it.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFile {
    /// Neither of the two forms.
    #[error("it is neither PEM nor a PKCS#12 file")]
    Unknown,
    /// The password is wrong, or the file is broken.
    #[error("it cannot be opened with this password")]
    Closed,
    /// A key that OpenSSL protected in its old way.
    #[error("its private key is encrypted in an old way; `openssl pkcs8 -topk8` writes it anew")]
    LegacyEncryption,
    /// The password could not be asked for.
    #[error("the password cannot be read")]
    Password(#[from] io::Error),
    /// No key and certificate that Entra takes.
    #[error("{0}")]
    Certificate(#[from] InvalidCertificate),
    /// It was valid until then.
    #[error("its certificate expired at {0}")]
    Expired(Timestamp),
    /// It is valid from then on.
    #[error("its certificate is not valid before {0}")]
    Early(Timestamp),
}

/// A credential that can be stored.
#[derive(Debug)]
pub(super) struct CertificateFile {
    /// The key and its certificate, without a password.
    pub(super) pem: SecretString,
    /// The same, read as the worker reads it.
    pub(super) certificate: Certificate,
}

/// One part of a file, in DER.
struct Section {
    label: &'static str,
    der: SecretSlice<u8>,
}

impl CertificateFile {
    /// Reads a file; a password is asked for when one is needed.
    pub(super) fn read(file: &[u8], password: impl FnOnce() -> io::Result<SecretString>) -> Result<Self, InvalidFile> {
        let mut sections = match std::str::from_utf8(file) {
            Ok(text) if text.contains("-----BEGIN ") => of_pem(text, password)?,
            // DER: a SEQUENCE.
            _ if file.first() == Some(&0x30) => of_pkcs12(file, &password()?)?,
            _ => return Err(InvalidFile::Unknown),
        };
        let certificate = Certificate::parse(&written(&sections))?;
        sections.retain(|section| section.label != CERTIFICATE || certificate.is(section.der.expose_secret()));
        Ok(Self { pem: written(&sections), certificate })
    }
}

fn of_pem(text: &str, password: impl FnOnce() -> io::Result<SecretString>) -> Result<Vec<Section>, InvalidFile> {
    if text.contains(LEGACY_ENCRYPTED) {
        return Err(InvalidFile::LegacyEncryption);
    }
    let mut sections = Vec::new();
    if let Some(encrypted) = between(text, ENCRYPTED) {
        sections.push(Section { label: PRIVATE_KEY, der: decrypted(encrypted, &password()?)? });
    }
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes()) {
        let (kind, der) = section.map_err(|_| InvalidCertificate::Unreadable)?;
        let label = match kind {
            SectionKind::Certificate => CERTIFICATE,
            SectionKind::PrivateKey => PRIVATE_KEY,
            SectionKind::RsaPrivateKey => RSA_PRIVATE_KEY,
            SectionKind::EcPrivateKey => EC_PRIVATE_KEY,
            // Public keys, requests and the like are not needed.
            _ => continue,
        };
        sections.push(Section { label, der: der.into() });
    }
    Ok(sections)
}

fn between<'a>(text: &'a str, (begin, end): (&str, &str)) -> Option<&'a str> {
    let from = text.find(begin)?;
    let to = text[from..].find(end)? + from + end.len();
    Some(&text[from..to])
}

fn decrypted(pem: &str, password: &SecretString) -> Result<SecretSlice<u8>, InvalidFile> {
    let (_, document) = SecretDocument::from_pem(pem).map_err(|_| InvalidFile::Closed)?;
    let key = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| InvalidFile::Closed)?;
    let key = key.decrypt(password.expose_secret()).map_err(|_| InvalidFile::Closed)?;
    Ok(key.as_bytes().to_vec().into())
}

fn of_pkcs12(file: &[u8], password: &SecretString) -> Result<Vec<Section>, InvalidFile> {
    let archive = Pkcs12Archive::from_pkcs12(file, password.expose_secret()).map_err(|_| InvalidFile::Closed)?;
    let section = |label, der: &[u8]| Section { label, der: der.to_vec().into() };
    let keys = archive.keys.iter().map(|bag| section(PRIVATE_KEY, bag.key.as_der()));
    let certificates = archive.certs.iter().map(|bag| section(CERTIFICATE, bag.cert.as_der()));
    Ok(keys.chain(certificates).collect())
}

/// The sections in PEM (RFC 7468).
fn written(sections: &[Section]) -> SecretString {
    let section = |Section { label, der }: &Section| {
        pem::encode_string(label, LineEnding::LF, der.expose_secret()).expect("memory takes it")
    };
    sections.iter().map(section).collect::<String>().into()
}

#[cfg(test)]
#[path = "certificate_file_tests.rs"]
mod tests;
