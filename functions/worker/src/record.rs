//! One record: from a delivery to what the queue is told.

use std::time::Duration;

use domain::queue_message::QueueMessage;
use domain::time::Timestamp;

use runtime::Chain;

use crate::App;
use crate::batch::{Delivery, Handled};
use crate::execution::{self, Ended};

/// SQS hides a message for 12 hours at most.
const MAX_VISIBILITY: Duration = Duration::from_hours(12);

pub(crate) async fn handle(app: &App, delivery: Delivery, deadline: Timestamp) -> Handled {
    let message = match QueueMessage::parse(&delivery.body) {
        Ok(message) => message,
        Err(error) => {
            // It will never become readable: it is tried as often as the queue says and then kept in the dead-letter queue.
            tracing::error!(message.id = delivery.message_id, error = %Chain(&error), "a message cannot be read");
            return Handled::Failed;
        }
    };
    let run_id = message.run_id;
    let last = delivery.receive_count >= app.settings.max_receive_count;
    match execution::execute(app, run_id, last, deadline).await {
        Ok(Ended::Settled) => Handled::Acknowledged,
        Ok(Ended::Open) => Handled::Failed,
        Ok(Ended::Later(delay)) => {
            hide(app, &delivery, delay).await;
            Handled::Failed
        }
        Err(error) => {
            tracing::error!(run.id = %run_id, error = %Chain(&error), "a run could not be executed");
            Handled::Failed
        }
    }
}

/// Asks the queue to deliver the message again after `delay`, not after its usual visibility.
async fn hide(app: &App, delivery: &Delivery, delay: Duration) {
    // A second more than asked for: SQS counts whole seconds, and a message that comes early is delivered in vain.
    let seconds = i32::try_from(delay.min(MAX_VISIBILITY).as_secs() + 1).unwrap_or(i32::MAX);
    let change = app
        .queue
        .change_message_visibility()
        .queue_url(&app.settings.queue_url)
        .receipt_handle(&delivery.receipt_handle)
        .visibility_timeout(seconds)
        .send()
        .await;
    if let Err(error) = change {
        // The message comes back after the queue's own visibility: later than it should, but it comes.
        tracing::warn!(message.id = delivery.message_id, error = %Chain(&error), "a message's visibility was not changed");
    }
}
