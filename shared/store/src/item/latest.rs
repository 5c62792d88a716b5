//! The latest completed run of an identity: what the next report names as its previous one, and what it is compared with.

use std::time::Duration;

use domain::fingerprint::Fingerprint;
use domain::id::RunId;
use domain::identity::RunIdentityHash;
use domain::naming::NamingDigest;
use domain::operation_run::{Completion, Outcome, RunHeader};
use domain::reason::ReasonCode;
use domain::report::{Overall, PreviousReport, VerifiedReport};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::digest;

/// The latest completed run of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// What its runs have in common.
    pub identity_hash: RunIdentityHash,
    /// The run, and the last verified report up to it.
    pub previous: PreviousReport,
    /// The report that its own is compared with, if there is one.
    pub compared_with: Option<RunId>,
    /// Why it never started, and what its report names, if it did not.
    pub blocked: Option<(ReasonCode, NamingDigest)>,
    /// When it ended.
    pub completed_at: Timestamp,
    /// When it expires, with its run and its report, in seconds since 1970.
    expires: i64,
}

impl Latest {
    /// The latest run, unless it has expired.
    pub(crate) fn live(self, now: Timestamp) -> Option<Self> {
        (now.as_seconds() < self.expires).then_some(self)
    }
}

/// The latest run in the state of its identity.
#[derive(Serialize, Deserialize)]
pub(crate) struct LatestPart {
    run_id: RunId,
    /// For people who look at the table.
    overall: Overall,
    completed_at: Timestamp,
    expires: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_with: Option<RunId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_verified: Option<VerifiedPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<BlockedPart>,
}

#[derive(Serialize, Deserialize)]
struct VerifiedPart {
    run_id: RunId,
    #[serde(with = "digest")]
    fingerprint: Fingerprint,
    #[serde(default, with = "digest::optional", skip_serializing_if = "Option::is_none")]
    naming: Option<NamingDigest>,
}

#[derive(Serialize, Deserialize)]
struct BlockedPart {
    reason_code: ReasonCode,
    #[serde(with = "digest")]
    naming: NamingDigest,
}

impl LatestPart {
    /// Of a run that has ended.
    pub(crate) fn of(run: &RunHeader, completion: &Completion, retention: Duration) -> Self {
        let PreviousReport { run_id, last_verified } = completion.as_previous(run.id);
        let verified = |VerifiedReport { run_id, fingerprint, naming }| VerifiedPart { run_id, fingerprint, naming };
        let blocked = match (&completion.outcome, &completion.report.naming) {
            (Outcome::Blocked { failure, .. }, Some(naming)) => {
                Some(BlockedPart { reason_code: failure.code.clone(), naming: naming.clone() })
            }
            (Outcome::Blocked { .. } | Outcome::Succeeded | Outcome::Failed(_) | Outcome::Interrupted { .. }, _) => {
                None
            }
        };
        Self {
            run_id,
            overall: completion.report.overall,
            completed_at: completion.completed_at,
            expires: (completion.completed_at + retention).as_seconds(),
            compared_with: completion.compared_with().map(|compared| compared.run_id),
            last_verified: last_verified.map(verified),
            blocked,
        }
    }

    /// The latest run of this identity.
    pub(super) fn into_latest(self, identity_hash: RunIdentityHash) -> Latest {
        let verified = |VerifiedPart { run_id, fingerprint, naming }| VerifiedReport { run_id, fingerprint, naming };
        Latest {
            identity_hash,
            previous: PreviousReport { run_id: self.run_id, last_verified: self.last_verified.map(verified) },
            compared_with: self.compared_with,
            blocked: self.blocked.map(|BlockedPart { reason_code, naming }| (reason_code, naming)),
            completed_at: self.completed_at,
            expires: self.expires,
        }
    }
}
