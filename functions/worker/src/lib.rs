//! The worker takes messages from the queue, checks the connections that their runs are about, and writes what it found. Nothing of a
//! run is visible before its completing transaction, and a message is acknowledged only when its outcome is stored.

mod authority;
mod batch;
mod completion;
mod credential;
mod credential_cache;
mod execution;
mod record;
mod settings;
mod web_identity;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_types::SdkConfig;
use domain::next_step::Links;
use domain::preflight::Rules;
use domain::time::Timestamp;
use microsoft::Provider;
use runtime::{Chain, Environment, Failure};
use store::Store;

pub use credential_cache::{CredentialCache, StoredSecretError};
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
    pub provider: Provider,
    /// The queue, to change the visibility of what it delivered.
    pub queue: aws_sdk_sqs::Client,
    /// Preflight and links.
    pub rules: Rules,
    /// Numbers of the deployment.
    pub settings: Settings,
}

impl App {
    /// Makes the parts from the environment, and opens the connection to the table before the first message needs it.
    ///
    /// # Errors
    /// A [`Failure`] that names the variable that is missing or malformed.
    pub async fn wire(environment: &Environment) -> Result<Self, Failure> {
        let aws = runtime::aws::config(environment)?;
        let store = store::Settings {
            table: environment.text("TABLE_NAME")?,
            run_retention: environment.days("RUN_RETENTION_DAYS")?,
            audit_retention: environment.days("AUDIT_RETENTION_DAYS")?,
        };
        let redirect_uri = environment.optional("CONSENT_REDIRECT_URI").unwrap_or_default();
        let app = Self {
            store: Store::new(aws_sdk_dynamodb::Client::new(&aws), store),
            credentials: CredentialCache::new(aws_sdk_ssm::Client::new(&aws)),
            web_identity: WebIdentity::new(sts(&aws, environment)),
            provider: Provider::new(&microsoft::Settings::parse(|name| std::env::var(name).ok())?)?,
            queue: aws_sdk_sqs::Client::new(&aws),
            rules: Rules {
                stage: environment.parsed("STAGE")?,
                links: Links::new(environment.parsed("CONSOLE_BASE_URL")?, redirect_uri),
                manifest: runtime::manifest(environment)?,
            },
            settings: Settings::from(environment)?,
        };
        // Not fatal: the first message tries again, and says so if it fails too.
        if let Err(error) = app.store.warm_up().await {
            tracing::warn!(error = %Chain(&error), "the table did not answer at start-up");
        }
        Ok(app)
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
    // Boxed: with every call to the table and to Microsoft in it, the future is too large to be moved about.
    batch::each_alone(event, |delivery| Box::pin(record::handle(app, delivery, deadline))).await
}
