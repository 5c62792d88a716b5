//! The connections to AWS, or to whatever `AWS_ENDPOINT_URL` names.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::chain::Chain;
use crate::exit::{CommandError, Exit};

/// Long enough for any connection, short enough for a person who waits: the SDK has no such limits of its own.
const CONNECT: Duration = Duration::from_secs(5);

/// For one answer, of which the largest has 100 items.
const READ: Duration = Duration::from_secs(20);

/// Why nothing can be sent to AWS.
#[derive(Debug, thiserror::Error)]
enum SignedOut {
    #[error("AWS has no region here: set AWS_REGION, or the region of the profile (AWS_PROFILE)")]
    NoRegion,
    #[error(
        "nobody is signed in to AWS: set AWS_PROFILE after `aws sso login` or `aws login`, a profile's credential_process, or AWS_ACCESS_KEY_ID"
    )]
    NoCredentials(#[source] CredentialsError),
}

/// What every client is made of: the region and credentials of the environment. Both are looked for before anything else is done with them.
///
/// # Errors
/// [`CommandError`], a wrong use of the program, that says what is missing.
pub async fn config() -> Result<SdkConfig, CommandError> {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts);
    let config = config.load().await;
    let found = signed_in(&config).await.map_err(|error| CommandError::new(Exit::Usage, Chain(&error)))?;
    Ok(config.into_builder().credentials_provider(SharedCredentialsProvider::new(found)).build())
}

async fn signed_in(config: &SdkConfig) -> Result<Found, SignedOut> {
    config.region().ok_or(SignedOut::NoRegion)?;
    let provider = config.credentials_provider().expect("the default chain is always there");
    let first = provider.provide_credentials().await.map_err(SignedOut::NoCredentials)?;
    Ok(Found { first: Mutex::new(Some(first)), provider })
}

/// The credentials that were found when they were looked for, once, and from then on what their provider has: it may be a program that asks a
/// person. The clients share what they were given until it expires.
#[derive(Debug)]
struct Found {
    first: Mutex<Option<Credentials>>,
    provider: SharedCredentialsProvider,
}

impl ProvideCredentials for Found {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.provider.provide_credentials(),
        }
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.provider.fallback_on_interrupt()
    }
}
