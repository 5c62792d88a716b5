//! What a stored report found, check by check: the fields that its fingerprint covers. Texts, because a stored report may know
//! more words than this program.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

/// What the fingerprint covers of a check, besides its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How it ended.
    pub status: String,
    /// How bad a fail is.
    pub severity: String,
    /// Whether nothing should go on after a fail.
    pub blocking: bool,
    /// Why it ended so.
    pub reason_code: String,
}

/// The findings of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The report's fingerprint.
    pub fingerprint: Fingerprint,
    /// Each check by its key.
    pub checks: BTreeMap<String, Finding>,
}

#[derive(Deserialize)]
struct Document {
    fingerprint: Fingerprint,
    checks: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    #[serde(flatten)]
    finding: Finding,
}

impl Findings {
    /// Reads a report as it is stored.
    ///
    /// # Errors
    /// What is not the JSON of a report.
    pub fn read(report: &[u8]) -> Result<Self, serde_json::Error> {
        let Document { fingerprint, checks } = serde_json::from_slice(report)?;
        Ok(Self { fingerprint, checks: checks.into_iter().map(|row| (row.key, row.finding)).collect() })
    }
}
