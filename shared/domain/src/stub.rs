//! The stub: the report of a run that could not be checked. It says why in a single check: a blocking one with what to do about it
//! where a prerequisite is missing, and one that blocks nothing where the run was interrupted.

use crate::check::{Check, Verdict};
use crate::checks::CONNECTION;
use crate::evidence::{Evidence, EvidenceKind};
use crate::id::ConnectionId;
use crate::operation_run::RunHeader;
use crate::preflight::Block;
use crate::reason::Reason;

/// The one check of a blocked run's report.
#[must_use]
pub fn blocked(block: &Block) -> Vec<Check> {
    let check = Check::new(&CONNECTION, Verdict::Fail(block.reason), pointer(block.connection_id));
    vec![Check { next_steps: block.next_steps.clone(), ..check }]
}

/// The one check of an interrupted run's report: "could not verify", which is never a blocker and leaves nothing to mend.
#[must_use]
pub fn interrupted(run: &RunHeader) -> Vec<Check> {
    let evidence = pointer(run.target.connection_id);
    let check = Check::new(&CONNECTION, Verdict::Fail(Reason::Interrupted), evidence);
    vec![Check { blocking: false, ..check }]
}

fn pointer(connection: Option<ConnectionId>) -> Vec<Evidence> {
    connection.map(|id| Evidence::number(EvidenceKind::ProviderConnectionId, id)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::CheckKey;
    use crate::testing;

    #[test]
    fn an_interrupted_run_says_so_in_one_check_that_blocks_nothing() {
        let checks = interrupted(&testing::header());
        let told: Vec<_> = checks.iter().map(|check| (&check.key, check.verdict, check.blocking)).collect();
        assert_eq!(told, [(&CheckKey::CONNECTION, Verdict::Fail(Reason::Interrupted), false)]);
        let id = testing::connection().id;
        assert_eq!(checks[0].evidence, [Evidence::number(EvidenceKind::ProviderConnectionId, id)]);
        assert!(checks[0].next_steps.is_empty());
    }
}
