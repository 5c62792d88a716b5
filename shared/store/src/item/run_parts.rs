//! The maps inside a run's item.

use domain::operation_run::Failure;
use domain::reason::ReasonCode;
use domain::report::Counts;
use serde::{Deserialize, Serialize};

/// One entry of the failure summary.
#[derive(Serialize, Deserialize)]
pub(crate) struct FailureMap {
    code: ReasonCode,
    message: String,
    count: u32,
}

impl From<&Failure> for FailureMap {
    fn from(failure: &Failure) -> Self {
        Self { code: failure.code.clone(), message: failure.message.clone(), count: failure.count }
    }
}

impl From<FailureMap> for Failure {
    fn from(stored: FailureMap) -> Self {
        Self { code: stored.code, message: stored.message, count: stored.count }
    }
}

/// The summary counts.
#[derive(Serialize, Deserialize)]
pub(crate) struct CountsMap {
    total: u32,
    pass: u32,
    fail: u32,
    warn: u32,
    skip: u32,
    running: u32,
}

impl From<Counts> for CountsMap {
    fn from(counts: Counts) -> Self {
        let Counts { total, pass, fail, warn, skip, running } = counts;
        Self { total, pass, fail, warn, skip, running }
    }
}

impl From<CountsMap> for Counts {
    fn from(stored: CountsMap) -> Self {
        let CountsMap { total, pass, fail, warn, skip, running } = stored;
        Self { total, pass, fail, warn, skip, running }
    }
}
