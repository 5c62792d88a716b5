//! What the worker takes from its environment.

use std::time::Duration;

use runtime::{Environment, SettingError};

/// Numbers that the template fixes for queue and function alike.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The queue whose messages are delivered, to change their visibility.
    pub queue_url: String,
    /// After this many deliveries SQS moves a message to the dead-letter queue.
    pub max_receive_count: u32,
    /// The most time that one attempt spends on Microsoft.
    pub check_budget: Duration,
}

impl Settings {
    /// Reads `QUEUE_URL`, `MAX_RECEIVE_COUNT` and `CHECK_BUDGET_SECONDS`.
    ///
    /// # Errors
    /// [`SettingError`] with the name of the variable that is missing or malformed.
    pub fn from(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            queue_url: environment.text("QUEUE_URL")?,
            max_receive_count: environment.parsed("MAX_RECEIVE_COUNT")?,
            check_budget: environment.seconds("CHECK_BUDGET_SECONDS")?,
        })
    }
}
