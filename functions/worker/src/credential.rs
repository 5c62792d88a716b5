//! The credential of one run, ready to be used: read from the parameter store, or a token of our own from AWS.

use domain::credential::{CredentialReference, UsableCredential};
use domain::id::ConnectionId;
use domain::preflight::Runnable;
use domain::reason::Reason;
use microsoft::{Certificate, Credential};

use crate::App;
use crate::credential_cache::StoredSecretError;
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

/// The credential of a connection, and the parameter that it came from.
pub(crate) async fn prepare<'a>(
    app: &App,
    runnable: &'a Runnable<'_>,
) -> Result<(Credential, Option<&'a CredentialReference>), CredentialError> {
    match &runnable.credential {
        UsableCredential::ClientSecret(reference) => {
            let secret = app.credentials.read(reference).await.map_err(stored)?;
            Ok((Credential::ClientSecret(secret), Some(reference)))
        }
        UsableCredential::Certificate(reference, algorithm) => {
            let secret = app.credentials.read(reference).await.map_err(stored)?;
            let certificate = Certificate::parse(&secret, *algorithm).map_err(|error| {
                tracing::warn!(
                    connection.id = runnable.subject.connection_id.map(ConnectionId::get),
                    error = %runtime::Chain(&error),
                    "a connection's certificate cannot be used"
                );
                CredentialError::Unusable(Reason::ProviderCredentialInvalid)
            })?;
            Ok((Credential::Certificate(certificate), Some(reference)))
        }
        UsableCredential::Federated => {
            let audience = runnable.app.cloud.endpoints().federation_audience;
            let assertion = app.web_identity.token(audience).await.map_err(|error| match error {
                WebIdentityError::Refused(source) => {
                    tracing::error!(error = %runtime::Chain(&source), "AWS does not let the worker have a token");
                    CredentialError::Unusable(Reason::ProviderCredentialInvalid)
                }
                WebIdentityError::Unavailable(_) | WebIdentityError::Empty => CredentialError::WebIdentity(error),
            })?;
            Ok((Credential::Federated(assertion), None))
        }
    }
}

pub(crate) fn stored(error: StoredSecretError) -> CredentialError {
    match error {
        StoredSecretError::Unusable(reason) => CredentialError::Unusable(reason),
        StoredSecretError::Unavailable(_) => CredentialError::Stored(error),
    }
}
