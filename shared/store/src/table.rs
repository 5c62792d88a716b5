//! The table: its client with the retries that fit it, and what differs between deployments.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;

use crate::error::{Damaged, StoreError};
use crate::key;

/// What differs between deployments.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// The table's name.
    pub table: String,
    /// How long a run and its report are kept after it ended.
    pub run_retention: Duration,
    /// How long audit events are kept.
    pub audit_retention: Duration,
    /// Told of each item that cannot be read and is left out of an answer that is about something else.
    pub damaged: fn(&Damaged),
}

impl StoreSettings {
    /// For a store that nothing is written to, so that no retention counts.
    #[must_use]
    pub fn read_only(table: String, damaged: fn(&Damaged)) -> Self {
        Self { table, run_retention: Duration::ZERO, audit_retention: Duration::ZERO, damaged }
    }
}

/// The table.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) settings: StoreSettings,
}

/// Tries of one request by the SDK, for throttling, server errors and lost answers.
const ATTEMPTS: u32 = 4;

/// The SDK's first wait. Its default of one second is longer than a caller of the API should wait for a whole answer.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The SDK's longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Reads at once: enough to hide their latency, few enough for the connection pool.
#[cfg(feature = "administration")]
pub(crate) const SIDE_BY_SIDE: usize = 16;

impl Store {
    /// The table that `settings` name, through `client`'s connections but with the retries that fit it.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "the store takes the client over: nobody else is to send with it")]
    pub fn new(client: Client, settings: StoreSettings) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_WAIT)
            .with_max_backoff(LONGEST_WAIT);
        let config = client.config().to_builder().retry_config(retries).build();
        Self { client: Client::from_conf(config), settings }
    }

    /// Opens the connection before the first request needs it, by asking for an item that does not exist.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer: worth a line in the log, nothing more.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        self.batch_get(vec![key::nobody()]).await.map(drop)
    }
}
