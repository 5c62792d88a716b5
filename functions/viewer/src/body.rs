//! The bodies that only this function answers with.

use domain::acknowledgement::{Acknowledgement, previously};
use domain::bounds::Bounds;
use domain::change::ChangeIndicator;
use domain::finding::Findings;
use domain::freshness::Freshness;
use domain::id::ConnectionId;
use domain::operation_run::{OperationRun, RunState};
use domain::report::Overall;
use domain::time::Timestamp;
use serde::Serialize;
use store::StoredRun;
use web::acknowledgement::{AcknowledgementBody, PreviouslyAcknowledgedBody};
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
    acknowledgements: Vec<AcknowledgementBody<'a>>,
    previously_acknowledged: Vec<PreviouslyAcknowledgedBody<'a>>,
}

impl<'a> RunViewBody<'a> {
    /// The run as it is stored.
    ///
    /// # Errors
    /// A stored report that cannot be read.
    pub(crate) fn of(stored: &'a StoredRun, bounds: &Bounds, now: Timestamp) -> Result<Self, serde_json::Error> {
        let report = stored.report_json();
        let compared = stored.compared_report.as_deref();
        let (change_indicator, again) = match (&stored.run.state, report) {
            (RunState::Completed(completion), Some(report)) => {
                let indicator = ChangeIndicator::of(completion, report, compared)?;
                (Some(indicator), acknowledged_before(stored, report, now)?)
            }
            (RunState::Completed(_), None) | (RunState::Queued | RunState::Running(_), _) => (None, Vec::new()),
        };
        Ok(Self {
            run: RunBody::of(&stored.run, report)?,
            freshness: Freshness::of(&stored.run, bounds, now),
            change_indicator,
            acknowledgements: stored.acknowledgements.iter().map(AcknowledgementBody::from).collect(),
            previously_acknowledged: again.into_iter().map(PreviouslyAcknowledgedBody::from).collect(),
        })
    }
}

/// What of a report was acknowledged in earlier runs. Reading the report again is left out where nothing ever was.
fn acknowledged_before<'a>(
    stored: &'a StoredRun,
    report: &[u8],
    now: Timestamp,
) -> Result<Vec<&'a Acknowledgement>, serde_json::Error> {
    if stored.acknowledged_causes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(previously(stored.run.header.id, &Findings::read(report)?, &stored.acknowledged_causes, now))
}

/// A run as lists show it: without its report, but with what that comes to.
#[derive(Debug, Serialize)]
pub(crate) struct ListedRunBody<'a> {
    #[serde(flatten)]
    run: RunBody<'a>,
    freshness: Freshness,
    /// Null until the run is completed.
    overall: Option<Overall>,
}

impl<'a> ListedRunBody<'a> {
    /// The run as it is stored.
    pub(crate) fn of(run: &'a OperationRun, bounds: &Bounds, now: Timestamp) -> Self {
        let overall = match &run.state {
            RunState::Completed(completion) => Some(completion.report.overall),
            RunState::Queued | RunState::Running(_) => None,
        };
        Self { run: RunBody::without_report(run), freshness: Freshness::of(run, bounds, now), overall }
    }
}

/// A page of a list of runs.
#[derive(Debug, Serialize)]
pub(crate) struct RunListBody<'a> {
    pub(crate) runs: Vec<ListedRunBody<'a>>,
    /// Missing at the end, and only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_page_token: Option<String>,
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
