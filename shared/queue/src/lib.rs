//! The only crate that sends to the verification queue: who has recorded a run, and who looks after runs, ask the workers here to
//! take it.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::get_queue_attributes::GetQueueAttributesError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use aws_sdk_sqs::types::QueueAttributeName;
use domain::operation_run::RunHeader;
use domain::queue_message::QueueMessage;

/// The verification queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

/// Why the queue did not take part.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// A message was not taken, or it is not known whether it was.
    #[error("the queue did not take a message")]
    Send(#[source] Box<SdkError<SendMessageError>>),
    /// Its length is not known.
    #[error("the queue does not say how long it is")]
    Length(#[source] Option<Box<SdkError<GetQueueAttributesError>>>),
}

impl Queue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Asks the workers to take a run.
    ///
    /// # Errors
    /// [`QueueError::Send`]: the run is safe in the table all the same, and whoever looks after runs sends the message again.
    pub async fn send(&self, run: &RunHeader) -> Result<(), QueueError> {
        let message = QueueMessage { run_id: run.id };
        let request = self.client.send_message().queue_url(&self.url).message_body(message.to_body());
        let sent = request.message_group_id(group(run)).send().await;
        sent.map(drop).map_err(|error| QueueError::Send(Box::new(error)))
    }

    /// About how many messages wait to be taken.
    ///
    /// # Errors
    /// [`QueueError::Length`] when the queue does not say.
    pub async fn length(&self) -> Result<usize, QueueError> {
        let waiting = QueueAttributeName::ApproximateNumberOfMessages;
        let request = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(waiting.clone());
        let answer = request.send().await.map_err(|error| QueueError::Length(Some(Box::new(error))))?;
        let length = answer.attributes.as_ref().and_then(|attributes| attributes.get(&waiting));
        length.and_then(|length| length.parse().ok()).ok_or(QueueError::Length(None))
    }
}

/// SQS tells workspaces apart by the group: where one has many messages under way, those of the others are given first. OPERATIONS.md,
/// "Fair shares".
fn group(run: &RunHeader) -> String {
    run.workspace_id.to_string()
}
