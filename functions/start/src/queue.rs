//! The queue between this function and the workers.

use aws_sdk_sqs::Client;
use domain::operation_run::RunHeader;
use domain::queue_message::QueueMessage;
use runtime::Chain;

/// The verification queue.
#[derive(Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Asks the workers to take a run that was just recorded. A message that cannot be sent is no failure of the start: the run is
    /// safe in the table, and whoever looks after queued runs sends the message again.
    pub(crate) async fn send(&self, run: &RunHeader) {
        let message = QueueMessage { run_id: run.id };
        // The group makes the queue fair: one workspace's many runs do not delay another's few.
        let group = run.workspace_id.to_string();
        let request =
            self.client.send_message().queue_url(&self.url).message_body(message.to_body()).message_group_id(group);
        if let Err(error) = request.send().await {
            tracing::error!(
                run.id = run.id.get(),
                error = %Chain(&error),
                "a run is recorded, but its message could not be sent"
            );
        }
    }
}
