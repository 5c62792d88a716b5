//! What the functions wire alike: AWS, the table, the rules and the times, each from the environment.

use domain::bounds::Bounds;
use domain::next_step::Links;
use domain::preflight::Rules;
use store::{Settings, Store};

use crate::environment::{Environment, SettingError};
use crate::logs::Chain;

/// The parts that functions have in common.
#[derive(Debug)]
pub struct Frame<'a> {
    environment: &'a Environment,
    /// For clients of AWS.
    pub aws: aws_types::SdkConfig,
    /// The table, whose connection is open.
    pub store: Store,
}

impl<'a> Frame<'a> {
    /// For a function that writes: what it writes is kept for as long as the environment says.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub async fn writing(environment: &'a Environment) -> Result<Self, SettingError> {
        let settings = Settings {
            table: environment.text("TABLE_NAME")?,
            run_retention: environment.days("RUN_RETENTION_DAYS")?,
            audit_retention: environment.days("AUDIT_RETENTION_DAYS")?,
            damaged: crate::damage::tell,
        };
        Self::over(environment, settings).await
    }

    /// For a function that reads alone.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub async fn reading(environment: &'a Environment) -> Result<Self, SettingError> {
        Self::over(environment, Settings::read_only(environment.text("TABLE_NAME")?, crate::damage::tell)).await
    }

    /// Opens the connection to the table before the first request needs it.
    async fn over(environment: &'a Environment, settings: Settings) -> Result<Self, SettingError> {
        let aws = crate::aws::config(environment)?;
        let store = Store::new(aws_sdk_dynamodb::Client::new(&aws), settings);
        // Not fatal: the first request tries again, and says so if it fails too.
        if let Err(error) = store.warm_up().await {
            tracing::warn!(error = %Chain(&error), "the table did not answer at start-up");
        }
        Ok(Self { environment, aws, store })
    }

    /// Preflight and links: `STAGE`, `CONSOLE_BASE_URL`, `CONSENT_REDIRECT_URI` and the operator's manifest.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub fn rules(&self) -> Result<Rules, SettingError> {
        let redirect_uri = self.environment.optional("CONSENT_REDIRECT_URI").unwrap_or_default();
        Ok(Rules {
            stage: self.environment.parsed("STAGE")?,
            links: Links::new(self.environment.parsed("CONSOLE_BASE_URL")?, redirect_uri),
            manifest: crate::manifest(self.environment)?,
        })
    }

    /// What active runs are measured by: `WORKER_TIMEOUT_SECONDS`, `PATIENCE_SECONDS`, `RUN_DEADLINE_SECONDS`.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub fn bounds(&self) -> Result<Bounds, SettingError> {
        Ok(Bounds {
            worker_timeout: self.environment.seconds("WORKER_TIMEOUT_SECONDS")?,
            patience: self.environment.seconds("PATIENCE_SECONDS")?,
            run_deadline: self.environment.seconds("RUN_DEADLINE_SECONDS")?,
        })
    }
}
