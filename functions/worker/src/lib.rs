//! The worker takes messages from the queue, checks the connections that their runs are about, and writes what it found. Nothing of a
//! run is visible before its completing transaction, and a message is acknowledged only when its outcome is stored.

mod authority;
mod batch;
mod credential;
mod credential_cache;
mod execution;
mod provider;
mod record;
mod settings;
mod visibility;
mod web_identity;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_types::SdkConfig;
use domain::preflight::Rules;
use domain::time::Timestamp;
use runtime::{Clock, Environment, Failure, Frame};
use store::Store;

pub use credential_cache::{CredentialCache, StoredSecret, StoredSecretError};
pub use provider::Provider;
pub use settings::Settings;
pub use web_identity::{WebIdentity, WebIdentityError};

/// What one process of the worker holds: clients, rules and settings, made once.
pub struct App {
    /// The table.
    pub store: Store,
    /// The parameter store.
    pub credentials: CredentialCache,
    /// The issuer of the worker's own tokens, for federated connections.
    pub web_identity: WebIdentity,
    /// Entra and Graph.
    pub provider: Box<dyn Provider>,
    /// The queue, to change the visibility of what it delivered.
    pub queue: aws_sdk_sqs::Client,
    /// Preflight and links.
    pub rules: Rules,
    /// Numbers of the deployment.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
}

impl App {
    /// Makes the parts from the environment.
    ///
    /// # Errors
    /// A [`Failure`] that names the variable that is missing, malformed or does not fit the others.
    pub async fn wire(environment: &Environment) -> Result<Self, Failure> {
        let frame = Frame::writing(environment).await?;
        Ok(Self {
            credentials: CredentialCache::new(aws_sdk_ssm::Client::new(&frame.aws)),
            web_identity: WebIdentity::new(sts(&frame.aws, environment)),
            provider: Box::new(microsoft::Provider::new(&microsoft::Settings::parse(|name| {
                std::env::var(name).ok()
            })?)?),
            queue: aws_sdk_sqs::Client::new(&frame.aws),
            rules: frame.rules()?,
            settings: Settings::from(environment, &frame)?,
            clock: Clock::default(),
            store: frame.store,
        })
    }
}

/// The client for STS; `AWS_ENDPOINT_URL_STS` sends it elsewhere than the other clients.
fn sts(aws: &SdkConfig, environment: &Environment) -> aws_sdk_sts::Client {
    let mut config = aws_sdk_sts::config::Builder::from(aws);
    if let Some(endpoint) = environment.optional("AWS_ENDPOINT_URL_STS") {
        config = config.endpoint_url(endpoint);
    }
    aws_sdk_sts::Client::from_conf(config.build())
}

/// Handles one batch; `deadline` is the invocation's. The response names the records that failed.
pub async fn handle(app: &App, event: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
    let deliveries = batch::deliveries(event);
    app.credentials.expect(deliveries.len());
    // Boxed: with every call to the table and to Microsoft in it, the future is too large to be moved about.
    batch::each_alone(deliveries, |delivery| Box::pin(record::handle(app, delivery, deadline))).await
}
