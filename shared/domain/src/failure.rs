//! Why a run did not succeed, as lists show it.

use crate::check::{Check, CheckKey, Verdict};
use crate::reason::{Reason, ReasonCode};

/// What a run needs to succeed: both gates, and the permission inventory.
const NEEDED: [CheckKey; 3] = [CheckKey::CONNECTION, CheckKey::TENANT_BINDING, CheckKey::INVENTORY];

/// A cause, and how often it occurred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its stable code.
    pub code: ReasonCode,
    /// A plain message without customer data.
    pub message: String,
    /// How many checks it stopped.
    pub count: u32,
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self { code: reason.into(), message: reason.text().message.to_owned(), count: 1 }
    }
}

/// The causes of a run that failed: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures(Vec<Failure>);

impl Failures {
    /// Why a run with these checks did not succeed: each reason once, with the number of checks that it stopped. None where it did:
    /// then every check that a run needs has passed.
    #[must_use]
    pub fn of(checks: &[Check]) -> Option<Self> {
        let passed = |key: &CheckKey| checks.iter().any(|check| check.key == *key && check.verdict == Verdict::Pass);
        if NEEDED.iter().all(passed) {
            return None;
        }
        let mut failures: Vec<Failure> = Vec::new();
        for reason in checks.iter().filter_map(|check| check.verdict.problem()) {
            match failures.iter_mut().find(|failure| failure.code == reason.into()) {
                Some(failure) => failure.count += 1,
                None => failures.push(reason.into()),
            }
        }
        // Checks that are not there at all have no reason of their own.
        Self::stored(failures).or_else(|| Some(Reason::InvalidState.into()))
    }

    /// Causes as they were stored; none when there are none, which is no failure.
    #[must_use]
    pub fn stored(failures: Vec<Failure>) -> Option<Self> {
        (!failures.is_empty()).then_some(Self(failures))
    }

    /// The causes, the first one first.
    #[must_use]
    pub fn as_slice(&self) -> &[Failure] {
        &self.0
    }
}

impl From<Reason> for Failures {
    fn from(reason: Reason) -> Self {
        Self(vec![reason.into()])
    }
}
