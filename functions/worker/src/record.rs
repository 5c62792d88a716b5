//! One record: from a delivery to what the queue is told.

use domain::queue_message::QueueMessage;
use domain::time::Timestamp;
use runtime::Chain;

use crate::app::App;
use crate::batch::{Delivery, Handled, count_failed};
use crate::execution::{self, Ended, ExecutionError};
use crate::visibility;

/// Handles one delivery, in an invocation that ends at `deadline`.
pub(crate) async fn handle(app: &App, delivery: Delivery, deadline: Timestamp) -> Handled {
    let message = match QueueMessage::parse(&delivery.body) {
        Ok(message) => message,
        Err(error) => {
            // It will never become readable: it is tried as often as the queue says and then kept in the dead-letter queue. Nothing of
            // its text is logged, which may hold anything.
            let (length, problem) = (delivery.body.len(), error.kind());
            tracing::error!(
                message.id = delivery.message_id,
                message.bytes = length,
                problem,
                "a message cannot be read"
            );
            return Handled::Failed;
        }
    };
    let run_id = message.run_id;
    let last = delivery.receive_count >= app.settings.max_receive_count;
    let hidden = visibility::until_the_lease_ends(app, &delivery, deadline);
    let (executed, ()) = tokio::join!(execution::execute(app, run_id, last, deadline), hidden);
    match executed {
        Ok(Ended::Settled) => Handled::Acknowledged,
        Ok(Ended::Open) => Handled::Failed,
        Ok(Ended::Later(delay)) => {
            visibility::after(app, &delivery, delay).await;
            Handled::Failed
        }
        Err(error) => {
            if let ExecutionError::Store(error) = &error {
                runtime::damage::tell_of(error);
            }
            tracing::error!(run.id = %run_id, error = %Chain(&error), "a run could not be executed");
            count_failed(app.clock.now());
            Handled::Failed
        }
    }
}
