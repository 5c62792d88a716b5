//! The operation run and its state machine: `queued -> running -> completed`. A state holds what it needs in its variant, and every
//! transition consumes the run, so a completed run without outcome and report does not exist.

use crate::bounds::Bounds;
pub use crate::failure::{Failure, Failures};
use crate::fingerprint::Fingerprint;
use crate::names::names;
use crate::naming::NamingDigest;
use crate::next_step::NextStep;
pub use crate::operation::Operation;
use crate::preflight::Block;
use crate::reason::Reason;
use crate::report::{Counts, Overall, PreviousReport, SealedReport};
pub use crate::run_header::{Initiator, RunHeader, RunTarget};
use crate::time::Timestamp;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRun {
    /// What never changes about it.
    pub header: RunHeader,
    /// Counts its changes; 1 when it is made.
    pub version: u64,
    /// Where it is.
    pub state: RunState,
}

/// Where a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "most runs that are read are completed")]
pub enum RunState {
    /// Made, and waiting for a worker.
    Queued,
    /// With a worker, or waiting to be tried again.
    Running(Attempt),
    /// Done for good.
    Completed(Completion),
}

/// One try of a worker. It holds the run until its lease ends; then another may claim it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// When the first try began.
    pub started_at: Timestamp,
    /// Until when nobody else may claim the run.
    pub lease_until: Timestamp,
    /// When it is to be tried again, after the provider was in trouble.
    pub retry_at: Option<Timestamp>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What came of it.
    pub outcome: Outcome,
    /// How many tries it took; 0 when it never started.
    pub attempts: u32,
    /// When the first try began; none when it never started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Timestamp,
    /// What its report says in short; the report itself is stored beside the run.
    pub report: ReportDigest,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Both gates passed and the permission inventory was refreshed.
    Succeeded,
    /// The check failed or could not be finished.
    Failed(Failures),
    /// Nothing could finish the run any more, so it was ended from outside.
    Interrupted {
        /// As people and lists see it.
        failure: Failure,
        /// Why it was ended.
        why: Interruption,
    },
    /// A prerequisite was missing.
    Blocked {
        /// What was missing.
        failure: Failure,
        /// What to do about it.
        next_steps: Vec<NextStep>,
    },
}

impl Outcome {
    /// What came of a check with this report.
    pub(crate) fn of(report: &SealedReport) -> Self {
        report.failures().cloned().map_or(Outcome::Succeeded, Outcome::Failed)
    }

    /// Whether the check could see what it asked for, so that it says something of the connection. It could not where it was blocked or
    /// interrupted, or where Microsoft gave no usable answer to something that a verification needs.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        match self {
            Outcome::Succeeded => true,
            Outcome::Failed(failures) => {
                !failures.as_slice().iter().any(|failure| Reason::is_of_nothing_seen(failure.code.as_str()))
            }
            Outcome::Interrupted { .. } | Outcome::Blocked { .. } => false,
        }
    }

    /// The first cause of a run that did not succeed.
    #[must_use]
    pub fn cause(&self) -> Option<&Failure> {
        self.failures().first()
    }

    /// The causes of a run that did not succeed.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        match self {
            Outcome::Succeeded => &[],
            Outcome::Failed(failures) => failures.as_slice(),
            Outcome::Interrupted { failure, .. } | Outcome::Blocked { failure, .. } => std::slice::from_ref(failure),
        }
    }
}

names! {
    /// Why a run was ended without a worker's word on it.
    Interruption: "an interruption" {
        /// Workers claimed it as often as a run may be claimed, and none finished it.
        AttemptsUsedUp = "attempts_used_up",
        /// It was active for longer than any run may be.
        DeadlinePassed = "deadline_passed",
        /// The queue delivers its message no more, and what the check is decided from could not be had.
        DeliveriesUsedUp = "deliveries_used_up",
        /// An operator ended it.
        Released = "released",
    }
}

/// What lists and links show of a report without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDigest {
    /// What it comes to.
    pub overall: Overall,
    /// How many checks ended how.
    pub counts: Counts,
    /// What it says, in short.
    pub fingerprint: Fingerprint,
    /// What it names, in short; none when an earlier program wrote it.
    pub naming: Option<NamingDigest>,
    /// The report before it.
    pub previous: Option<PreviousReport>,
}

impl From<&SealedReport> for ReportDigest {
    fn from(report: &SealedReport) -> Self {
        Self {
            overall: report.overall(),
            counts: report.counts(),
            fingerprint: report.fingerprint().clone(),
            naming: Some(report.naming().clone()),
            previous: report.previous().cloned(),
        }
    }
}

/// Why a transition is refused. The run is unchanged: a store that meets one has been overtaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IllegalTransition {
    /// Terminal runs never change.
    #[error("the run is completed and never changes again")]
    Completed,
    /// A worker holds it, or it waits for the provider.
    #[error("a worker holds the run until its lease ends, or it waits for the provider")]
    Held,
    /// Only a claimed run can be finished or given back.
    #[error("the run has not been claimed by a worker")]
    NotClaimed,
    /// The report is that of another run.
    #[error("the report belongs to another run")]
    ForeignReport,
}

impl OperationRun {
    /// A new run, waiting for a worker.
    #[must_use]
    pub fn queue(header: RunHeader) -> Self {
        Self { header, version: 1, state: RunState::Queued }
    }

    /// Whether it is queued or running.
    #[must_use]
    pub fn is_active(&self) -> bool {
        match self.state {
            RunState::Queued | RunState::Running(_) => true,
            RunState::Completed(_) => false,
        }
    }

    /// How many tries were begun.
    #[must_use]
    pub fn attempt_number(&self) -> u32 {
        match &self.state {
            RunState::Queued => 0,
            RunState::Running(attempt) => attempt.number,
            RunState::Completed(completion) => completion.attempts,
        }
    }

    /// A worker takes the run until `lease_until`: one that waits for a worker, or whose last worker's lease has ended, and its wait for the
    /// provider with it.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the run is completed or held.
    pub fn claim(self, now: Timestamp, lease_until: Timestamp, bounds: &Bounds) -> Result<Self, IllegalTransition> {
        let attempt = match &self.state {
            RunState::Queued => Attempt { number: 1, started_at: now, lease_until, retry_at: None },
            RunState::Running(last) if bounds.holds(last.lease_until, now) || bounds.waits(last.retry_at, now) => {
                return Err(IllegalTransition::Held);
            }
            RunState::Running(last) => {
                Attempt { number: last.number + 1, started_at: last.started_at, lease_until, retry_at: None }
            }
            RunState::Completed(_) => return Err(IllegalTransition::Completed),
        };
        Ok(self.becomes(RunState::Running(attempt)))
    }

    /// The worker gives its lease back, because the provider is in trouble, to be tried again at `retry_at`.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the run is not claimed.
    pub fn give_back(self, now: Timestamp, retry_at: Timestamp) -> Result<Self, IllegalTransition> {
        let attempt = self.attempt()?.clone();
        Ok(self.becomes(RunState::Running(Attempt { lease_until: now, retry_at: Some(retry_at), ..attempt })))
    }

    /// The check ended, and what came of it is what its report says.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the run is not claimed, or the report is another run's.
    pub fn finish(self, now: Timestamp, report: &SealedReport) -> Result<Self, IllegalTransition> {
        self.attempt()?;
        self.complete(now, Outcome::of(report), report)
    }

    /// A prerequisite is missing, before the start or at execution, and this is the report that says so.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the run is completed, or the report is another run's.
    pub fn block(self, now: Timestamp, block: &Block, report: &SealedReport) -> Result<Self, IllegalTransition> {
        let outcome = Outcome::Blocked { failure: block.reason.into(), next_steps: block.next_steps.clone() };
        self.complete(now, outcome, report)
    }

    /// Nothing will finish the run any more, whether a worker took it or not, and this is the report that says so.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the run is completed, or the report is another run's.
    pub fn interrupt(
        self,
        now: Timestamp,
        why: Interruption,
        report: &SealedReport,
    ) -> Result<Self, IllegalTransition> {
        self.complete(now, Outcome::Interrupted { failure: Reason::Interrupted.into(), why }, report)
    }

    fn complete(self, now: Timestamp, outcome: Outcome, report: &SealedReport) -> Result<Self, IllegalTransition> {
        let (attempts, started_at) = match &self.state {
            RunState::Queued => (0, None),
            RunState::Running(attempt) => (attempt.number, Some(attempt.started_at)),
            RunState::Completed(_) => return Err(IllegalTransition::Completed),
        };
        if report.run_id() != self.header.id {
            return Err(IllegalTransition::ForeignReport);
        }
        let report = report.into();
        Ok(self.becomes(RunState::Completed(Completion { outcome, attempts, started_at, completed_at: now, report })))
    }

    fn attempt(&self) -> Result<&Attempt, IllegalTransition> {
        match &self.state {
            RunState::Queued => Err(IllegalTransition::NotClaimed),
            RunState::Running(attempt) => Ok(attempt),
            RunState::Completed(_) => Err(IllegalTransition::Completed),
        }
    }

    fn becomes(self, state: RunState) -> Self {
        Self { version: self.version + 1, state, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::time::Duration;

    use super::*;
    use crate::check::{Check, Verdict};
    use crate::testing;

    /// Every state against every transition: what comes of it, in one table.
    #[test]
    fn every_state_meets_every_transition() {
        let now = testing::now();
        let lease = Duration::from_secs(65);
        let claim = |run: OperationRun, now| run.claim(now, now + lease, &testing::BOUNDS);
        let own = testing::seal(testing::passing_checks());
        let throttled = Check { verdict: Verdict::Fail(Reason::Throttled), ..testing::passing_checks()[0].clone() };
        let failed = testing::seal(vec![throttled]);
        let foreign =
            testing::seal_for(&RunHeader { id: testing::run_id(99), ..testing::header() }, testing::passing_checks());
        let queued = OperationRun::queue(testing::header());
        let held = claim(queued.clone(), now).expect("queued runs are claimed");
        let lapsed = claim(queued.clone(), now - lease - lease).expect("queued runs are claimed");
        let completed = held.clone().finish(now, &own).expect("claimed runs finish");

        let mut table = String::new();
        for (name, run) in [("queued", queued), ("held", held), ("lapsed", lapsed), ("completed", completed)] {
            let block = testing::block();
            let answers = [
                ("claim", claim(run.clone(), now)),
                ("give back", run.clone().give_back(now, now + lease)),
                ("finish", run.clone().finish(now, &own)),
                ("finish failed", run.clone().finish(now, &failed)),
                ("finish foreign", run.clone().finish(now, &foreign)),
                ("block", run.clone().block(now, &block, &own)),
                ("interrupt", run.clone().interrupt(now, Interruption::DeadlinePassed, &own)),
            ];
            for (transition, answer) in answers {
                let seen = match &answer {
                    Ok(OperationRun { state: RunState::Queued, .. }) => "queued".to_owned(),
                    Ok(OperationRun { state: RunState::Running(attempt), version, .. }) => {
                        format!(
                            "running, attempt {}, retry {}, version {version}",
                            attempt.number,
                            attempt.retry_at.is_some()
                        )
                    }
                    Ok(OperationRun { state: RunState::Completed(completion), version, .. }) => {
                        let outcome = match completion.outcome {
                            Outcome::Succeeded => "succeeded",
                            Outcome::Failed(_) => "failed",
                            Outcome::Interrupted { .. } => "interrupted",
                            Outcome::Blocked { .. } => "blocked",
                        };
                        format!("completed, {outcome}, attempts {}, version {version}", completion.attempts)
                    }
                    Err(refused) => format!("refused: {refused}"),
                };
                writeln!(table, "{name:9} {transition:14} -> {seen}").expect("a String takes every write");
            }
        }
        insta::assert_snapshot!("every_state_meets_every_transition", table);
    }

    #[test]
    fn a_run_is_active_until_it_ends_and_counts_its_tries() {
        let now = testing::now();
        let lease = Duration::from_secs(65);
        let claim = |run: &OperationRun, now| run.clone().claim(now, now + lease, &testing::BOUNDS).expect("claimable");
        let queued = OperationRun::queue(testing::header());
        let tried = claim(&queued, now - lease - lease);
        let tried_again = claim(&tried, now);
        let report = testing::seal(testing::passing_checks());
        let completed = tried_again.clone().finish(now, &report).expect("claimed runs finish");
        let told = [queued, tried, tried_again, completed].map(|run| (run.is_active(), run.attempt_number()));
        assert_eq!(told, [(true, 0), (true, 1), (true, 2), (false, 2)]);
    }

    #[test]
    fn every_outcome_but_success_has_causes_and_the_first_one_stands_for_it() {
        let [throttled, unknown, interrupted] =
            [Reason::Throttled, Reason::UnknownError, Reason::Interrupted].map(Failure::from);
        let several = vec![throttled.clone(), unknown];
        let failed = Outcome::Failed(Failures::stored(several.clone()).expect("causes"));
        let why = Interruption::Released;
        for (outcome, causes) in [
            (Outcome::Succeeded, Vec::new()),
            (failed, several),
            (Outcome::Interrupted { failure: interrupted.clone(), why }, vec![interrupted]),
            (Outcome::Blocked { failure: throttled.clone(), next_steps: Vec::new() }, vec![throttled]),
        ] {
            assert_eq!((outcome.failures(), outcome.cause()), (&causes[..], causes.first()), "{outcome:?}");
        }
    }
}
