//! What the function is made of. Made once at start-up and used by every request.

use runtime::{Chain, Environment, SettingError};
use store::{Settings, Store};

/// The function's parts.
#[derive(Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Where the token says who calls.
    pub claims: ClaimNames,
}

/// The token's claims that the function reads.
#[derive(Debug, Clone)]
pub struct ClaimNames {
    /// The claim that identifies the user in memberships and entitlements.
    pub user_id: String,
    /// The claim with a name for people.
    pub user_name: String,
    /// The claim with the user's address.
    pub user_email: String,
}

impl App {
    /// Makes the parts from the environment, and opens the connection to the table before the first request needs it.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub async fn wire(environment: &Environment) -> Result<Self, SettingError> {
        let aws = runtime::aws::config(environment)?;
        let settings = Settings {
            table: environment.text("TABLE_NAME")?,
            run_retention: environment.days("RUN_RETENTION_DAYS")?,
            audit_retention: environment.days("AUDIT_RETENTION_DAYS")?,
        };
        let app = Self {
            store: Store::new(aws_sdk_dynamodb::Client::new(&aws), settings),
            claims: ClaimNames {
                user_id: environment.text("USER_ID_CLAIM")?,
                user_name: environment.text("USER_NAME_CLAIM")?,
                user_email: environment.text("USER_EMAIL_CLAIM")?,
            },
        };
        // Not fatal: the first request tries again, and says so if it fails too.
        if let Err(error) = app.store.warm_up().await {
            tracing::warn!(error = %Chain(&error), "the table did not answer at start-up");
        }
        Ok(app)
    }
}
