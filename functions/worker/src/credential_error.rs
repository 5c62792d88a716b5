//! Why there is no credential to use. What comes of it is one of two things, whatever the cause.

use std::error::Error;
use std::sync::Arc;

use domain::reason::Reason;

/// Why there is no credential to use.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CredentialError {
    /// Somebody has to mend it: the run is blocked for this reason.
    #[error("the credential cannot be used: {}", .0.code())]
    Unusable(Reason),
    /// AWS is in trouble: the delivery is tried again.
    #[error("AWS did not give the credential")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
}

impl CredentialError {
    /// It passes by itself.
    pub(crate) fn unavailable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Arc::new(cause))
    }
}
