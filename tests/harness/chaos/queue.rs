//! The queue as SQS keeps it: at least once, hidden while somebody has it, among the dead letters after the last time.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::wire::Answer;

/// Its address.
pub(super) const URL: &str = "http://queue.chaos/verifications";

/// The template's `VisibilityTimeout`.
const VISIBILITY: Duration = Duration::from_mins(6);

/// The template's `MaxReceiveCount`.
pub(super) const RECEIVES: u32 = 5;

/// The most messages of a batch.
const BATCH: usize = 10;

/// The messages.
#[derive(Default)]
pub(super) struct Queue {
    messages: Vec<Message>,
    sent: u64,
    pub(super) dead_letters: u32,
}

#[derive(Debug, Clone)]
struct Message {
    id: String,
    body: String,
    receives: u32,
    visible_at: Instant,
}

/// A message as somebody received it.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) id: String,
    pub(super) receipt: String,
    pub(super) body: String,
    pub(super) receives: u32,
}

impl Queue {
    /// Answers a call of the API.
    pub(super) fn perform(&mut self, operation: &str, request: &Value) -> Answer {
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        let body = match operation {
            "SendMessage" => {
                let id = self.send(text("MessageBody"));
                json!({ "MessageId": id, "MD5OfMessageBody": "" })
            }
            "GetQueueAttributes" => {
                let waiting = self.messages.iter().filter(|message| message.visible_at <= Instant::now()).count();
                json!({ "Attributes": { "ApproximateNumberOfMessages": waiting.to_string() } })
            }
            "ChangeMessageVisibility" => {
                let seconds = request["VisibilityTimeout"].as_u64().expect("the time is a number of seconds");
                let receipt = text("ReceiptHandle");
                // The receipt of an earlier delivery changes nothing.
                if let Some(message) = self.messages.iter_mut().find(|message| message.receipt() == receipt) {
                    message.visible_at = Instant::now() + Duration::from_secs(seconds);
                }
                json!({})
            }
            other => panic!("no function calls {other}"),
        };
        Answer { status: 200, body }
    }

    fn send(&mut self, body: String) -> String {
        self.sent += 1;
        let id = format!("message-{}", self.sent);
        self.messages.push(Message { id: id.clone(), body, receives: 0, visible_at: Instant::now() });
        id
    }

    /// Takes visible messages, at most so many.
    pub(super) fn receive(&mut self, most: usize) -> Vec<Received> {
        let now = Instant::now();
        let (exhausted, kept) = self
            .messages
            .drain(..)
            .partition::<Vec<_>, _>(|message| message.visible_at <= now && message.receives >= RECEIVES);
        self.messages = kept;
        self.dead_letters += u32::try_from(exhausted.len()).unwrap_or(u32::MAX);
        let visible = self.messages.iter_mut().filter(|message| message.visible_at <= now).take(most.min(BATCH));
        let receive = |message: &mut Message| {
            message.receives += 1;
            message.visible_at = now + VISIBILITY;
            let receipt = message.receipt();
            Received { id: message.id.clone(), receipt, body: message.body.clone(), receives: message.receives }
        };
        visible.map(receive).collect()
    }

    /// Delivers again what somebody has: at least once is all that SQS promises.
    pub(super) fn forget_who_has_what(&mut self) {
        self.messages.iter_mut().for_each(|message| message.visible_at = Instant::now());
    }

    /// Forgets a message.
    pub(super) fn delete(&mut self, id: &str) {
        self.messages.retain(|message| message.id != id);
    }

    /// Whether nothing is left to deliver.
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

impl Message {
    /// Changes with every delivery.
    fn receipt(&self) -> String {
        format!("{}/{}", self.id, self.receives)
    }
}
