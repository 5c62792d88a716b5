//! The words for where a run is, used in the table, the API and its filters alike.

use crate::names::names;
use crate::operation_run::{OperationRun, Outcome, RunState};

names! {
    /// Where a run is.
    RunStatus: "a run status" {
        /// Waits for a worker.
        Queued = "queued",
        /// With a worker, or waiting to be tried again.
        Running = "running",
        /// Done for good.
        Completed = "completed",
    }
}

names! {
    /// What came of a run. `partially_succeeded` and `cancelled` are reserved.
    RunOutcome: "a run outcome" {
        /// Not completed.
        Pending = "pending",
        /// Both gates passed and the inventory was refreshed.
        Succeeded = "succeeded",
        /// The check failed or could not be finished.
        Failed = "failed",
        /// A prerequisite was missing.
        Blocked = "blocked",
    }
}

impl OperationRun {
    /// Where it is, in a word.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        match self.state {
            RunState::Queued => RunStatus::Queued,
            RunState::Running(_) => RunStatus::Running,
            RunState::Completed(_) => RunStatus::Completed,
        }
    }

    /// What came of it, in a word.
    #[must_use]
    pub fn outcome(&self) -> RunOutcome {
        match &self.state {
            RunState::Queued | RunState::Running(_) => RunOutcome::Pending,
            RunState::Completed(completion) => match completion.outcome {
                Outcome::Succeeded => RunOutcome::Succeeded,
                Outcome::Failed(_) | Outcome::Interrupted { .. } => RunOutcome::Failed,
                Outcome::Blocked { .. } => RunOutcome::Blocked,
            },
        }
    }
}
