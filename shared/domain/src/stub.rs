//! The stub: the report of a run that could not be checked. It says why, and what to do about it, in a single blocking check.

use crate::check::{Check, CheckStatus};
use crate::checks::CONNECTION;
use crate::evidence::{Evidence, EvidenceKind};
use crate::preflight::Block;

/// The one check of a blocked run's report.
#[must_use]
pub fn stub(block: &Block) -> Vec<Check> {
    let pointer = block.connection_id.map(|id| Evidence::number(EvidenceKind::ProviderConnectionId, id));
    let check = Check::new(&CONNECTION, CheckStatus::Fail, block.reason, pointer.into_iter().collect());
    vec![Check { next_steps: block.next_steps.clone(), ..check }]
}
