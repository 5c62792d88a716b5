//! A queue with its dead-letter queue, as the template makes them, with times that suit a test.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;

/// The URLs of a fresh pair of queues.
#[derive(Clone, Debug)]
pub struct Queues {
    /// Where start sends and the worker receives.
    pub verifications: String,
    /// Where messages go that nobody could handle.
    pub dead_letters: String,
}

impl Queues {
    /// Creates an empty pair.
    ///
    /// # Errors
    /// When the endpoint refuses.
    pub async fn create(client: &Client, name: &str, visibility: Duration, max_receive_count: u32) -> Result<Self> {
        let dead_letters = create(client, &format!("{name}-dead"), &[]).await?;
        let arn = client
            .get_queue_attributes()
            .queue_url(&dead_letters)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .context("cannot read the dead-letter queue")?;
        let arn =
            arn.attributes().and_then(|all| all.get(&QueueAttributeName::QueueArn)).context("a queue has an ARN")?;
        let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": max_receive_count }).to_string();
        let attributes = [
            (QueueAttributeName::RedrivePolicy, redrive),
            (QueueAttributeName::VisibilityTimeout, visibility.as_secs().to_string()),
        ];
        Ok(Self { verifications: create(client, name, &attributes).await?, dead_letters })
    }
}

async fn create(client: &Client, name: &str, attributes: &[(QueueAttributeName, String)]) -> Result<String> {
    let mut request = client.create_queue().queue_name(name);
    for (attribute, value) in attributes {
        request = request.attributes(attribute.clone(), value);
    }
    let created = request.send().await.with_context(|| format!("cannot create the queue {name}"))?;
    created.queue_url.context("a created queue has a URL")
}

/// How many messages wait or are in flight.
///
/// # Errors
/// When the queue cannot be read.
pub async fn depth(client: &Client, queue_url: &str) -> Result<u32> {
    let visible = QueueAttributeName::ApproximateNumberOfMessages;
    let in_flight = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    let answer = client
        .get_queue_attributes()
        .queue_url(queue_url)
        .attribute_names(visible.clone())
        .attribute_names(in_flight.clone())
        .send()
        .await
        .context("cannot read the queue")?;
    let count = |name| -> Result<u32> {
        let text = answer.attributes().and_then(|all| all.get(name)).context("a queue has a depth")?;
        text.parse().context("a depth is a number")
    };
    Ok(count(&visible)? + count(&in_flight)?)
}
