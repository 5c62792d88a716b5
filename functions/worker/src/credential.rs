//! The credential of one run, ready to be used: read from the parameter store, or a token of our own from AWS.

use std::sync::Arc;

use domain::credential::{CredentialReference, UsableCredential};
use domain::id::ConnectionId;
use domain::preflight::Runnable;
use domain::reason::Reason;
use domain::time::Timestamp;
use microsoft::{Certificate, Credential};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::credential_cache::{StoredSecret, StoredSecretError};
use crate::web_identity::WebIdentityError;

/// Why there is no credential to use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialError {
    /// Somebody has to mend it: the run is blocked for this reason.
    #[error("the credential cannot be used: {}", .0.code())]
    Unusable(Reason),
    /// AWS is in trouble: the delivery is tried again.
    #[error("the parameter store did not take part")]
    Stored(#[source] StoredSecretError),
    /// AWS is in trouble: the delivery is tried again.
    #[error("AWS issued no token")]
    WebIdentity(#[source] WebIdentityError),
}

/// A credential that is ready to be used.
pub(crate) struct Prepared<'a> {
    /// What the app signs in with.
    pub(crate) credential: Credential,
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
        let current = app.credentials.read(self.reference).await.map_err(unread)?;
        Ok(current.value.expose_secret() != self.secret.value.expose_secret())
    }
}

/// The credential of a connection.
pub(crate) async fn prepare<'a>(app: &App, runnable: &'a Runnable<'_>) -> Result<Prepared<'a>, CredentialError> {
    match &runnable.credential {
        UsableCredential::ClientSecret(reference) => {
            let secret = app.credentials.read(reference).await.map_err(unread)?;
            let credential = Credential::ClientSecret(Arc::clone(&secret.value));
            Ok(Prepared { credential, stored: Some(Stored { reference, secret }) })
        }
        UsableCredential::Certificate(reference, algorithm) => {
            let secret = app.credentials.read(reference).await.map_err(unread)?;
            let certificate = Certificate::parse(&secret.value, *algorithm).map_err(|error| {
                tracing::warn!(
                    connection.id = runnable.subject.connection_id.map(ConnectionId::get),
                    error = %runtime::Chain(&error),
                    "a connection's certificate cannot be used"
                );
                CredentialError::Unusable(Reason::ProviderCredentialInvalid)
            })?;
            let credential = Credential::Certificate(certificate);
            Ok(Prepared { credential, stored: Some(Stored { reference, secret }) })
        }
        UsableCredential::Federated => {
            let audience = runnable.app.cloud.endpoints().federation_audience;
            let assertion = app.web_identity.token(audience).await.map_err(|error| match error {
                WebIdentityError::Disabled(source) => {
                    tracing::error!(error = %runtime::Chain(&source), "the AWS account does not issue tokens: switch outbound web identity federation on");
                    CredentialError::Unusable(Reason::ProviderAwsFederationDisabled)
                }
                WebIdentityError::Refused(source) => {
                    tracing::error!(error = %runtime::Chain(&source), "AWS does not let the worker have a token");
                    CredentialError::Unusable(Reason::ProviderCredentialInvalid)
                }
                WebIdentityError::Unavailable(_) | WebIdentityError::Empty => CredentialError::WebIdentity(error),
            })?;
            Ok(Prepared { credential: Credential::Federated(assertion), stored: None })
        }
    }
}

fn unread(error: StoredSecretError) -> CredentialError {
    match error {
        StoredSecretError::Unusable(reason) => CredentialError::Unusable(reason),
        StoredSecretError::Unavailable(_) | StoredSecretError::GivenUp => CredentialError::Stored(error),
    }
}
