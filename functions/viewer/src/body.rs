//! The bodies that only this function answers with.

use domain::change::ChangeIndicator;
use domain::freshness::{Bounds, Freshness};
use domain::id::ConnectionId;
use domain::operation_run::RunState;
use domain::time::Timestamp;
use serde::Serialize;
use store::StoredRun;
use web::run::RunBody;

use crate::connection::ConnectionBody;

/// A run with what is derived from it when it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct RunViewBody<'a> {
    #[serde(flatten)]
    run: RunBody<'a>,
    freshness: Freshness,
    /// Null while there is no report to compare.
    change_indicator: Option<ChangeIndicator>,
}

impl<'a> RunViewBody<'a> {
    /// The run as it is stored.
    ///
    /// # Errors
    /// A stored report that cannot be read.
    pub(crate) fn of(stored: &'a StoredRun, bounds: Bounds, now: Timestamp) -> Result<Self, serde_json::Error> {
        let report = stored.report.as_deref();
        let previous = stored.previous_report.as_deref();
        let change_indicator = match (&stored.run.state, report) {
            (RunState::Completed(completion), Some(report)) => {
                Some(ChangeIndicator::of(&completion.report, report, previous)?)
            }
            (RunState::Completed(_), None) | (RunState::Queued | RunState::Running(_), _) => None,
        };
        let freshness = Freshness::of(&stored.run, bounds, now);
        Ok(Self { run: RunBody::of(&stored.run, report)?, freshness, change_indicator })
    }
}

/// The embedded view of a tenant.
#[derive(Debug, Serialize)]
pub(crate) struct LatestVerificationBody<'a> {
    pub(crate) state: ViewState,
    pub(crate) run: Option<RunViewBody<'a>>,
    pub(crate) can_start: CanStart,
}

/// What there is to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ViewState {
    /// Nothing was ever verified, or it has expired.
    Empty,
    /// A verification is active.
    InProgress,
    /// The newest verification is completed.
    Completed,
}

/// Whether the caller may start a verification of the default connection now. What preflight would say does not matter: a start
/// that is blocked tells its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct CanStart {
    pub(crate) allowed: bool,
    pub(crate) reason: Option<&'static str>,
}

impl CanStart {
    pub(crate) const YES: Self = Self { allowed: true, reason: None };

    pub(crate) fn no(reason: &'static str) -> Self {
        Self { allowed: false, reason: Some(reason) }
    }
}

/// The connections of a tenant.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionsBody<'a> {
    pub(crate) default_connection_id: Option<ConnectionId>,
    pub(crate) connections: Vec<ConnectionBody<'a>>,
}
