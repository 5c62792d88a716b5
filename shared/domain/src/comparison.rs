//! Which report a run's own is compared with: the last one before it that could see what it asked for.

use crate::id::RunId;
use crate::operation_run::{Completion, ReportDigest};
use crate::report::{PreviousReport, VerifiedReport};

impl Completion {
    /// What the report of this run is to the next one of the same identity.
    #[must_use]
    pub fn as_previous(&self, run_id: RunId) -> PreviousReport {
        let ReportDigest { fingerprint, naming, previous, .. } = self.report.clone();
        let last_verified = if self.outcome.is_verified() {
            Some(VerifiedReport { run_id, fingerprint, naming })
        } else {
            previous.and_then(|previous| previous.last_verified)
        };
        PreviousReport { run_id, last_verified }
    }

    /// The report that this one is compared with: of a check that could see, the last one before it that could, too.
    #[must_use]
    pub fn compared_with(&self) -> Option<&VerifiedReport> {
        let previous = self.report.previous.as_ref().filter(|_| self.outcome.is_verified())?;
        previous.last_verified.as_ref()
    }
}
