//! The latest completed run of an identity: what the next report names as its previous one.

use std::time::Duration;

use domain::fingerprint::Fingerprint;
use domain::id::RunId;
use domain::identity::RunIdentityHash;
use domain::naming::NamingDigest;
use domain::operation_run::{Completion, Outcome, RunHeader};
use domain::reason::ReasonCode;
use domain::report::{Overall, PreviousReport};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::digest;

/// The latest completed run of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// What its runs have in common.
    pub identity_hash: RunIdentityHash,
    /// The run and what its report says, in short.
    pub previous: PreviousReport,
    /// The report before its own, if there is one.
    pub previous_report_id: Option<RunId>,
    /// Why it never started, if it did not.
    pub blocked_by: Option<ReasonCode>,
    /// When it ended.
    pub completed_at: Timestamp,
    /// When it expires, with its run and its report, in seconds since 1970.
    ttl: i64,
}

impl Latest {
    /// The latest run, unless it has expired.
    pub(crate) fn live(self, now: Timestamp) -> Option<Self> {
        (now.as_seconds() < self.ttl).then_some(self)
    }
}

/// The latest run in the state of its identity.
#[derive(Serialize, Deserialize)]
pub(crate) struct LatestPart {
    run_id: RunId,
    #[serde(with = "digest")]
    fingerprint: Fingerprint,
    #[serde(default, with = "digest::optional", skip_serializing_if = "Option::is_none")]
    naming: Option<NamingDigest>,
    /// For people who look at the table.
    overall: Overall,
    completed_at: Timestamp,
    ttl: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_by: Option<ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_report_id: Option<RunId>,
}

impl LatestPart {
    /// Of a run that has ended.
    pub(crate) fn of(run: &RunHeader, completion: &Completion, retention: Duration) -> Self {
        Self {
            run_id: run.id,
            fingerprint: completion.report.fingerprint.clone(),
            naming: completion.report.naming.clone(),
            overall: completion.report.overall,
            completed_at: completion.completed_at,
            ttl: (completion.completed_at + retention).as_seconds(),
            blocked_by: match &completion.outcome {
                Outcome::Blocked { failure, .. } => Some(failure.code.clone()),
                Outcome::Succeeded | Outcome::Failed(_) | Outcome::Interrupted { .. } => None,
            },
            previous_report_id: completion.report.previous.as_ref().map(|previous| previous.run_id),
        }
    }

    /// The latest run of this identity.
    pub(super) fn into_latest(self, identity_hash: RunIdentityHash) -> Latest {
        Latest {
            identity_hash,
            previous: PreviousReport { run_id: self.run_id, fingerprint: self.fingerprint, naming: self.naming },
            previous_report_id: self.previous_report_id,
            blocked_by: self.blocked_by,
            completed_at: self.completed_at,
            ttl: self.ttl,
        }
    }
}
