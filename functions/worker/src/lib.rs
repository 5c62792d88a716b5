//! The worker takes messages from the queue, checks the connections that their runs are about, and writes what it found. Nothing of a
//! run is visible before its completing transaction, and a message is acknowledged only when its outcome is stored.

mod app;
mod authority;
mod batch;
mod credential;
mod credential_cache;
mod credential_error;
mod execution;
mod provider;
mod record;
mod settings;
mod stand_ins;
mod visibility;
mod web_identity;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::time::Timestamp;

pub use app::App;
pub use credential_cache::{CredentialCache, StoredSecret};
pub use credential_error::CredentialError;
pub use provider::Provider;
pub use settings::Settings;
pub use web_identity::WebIdentity;

/// Handles one batch; `deadline` is the invocation's. The response names the records that failed.
pub async fn handle(app: &App, event: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
    let deliveries = batch::deliveries(event);
    app.credentials.expect(deliveries.len());
    // Boxed: with every call to the table and to Microsoft in it, the future is too large to be moved about.
    batch::each_alone(deliveries, |delivery| Box::pin(record::handle(app, delivery, deadline))).await
}
