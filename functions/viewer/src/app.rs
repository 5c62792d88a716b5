//! What the function is made of. Made once at start-up and used by every request.

use std::time::Duration;

use domain::freshness::Bounds;
use runtime::{Chain, Environment, SettingError};
use store::{Settings, Store};

/// The function's parts.
#[derive(Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// The token's claim that identifies the user in memberships and entitlements.
    pub user_id_claim: String,
    /// What an active run's freshness is measured by.
    pub bounds: Bounds,
}

impl App {
    /// Makes the parts from the environment, and opens the connection to the table before the first request needs it.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub async fn wire(environment: &Environment) -> Result<Self, SettingError> {
        let aws = runtime::aws::config(environment)?;
        let visibility = environment.seconds("VISIBILITY_TIMEOUT_SECONDS")?;
        let settings = Settings {
            table: environment.text("TABLE_NAME")?,
            // This function writes nothing that could be kept.
            run_retention: Duration::ZERO,
            audit_retention: Duration::ZERO,
        };
        let app = Self {
            store: Store::new(aws_sdk_dynamodb::Client::new(&aws), settings),
            user_id_claim: environment.text("USER_ID_CLAIM")?,
            bounds: Bounds { visibility, run_deadline: environment.seconds("RUN_DEADLINE_SECONDS")? },
        };
        // Not fatal: the first request tries again, and says so if it fails too.
        if let Err(error) = app.store.warm_up().await {
            tracing::warn!(error = %Chain(&error), "the table did not answer at start-up");
        }
        Ok(app)
    }
}
