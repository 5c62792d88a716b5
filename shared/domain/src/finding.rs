//! What a stored report found, check by check: the fields that its fingerprint covers, and what it names. Texts, because a stored report
//! may know more words than this program.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::evidence_limit;
use crate::fingerprint::Fingerprint;
use crate::naming::{Named, NamingDigest, named};

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

/// A finding with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the fingerprint covers.
    pub finding: Finding,
    /// What the check names.
    pub named: BTreeSet<Named>,
    /// Whether all of its evidence is there: a report that would be too large has lost some.
    pub is_whole: bool,
}

/// What an acknowledgement is about: a finding, what it names, and the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AboutWhat {
    /// What was found.
    pub finding: Finding,
    /// What it names and of which app. None when not all of it is known; that is the same as nothing else.
    pub naming: Option<NamingDigest>,
}

impl AboutWhat {
    /// Whether it is known to be the same again.
    #[must_use]
    pub fn is_again(&self, earlier: &Self) -> bool {
        self.naming.is_some() && self == earlier
    }
}

/// The findings of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The report's fingerprint.
    pub fingerprint: Fingerprint,
    /// The app that was verified, where the report says it.
    pub client_id: Option<String>,
    /// Each check by its key.
    pub checks: BTreeMap<String, Found>,
}

#[derive(Deserialize)]
struct Document {
    fingerprint: Fingerprint,
    #[serde(default)]
    identity: Identity,
    checks: Vec<Row>,
}

#[derive(Default, Deserialize)]
struct Identity {
    client_id: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    message: String,
    evidence: Vec<Named>,
    #[serde(flatten)]
    finding: Finding,
}

impl Findings {
    /// Reads a report as it is stored.
    ///
    /// # Errors
    /// What is not the JSON of a report.
    pub fn read(report: &[u8]) -> Result<Self, serde_json::Error> {
        let Document { fingerprint, identity, checks } = serde_json::from_slice(report)?;
        let found = |Row { key, message, evidence, finding }| {
            let named = named(evidence.into_iter());
            (key, Found { finding, named, is_whole: !evidence_limit::has_lost(&message) })
        };
        Ok(Self { fingerprint, client_id: identity.client_id, checks: checks.into_iter().map(found).collect() })
    }

    /// What an acknowledgement of a check is about; none when there is no such check.
    #[must_use]
    pub fn about(&self, check_key: &str) -> Option<AboutWhat> {
        let Found { finding, named, is_whole } = self.checks.get(check_key)?;
        let naming = || NamingDigest::of_check(self.client_id.as_deref(), check_key, named);
        Some(AboutWhat { finding: finding.clone(), naming: is_whole.then(naming) })
    }
}
