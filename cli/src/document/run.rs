//! Runs, alone and in lists.

use serde::Deserialize;

use super::change::{Acknowledgement, Change, Earlier};
use crate::api::Link;
use crate::report::Report;
use crate::text::Text;

/// A run. What only some answers have is optional or empty.
#[derive(Debug, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: u64,
    /// Its workspace.
    pub workspace_id: u64,
    /// Its tenant; none for runs of the platform itself.
    pub tenant_id: Option<u64>,
    /// What it does.
    #[serde(rename = "type")]
    pub operation: Text,
    /// `queued`, `running` or `completed`.
    pub status: Text,
    /// `pending` until it is completed.
    pub outcome: Text,
    /// Who started it.
    pub initiator: Initiator,
    /// What it is about.
    pub context: Context,
    /// What failed.
    #[serde(default)]
    pub failure_summary: Vec<Failure>,
    /// When it was made.
    pub created_at: Text,
    /// When a worker took it first.
    pub started_at: Option<Text>,
    /// When it ended.
    pub completed_at: Option<Text>,
    /// How often a worker took it.
    #[serde(default)]
    pub attempt: u64,
    /// What a start came to.
    pub start_result: Option<Text>,
    /// Whether it is still likely to move.
    pub freshness: Option<Text>,
    /// What the report says, in lists.
    pub overall: Option<Text>,
    /// Whether the check could see what it asked for; none until it is completed.
    pub verified: Option<bool>,
    /// Whether the report says something else than the last verified one before it.
    pub change_indicator: Option<Change>,
    /// Who has seen which findings.
    #[serde(default)]
    pub acknowledgements: Vec<Acknowledgement>,
    /// Findings whose like was acknowledged in an earlier run.
    #[serde(default)]
    pub previously_acknowledged: Vec<Earlier>,
}

impl Run {
    /// Whether it will not move any more.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.status.as_str() == "completed"
    }

    /// What its report says, if it has one here or in short.
    #[must_use]
    pub fn overall(&self) -> Option<&Text> {
        self.overall.as_ref().or(self.context.verification_report.as_ref().map(Report::overall))
    }
}

/// Who started a run.
#[derive(Debug, Deserialize)]
pub struct Initiator {
    /// The user; none for the system itself.
    pub user_id: Option<Text>,
    /// The name at that time.
    pub name: Option<Text>,
}

/// What a run is about.
#[derive(Debug, Deserialize)]
pub struct Context {
    /// The provider.
    pub provider: Text,
    /// The module.
    pub module: Option<Text>,
    /// The connection.
    pub provider_connection_id: Option<u64>,
    /// Whom it asks.
    pub target_scope: Option<TargetScope>,
    /// The report, once there is one.
    pub verification_report: Option<Report>,
    /// Why it is blocked.
    pub reason_code: Option<Text>,
    /// What to do about that.
    #[serde(default)]
    pub next_steps: Vec<Link>,
}

/// The customer's side.
#[derive(Debug, Deserialize)]
pub struct TargetScope {
    /// The Entra tenant.
    pub entra_tenant_id: Text,
    /// Its name.
    pub entra_tenant_name: Option<Text>,
}

/// Something that failed.
#[derive(Debug, Deserialize)]
pub struct Failure {
    /// Why.
    pub code: Text,
    /// In words.
    pub message: Text,
    /// How often.
    #[serde(default)]
    pub count: u64,
}

/// A page of a list of runs.
#[derive(Debug, Deserialize)]
pub struct RunPage {
    /// The runs; a page may be empty and still not be the last.
    pub runs: Vec<serde_json::Value>,
    /// What asks for the page after it; none after the last.
    pub next_page_token: Option<String>,
}
