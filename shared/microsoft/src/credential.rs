//! How the app proves who it is. The worker fetches the parts; what is sent of them is made here, anew for each try.

use std::sync::Arc;

use domain::connection::{CertificateAlgorithm, CredentialKind};
use domain::time::Timestamp;
use secrecy::SecretString;

use crate::certificate::Certificate;
use crate::client_assertion::ClientAssertion;

/// One proof of who the app is. Nothing secret of it is ever shown.
#[derive(Debug, Clone)]
pub enum ClientCredential {
    /// A secret that Entra knows too.
    ClientSecret(Arc<SecretString>),
    /// A key whose certificate Entra knows, and how it signs.
    Certificate(Arc<Certificate>, CertificateAlgorithm),
    /// A token of another issuer that Entra is told to trust.
    Federated(ClientAssertion),
}

impl ClientCredential {
    pub(crate) fn kind(&self) -> CredentialKind {
        match self {
            ClientCredential::ClientSecret(_) => CredentialKind::ClientSecret,
            ClientCredential::Certificate(..) => CredentialKind::Certificate,
            ClientCredential::Federated(_) => CredentialKind::Federated,
        }
    }

    /// When the certificate expires; none for what carries no date of its own.
    pub(crate) fn certificate_expires_at(&self) -> Option<Timestamp> {
        match self {
            ClientCredential::Certificate(certificate, _) => Some(certificate.expires_at()),
            ClientCredential::ClientSecret(_) | ClientCredential::Federated(_) => None,
        }
    }
}
