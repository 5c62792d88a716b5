//! A batch of deliveries. Each is handled by itself, side by side with the others: a bad body, an error or a panic fails that record
//! alone, and nothing goes on after the invocation that the invocation does not wait for.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::join_all;
use runtime::Clock;
use runtime::metric::Metric;

/// One delivery of a message, as far as the worker needs it.
pub(crate) struct Delivery {
    /// The message's id, by which a failed record is reported.
    pub message_id: String,
    /// What changes this delivery's visibility.
    pub receipt_handle: String,
    /// 1 for the first delivery. Approximate, says SQS; it only decides when to stop trying.
    pub receive_count: u32,
    /// The message itself.
    pub body: String,
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handled {
    /// Its outcome is stored, here or by somebody else: the queue forgets it.
    Acknowledged,
    /// The queue delivers it again, or moves it to the dead-letter queue after the last time.
    Failed,
}

impl From<SqsMessage> for Delivery {
    /// A record without an id or receipt handle does not come from SQS; it is reported under an empty id, which fails the batch.
    fn from(message: SqsMessage) -> Self {
        let receives = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        Self {
            message_id: message.message_id.unwrap_or_default(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
            receive_count: receives.unwrap_or(1),
            body: message.body.unwrap_or_default(),
        }
    }
}

/// The deliveries of an event.
pub(crate) fn deliveries(event: SqsEvent) -> Vec<Delivery> {
    event.records.into_iter().map(Delivery::from).collect()
}

/// Handles every record of a batch and reports those that failed.
pub(crate) async fn each_alone<F>(deliveries: Vec<Delivery>, handle: impl Fn(Delivery) -> F) -> SqsBatchResponse
where
    F: Future<Output = Handled>,
{
    let records = deliveries.into_iter().map(|delivery| {
        let message_id = delivery.message_id.clone();
        // The closure may panic before it returns its future, so it runs inside of what is caught.
        let handled = AssertUnwindSafe(async { handle(delivery).await }).catch_unwind();
        async move {
            match handled.await {
                Ok(Handled::Acknowledged) => None,
                Ok(Handled::Failed) => Some(message_id),
                Err(_panic) => {
                    // The panic's text may hold anything; its hook has logged the place.
                    tracing::error!(message.id = message_id, "a record's handling panicked");
                    count_failed(Clock::default().now());
                    Some(message_id)
                }
            }
        }
    });
    let failed = join_all(records).await.into_iter().flatten();
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed.map(failure).collect();
    response
}

/// Counts a delivery of a run that our own trouble, not Microsoft's, kept from being handled.
pub(crate) fn count_failed(now: Timestamp) {
    Metric::one("Deliveries", "result", "failed").emit(now);
}

fn failure(message_id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message_id;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, body: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.body = Some(body.to_owned());
        message.attributes = [("ApproximateReceiveCount".to_owned(), "3".to_owned())].into();
        message
    }

    #[tokio::test]
    async fn a_panic_or_a_failure_fails_its_own_record_alone() {
        let mut event = SqsEvent::default();
        event.records = ["fine", "panic", "fail", "panic early"].map(|body| message(body, body)).into();
        let response = each_alone(deliveries(event), |delivery| {
            assert_eq!(delivery.receive_count, 3);
            assert_ne!(delivery.body, "panic early", "on purpose");
            async move {
                match delivery.body.as_str() {
                    "fine" => Handled::Acknowledged,
                    "fail" => Handled::Failed,
                    other => panic!("on purpose: {other}"),
                }
            }
        })
        .await;
        let failed: Vec<_> = response.batch_item_failures.iter().map(|it| it.item_identifier.as_str()).collect();
        assert_eq!(failed, ["panic", "fail", "panic early"]);
    }
}
