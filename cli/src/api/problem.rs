//! What the API says when it refuses.

use serde::Deserialize;

use crate::text::Text;

/// A refusal: problem details (RFC 9457), or the gateway's own few words.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// A few words.
    pub title: Option<Text>,
    /// A sentence.
    pub detail: Option<Text>,
    /// What the gateway says, which knows no problem details.
    pub message: Option<Text>,
    /// Why.
    pub reason_code: Option<Text>,
    /// What to do about it.
    pub next_steps: Vec<Link>,
    /// The run that is in the way.
    pub active_run: Option<ActiveRun>,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Link {
    /// What.
    pub label: Text,
    /// Where.
    pub url: Text,
}

/// A run that is in the way.
#[derive(Debug, Deserialize)]
pub struct ActiveRun {
    /// Which.
    pub id: u64,
}

impl Problem {
    /// Reads what can be read: something between here and the API may have answered with anything.
    pub(super) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }
}
