//! The worker, called as Lambda calls it: batches of deliveries against the emulator and Microsoft's stand-in.

mod app_state;
mod asking;
mod authority;
mod calls;
mod credential_kinds;
mod credentials;
mod deliveries;
mod hostile_credentials;
mod last_delivery;
mod leases;
mod mixed_batches;
mod privacy;
mod propagation;
mod trouble;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::RunId;
use domain::queue_message::QueueMessage;
use domain::time::Timestamp;
use harness::scene::{Scene, now};
use store::StoredRun;

/// A delivery of a message about this run.
pub(crate) fn delivery(run: RunId, receive_count: u32) -> SqsMessage {
    message(&QueueMessage { run_id: run }.to_body(), receive_count)
}

fn message(body: &str, receive_count: u32) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(body.to_owned());
    message.receipt_handle = Some("receipt".to_owned());
    message.body = Some(body.to_owned());
    message.attributes = [("ApproximateReceiveCount".to_owned(), receive_count.to_string())].into();
    message
}

/// Hands a batch to the worker with a minute to go, and says which messages it reports as failed.
pub(crate) async fn deliver(app: &worker::App, messages: impl IntoIterator<Item = SqsMessage>) -> Vec<String> {
    deliver_until(app, messages, now() + std::time::Duration::from_mins(1)).await
}

/// The same, in an invocation that ends at this time.
async fn deliver_until(
    app: &worker::App,
    messages: impl IntoIterator<Item = SqsMessage>,
    deadline: Timestamp,
) -> Vec<String> {
    let mut event = SqsEvent::default();
    event.records = messages.into_iter().collect();
    let response = worker::handle(app, event, deadline).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

/// Lets the time pass for which a run waits for its provider.
pub(crate) async fn wait_is_over(scene: &Scene, run: RunId) {
    let client = aws_sdk_dynamodb::Client::new(&scene.sandbox.aws);
    let update = client.update_item().table_name(&scene.sandbox.table);
    let update = update.key("pk", AttributeValue::S(format!("RUN#{:016}", run.get())));
    let update = update.key("sk", AttributeValue::S("RUN".to_owned())).update_expression("SET retry_at = :now");
    let update = update.condition_expression("attribute_exists(retry_at)");
    update.expression_attribute_values(":now", AttributeValue::S(now().to_string())).send().await.expect("it waits");
}

pub(crate) async fn stored(scene: &Scene, run: RunId) -> StoredRun {
    scene.store.load_run_with_report(run, now()).await.expect("the table answers").expect("the run is stored")
}

pub(crate) fn report(stored: &StoredRun) -> serde_json::Value {
    serde_json::from_slice(stored.report_json().expect("a report")).expect("a report is JSON")
}
