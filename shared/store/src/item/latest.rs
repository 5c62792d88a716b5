//! The latest completed run of an identity: what the next report names as its previous one.

use std::time::Duration;

use domain::fingerprint::Fingerprint;
use domain::id::{RunId, TenantId};
use domain::identity::RunIdentityHash;
use domain::naming::NamingDigest;
use domain::operation_run::{Completion, Outcome, RunHeader};
use domain::reason::ReasonCode;
use domain::report::{Overall, PreviousReport};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::{self, Entity, Item, digest};
use crate::key;

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
}

#[derive(Serialize, Deserialize)]
pub(super) struct LatestItem {
    run_identity_hash: RunIdentityHash,
    run_id: RunId,
    #[serde(with = "digest")]
    fingerprint: Fingerprint,
    #[serde(default, with = "digest::optional", skip_serializing_if = "Option::is_none")]
    naming: Option<NamingDigest>,
    /// For people who look at the table.
    overall: Overall,
    completed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_by: Option<ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_report_id: Option<RunId>,
}

/// The item that makes a completed run the latest of its identity.
pub(crate) fn of_run(run: &RunHeader, tenant: TenantId, completion: &Completion, retention: Duration) -> Item {
    let body = LatestItem {
        run_identity_hash: run.identity_hash.clone(),
        run_id: run.id,
        fingerprint: completion.report.fingerprint.clone(),
        naming: completion.report.naming.clone(),
        overall: completion.report.overall,
        completed_at: completion.completed_at,
        blocked_by: match &completion.outcome {
            Outcome::Blocked { failure, .. } => Some(failure.code.clone()),
            Outcome::Succeeded | Outcome::Failed(_) | Outcome::Interrupted { .. } => None,
        },
        previous_report_id: completion.report.previous.as_ref().map(|previous| previous.run_id),
    };
    let mut item = item::build(Entity::Latest, &key::latest(tenant, &run.identity_hash), &body);
    item::expire(&mut item, completion.completed_at, retention);
    item
}

/// Reads the latest run of an identity.
pub(crate) fn to_latest(item: Item) -> Result<Latest, Damaged> {
    let stored: LatestItem = item::read(Entity::Latest, item)?;
    Ok(Latest {
        identity_hash: stored.run_identity_hash,
        previous: PreviousReport { run_id: stored.run_id, fingerprint: stored.fingerprint, naming: stored.naming },
        previous_report_id: stored.previous_report_id,
        blocked_by: stored.blocked_by,
        completed_at: stored.completed_at,
    })
}
