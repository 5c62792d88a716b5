//! What an app is registered with, so that Entra knows it: a client secret, a certificate, or what another issuer says of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{Certificate, CertificateParams, DnType, KeyPair};

use super::sts;

/// Opens every PKCS#12 file.
pub const PASSWORD: &str = "pass word";

/// What an app registration holds to know its app by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// The client secret that is stored for the connection.
    ClientSecret,
    /// A certificate.
    Certificate(RegisteredCertificate),
    /// A federated identity credential.
    Federated(FederatedCredential),
}

impl Registration {
    /// The kind of credential that signs in with it.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        match self {
            Registration::ClientSecret => CredentialKind::ClientSecret,
            Registration::Certificate(_) => CredentialKind::Certificate,
            Registration::Federated(_) => CredentialKind::Federated,
        }
    }
}

/// A certificate as an administrator uploaded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredCertificate {
    /// The certificate in DER.
    pub(crate) der: Vec<u8>,
    /// Its RSA public key (RFC 8017, `RSAPublicKey`).
    pub(crate) public_key: Vec<u8>,
    /// Its end.
    pub(crate) expires_at: SystemTime,
    /// The one kind of signature that is accepted.
    pub(crate) algorithm: CertificateAlgorithm,
}

/// A federated identity credential as an administrator typed it. Entra compares each letter by letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedCredential {
    /// Who issues the tokens.
    pub issuer: String,
    /// Whom they are about.
    pub subject: String,
    /// Whom they are for.
    pub audience: String,
}

impl FederatedCredential {
    /// What accepts the tokens that the harness issues in place of AWS.
    #[must_use]
    pub fn of_worker(cloud: Cloud) -> Self {
        Self {
            issuer: sts::ISSUER.to_owned(),
            subject: sts::WORKER_ROLE.to_owned(),
            audience: cloud.endpoints().federation_audience.to_owned(),
        }
    }
}

/// Whose key a certificate is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppKey {
    /// RSA: the app's own.
    Own,
    /// RSA: nobody registered it.
    Another,
    /// An elliptic curve, which Entra does not take.
    EllipticCurve,
}

/// A self-signed certificate with its key.
#[derive(Debug)]
pub struct AppCertificate {
    key: KeyPair,
    certificate: Certificate,
    expires_at: SystemTime,
}

impl AppCertificate {
    /// A certificate that ends after this time.
    ///
    /// # Panics
    /// Never: the keys are files of the harness.
    #[must_use]
    pub fn new(key: AppKey, valid: Duration) -> Self {
        let key = match key {
            AppKey::Own => KeyPair::from_pem(include_str!("fixtures/app.key")),
            AppKey::Another => KeyPair::from_pem(include_str!("fixtures/another.key")),
            AppKey::EllipticCurve => KeyPair::generate(),
        };
        let key = key.expect("a private key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Fabrikam Sync");
        let expires_at = SystemTime::now() + valid;
        let since_1970 = expires_at.duration_since(UNIX_EPOCH).expect("the clock is past 1970");
        params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_1970;
        let certificate = params.self_signed(&key).expect("a key signs its own certificate");
        Self { key, certificate, expires_at }
    }

    /// Key and certificate in PEM, as they are stored for a connection.
    #[must_use]
    pub fn stored(&self) -> String {
        self.key.serialize_pem() + &self.certificate.pem()
    }

    /// The same as a PKCS#12 file, which [`PASSWORD`] opens.
    ///
    /// # Panics
    /// Never: key and certificate are in order.
    #[must_use]
    pub fn pkcs12(&self) -> Vec<u8> {
        let key = PrivateKey::from_der(self.key.serialized_der()).expect("a private key");
        let certificate = p12_keystore::Certificate::from_der(self.certificate.der()).expect("a certificate");
        let mut store = KeyStore::new();
        store.add_entry("app", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("1", key, [certificate])));
        // A file that protects nothing need not be slow to open.
        store.writer(PASSWORD).encryption_iterations(1).mac_iterations(1).write().expect("a PKCS#12 file")
    }

    /// The certificate as an administrator uploads it.
    #[must_use]
    pub fn registered(&self, algorithm: CertificateAlgorithm) -> Registration {
        Registration::Certificate(RegisteredCertificate {
            der: self.certificate.der().to_vec(),
            public_key: self.key.public_key_raw().to_vec(),
            expires_at: self.expires_at,
            algorithm,
        })
    }
}
