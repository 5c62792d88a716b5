//! What the functions wire alike: AWS, the table, the rules and the times, each from the environment.

use std::time::Duration;

use domain::bounds::Bounds;
use domain::credential_policy::CredentialPolicy;
use domain::manifest::Manifest;
use domain::next_step::Links;
use domain::preflight::Rules;
use store::{Store, StoreSettings};

use crate::environment::{Environment, SettingError};
use crate::logs::Chain;

/// The connection to the table is open within tens of milliseconds. A table that does not answer keeps no start-up waiting for longer than this.
const WARM_UP: Duration = Duration::from_millis(500);

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
        let settings = StoreSettings {
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
        Self::over(environment, StoreSettings::read_only(environment.text("TABLE_NAME")?, crate::damage::tell)).await
    }

    /// Opens the connection to the table before the first request needs it.
    async fn over(environment: &'a Environment, settings: StoreSettings) -> Result<Self, SettingError> {
        let aws = crate::aws::config(environment)?;
        let store = Store::new(aws_sdk_dynamodb::Client::new(&aws), settings);
        // Not fatal: the first request tries again, and says so if it fails too.
        match tokio::time::timeout(WARM_UP, store.warm_up()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = %Chain(&error), "the table did not answer at start-up"),
            Err(_elapsed) => tracing::warn!("the table did not answer at start-up in its time"),
        }
        Ok(Self { environment, aws, store })
    }

    /// Preflight and links: `STAGE`, `PLATFORM_APPS`, `CONSOLE_BASE_URL`, `CONSENT_REDIRECT_URI` and the manifest that was built in.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable, or the file of the manifest, that is missing or malformed.
    pub fn rules(&self) -> Result<Rules, SettingError> {
        let redirect_uri = self.environment.optional("CONSENT_REDIRECT_URI").unwrap_or_default();
        Ok(Rules {
            credentials: self.credentials()?,
            links: Links::new(self.environment.parsed("CONSOLE_BASE_URL")?, redirect_uri),
            manifest: Manifest::deployed()?,
        })
    }

    fn credentials(&self) -> Result<CredentialPolicy, SettingError> {
        let platform_apps = self.environment.optional("PLATFORM_APPS").unwrap_or_default();
        CredentialPolicy::new(self.environment.parsed("STAGE")?, &platform_apps)
            .map_err(|error| SettingError::Malformed { name: "PLATFORM_APPS", source: error.into() })
    }

    /// What active runs are measured by: `WORKER_TIMEOUT_SECONDS`, `PATIENCE_SECONDS`, `RUN_DEADLINE_SECONDS`.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed, or a deadline that nobody would keep.
    pub fn bounds(&self) -> Result<Bounds, SettingError> {
        bounds(self.environment)
    }
}

fn bounds(environment: &Environment) -> Result<Bounds, SettingError> {
    let bounds = Bounds {
        worker_timeout: environment.seconds("WORKER_TIMEOUT_SECONDS")?,
        patience: environment.seconds("PATIENCE_SECONDS")?,
        run_deadline: environment.seconds("RUN_DEADLINE_SECONDS")?,
    };
    if bounds.run_deadline < bounds.patience {
        let problem = format!("nobody looks after a run before {:?}", bounds.patience);
        return Err(SettingError::Unfit { name: "RUN_DEADLINE_SECONDS", problem });
    }
    Ok(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_before_anybody_looks_is_refused_by_name() {
        let with = |deadline: &'static str| {
            let value = move |name: &str| if name == "RUN_DEADLINE_SECONDS" { deadline } else { "60" };
            bounds(&Environment::new(move |name| Some(value(name).to_owned()))).map_err(|error| error.to_string())
        };
        assert!(with("60").is_ok());
        let early = "the environment variable RUN_DEADLINE_SECONDS cannot work: nobody looks after a run before 60s";
        assert_eq!(with("59"), Err(early.to_owned()));
    }
}
