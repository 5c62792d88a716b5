//! The message between start and worker: `{"v":1,"run_id":...}`. It points to the run and holds nothing else, so what the worker does
//! is decided from current data.

use serde::{Deserialize, Serialize};

use crate::id::RunId;

/// The version that this program writes and reads.
const VERSION: u32 = 1;

/// Asks a worker to take a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueMessage {
    /// The run.
    pub run_id: RunId,
}

/// Why a body is not a message for this program.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMessage {
    /// Not the JSON of a message.
    #[error("the message is not JSON of the form {{\"v\":1,\"run_id\":...}}")]
    Malformed(#[source] serde_json::Error),
    /// Written by another version.
    #[error("the message has version {0}, and this worker reads version {VERSION}")]
    UnknownVersion(u32),
}

impl InvalidMessage {
    /// What is wrong, in a word and without anything of the text.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            InvalidMessage::Malformed(_) => "malformed",
            InvalidMessage::UnknownVersion(_) => "unknown_version",
        }
    }
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    v: u32,
    run_id: RunId,
}

impl QueueMessage {
    /// The message's body.
    #[must_use]
    pub fn to_body(self) -> String {
        serde_json::to_string(&Body { v: VERSION, run_id: self.run_id }).expect("numbers have a JSON form")
    }

    /// Reads a message's body.
    ///
    /// # Errors
    /// [`InvalidMessage`]: it will never become readable, so it belongs in the dead-letter queue.
    pub fn parse(body: &str) -> Result<Self, InvalidMessage> {
        // The version first: a later one may look different altogether.
        let Version { v } = serde_json::from_str(body).map_err(InvalidMessage::Malformed)?;
        if v != VERSION {
            return Err(InvalidMessage::UnknownVersion(v));
        }
        let body: Body = serde_json::from_str(body).map_err(InvalidMessage::Malformed)?;
        Ok(Self { run_id: body.run_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_the_queue_and_others_are_told_apart() {
        let message = QueueMessage { run_id: "42".parse().expect("an id") };
        assert_eq!(message.to_body(), r#"{"v":1,"run_id":42}"#);
        assert_eq!(QueueMessage::parse(&message.to_body()).expect("readable"), message);
        assert!(matches!(QueueMessage::parse(r#"{"v":2,"runs":[1]}"#), Err(InvalidMessage::UnknownVersion(2))));
        for body in ["", "nonsense", "{}", "[]", r#"{"v":1}"#, r#"{"v":1,"run_id":0}"#, r#"{"v":1,"run_id":1,"x":1}"#] {
            assert!(matches!(QueueMessage::parse(body), Err(InvalidMessage::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_a_word() {
        let kind = |body: &str| QueueMessage::parse(body).expect_err(body).kind();
        assert_eq!((kind("nonsense"), kind(r#"{"v":2}"#)), ("malformed", "unknown_version"));
    }
}
