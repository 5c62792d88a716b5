//! The credential of one run, ready to be used: read from the parameter store, or a token of our own from AWS.

use std::sync::Arc;

use domain::credential::CredentialReference;
use domain::credential_policy::UsableCredential;
use domain::id::ConnectionId;
use domain::preflight::Runnable;
use domain::reason::Reason;
use domain::time::Timestamp;
use microsoft::{ClientCredential, InvalidCertificate};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::credential_cache::StoredSecret;
use crate::credential_error::CredentialError;

/// A credential that is ready to be used.
pub(crate) struct Prepared<'a> {
    /// What the app signs in with.
    pub(crate) credential: ClientCredential,
    /// Where it came from; none for what AWS issued a moment ago.
    pub(crate) stored: Option<Stored<'a>>,
}

/// A secret as it was read from the parameter store.
pub(crate) struct Stored<'a> {
    reference: &'a CredentialReference,
    secret: StoredSecret,
}

impl Stored<'_> {
    /// When the parameter was changed last.
    pub(crate) fn modified_at(&self) -> Option<Timestamp> {
        self.secret.modified_at
    }

    /// Whether the parameter holds another secret by now. It is read anew.
    pub(crate) async fn is_replaced(&self, app: &App) -> Result<bool, CredentialError> {
        app.credentials.evict(self.reference);
        let current = app.credentials.read(self.reference).await?;
        Ok(current.value.expose_secret() != self.secret.value.expose_secret())
    }
}

/// The credential of a connection.
pub(crate) async fn prepare<'a>(app: &App, runnable: &'a Runnable<'_>) -> Result<Prepared<'a>, CredentialError> {
    match &runnable.credential {
        UsableCredential::ClientSecret(reference) => {
            let secret = app.credentials.read(reference).await?;
            let credential = ClientCredential::ClientSecret(Arc::clone(&secret.value));
            Ok(Prepared { credential, stored: Some(Stored { reference, secret }) })
        }
        UsableCredential::Certificate(reference, algorithm) => {
            let secret = app.credentials.read(reference).await?;
            let certificate = secret.certificate().map_err(|error| {
                tracing::warn!(
                    connection.id = runnable.subject.connection_id.map(ConnectionId::get),
                    error = %runtime::Chain(&error),
                    "a connection's certificate cannot be used"
                );
                CredentialError::Unusable(match error {
                    InvalidCertificate::Pkcs12 => Reason::ProviderCredentialNotPem,
                    _ => Reason::ProviderCredentialInvalid,
                })
            })?;
            let credential = ClientCredential::Certificate(certificate, *algorithm);
            Ok(Prepared { credential, stored: Some(Stored { reference, secret }) })
        }
        UsableCredential::Federated => {
            let audience = runnable.app.cloud.endpoints().federation_audience;
            let assertion = app.web_identity.token(audience).await?;
            Ok(Prepared { credential: ClientCredential::Federated(assertion), stored: None })
        }
    }
}
