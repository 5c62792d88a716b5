//! The worker takes messages from the queue, checks the connections that their runs are about, and writes what it found. Nothing of a
//! run is visible before its completing transaction, and a message is acknowledged only when its outcome is stored.

mod authority;
mod batch;
mod completion;
mod credential_cache;
mod execution;
mod record;
mod settings;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::manifest::Manifest;
use domain::next_step::Links;
use domain::preflight::Rules;
use domain::time::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use microsoft::Provider;
use runtime::{Environment, Failure};
use store::Store;

pub use credential_cache::CredentialCache;
pub use settings::Settings;

/// What one process of the worker holds: clients, rules and settings, made once.
pub struct App {
    /// The table.
    pub store: Store,
    /// The parameter store.
    pub credentials: CredentialCache,
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
    /// Builds everything from the environment; nothing is sent anywhere yet.
    ///
    /// # Errors
    /// A [`Failure`] that names the variable that is missing or malformed.
    pub fn from(environment: &Environment) -> Result<Self, Failure> {
        let aws = runtime::aws::config(environment)?;
        let store = store::Settings {
            table: environment.text("TABLE_NAME")?,
            run_retention: environment.days("RUN_RETENTION_DAYS")?,
            audit_retention: environment.days("AUDIT_RETENTION_DAYS")?,
            visibility: environment.seconds("VISIBILITY_TIMEOUT_SECONDS")?,
        };
        let redirect_uri = environment.optional("CONSENT_REDIRECT_URI").unwrap_or_default();
        Ok(Self {
            store: Store::new(aws_sdk_dynamodb::Client::new(&aws), store),
            credentials: CredentialCache::new(aws_sdk_ssm::Client::new(&aws)),
            provider: Provider::new(&microsoft::Settings::parse(|name| std::env::var(name).ok())?)?,
            queue: aws_sdk_sqs::Client::new(&aws),
            rules: Rules {
                stage: environment.parsed("STAGE")?,
                links: Links::new(environment.parsed("CONSOLE_BASE_URL")?, redirect_uri),
                manifest: Manifest::built_in(),
            },
            settings: Settings::from(environment)?,
        })
    }
}

/// Takes batches from Lambda until the process ends.
///
/// # Errors
/// When Lambda's runtime interface is gone.
pub async fn serve(app: App) -> Result<(), Failure> {
    let app = &app;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let deadline = Timestamp::from(event.context.deadline());
        Ok::<_, Failure>(handle(app, event.payload, deadline).await)
    }))
    .await
}

/// Handles one batch; `deadline` is the invocation's. The response names the records that failed.
pub async fn handle(app: &App, event: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
    batch::each_alone(event, |delivery| record::handle(app, delivery, deadline)).await
}
