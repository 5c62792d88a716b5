//! The only crate that knows DynamoDB. Callers see the domain's types and, for each flow, an enum of the answers it can get; keys,
//! items, conditions, tokens and retries stay in here.
//!
//! Reads of the base table are strongly consistent and follow every page; keys that stay unprocessed are asked for again.

mod acknowledge;
mod audit_trail;
mod backoff;
mod batch_get;
mod beside;
mod cancellation;
mod claim;
mod completion;
mod damage;
mod directory;
mod error;
mod execution;
mod forget;
mod item;
mod key;
mod look_after;
mod permission_view;
mod query;
mod run_list;
mod run_view;
mod session_view;
mod start;
mod tenant_view;
#[cfg(test)]
mod testing;
mod transaction;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;

pub use acknowledge::Acknowledged;
pub use beside::{Beside, BesideRefused, KeyUse, SessionVersion};
pub use claim::{Claim, Returned};
pub use completion::{CompleteError, Completed, Origin, Saved};
pub use directory::{DirectoryCause, DirectoryError, DirectorySubject};
pub use error::{AwsError, Damaged, StoreError, Unreadable};
pub use execution::ExecutionData;
pub use forget::{Archived, Forgettable, Forgotten, Removed};
pub use item::acknowledgement::AcknowledgedCauses;
pub use item::inventory::StoredInventory;
pub use item::latest::Latest;
pub use item::slot::Slot;
pub use look_after::{ActiveEntry, FoundRun, Moved};
pub use permission_view::PermissionView;
pub use run_list::{Member, RunQuery};
pub use run_view::StoredRun;
pub use session_view::SessionView;
pub use start::{Deduplicated, Opened, StartData};
pub use tenant_view::TenantView;

/// What differs between deployments.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The table's name.
    pub table: String,
    /// How long a run and its report are kept after it ended.
    pub run_retention: Duration,
    /// How long audit events are kept.
    pub audit_retention: Duration,
    /// Told of each item that cannot be read and is left out of an answer that is about something else.
    pub damaged: fn(&Damaged),
}

impl Settings {
    /// For a store that nothing is written to, so that no retention counts.
    #[must_use]
    pub fn read_only(table: String, damaged: fn(&Damaged)) -> Self {
        Self { table, run_retention: Duration::ZERO, audit_retention: Duration::ZERO, damaged }
    }
}

/// The table.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    settings: Settings,
}

/// Tries of one request by the SDK, for throttling, server errors and lost answers.
const ATTEMPTS: u32 = 4;

/// The SDK's first wait. Its default of one second is longer than a caller of the API should wait for a whole answer.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The SDK's longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Reads at once: enough to hide their latency, few enough for the connection pool.
const SIDE_BY_SIDE: usize = 16;

impl Store {
    /// The table that `settings` name, through `client`'s connections but with the retries that fit it.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "the store takes the client over: nobody else is to send with it")]
    pub fn new(client: Client, settings: Settings) -> Self {
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
