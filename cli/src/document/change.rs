//! What people did with findings, and how a report differs from the last verified one before it.

use serde::Deserialize;

use crate::text::Text;

/// Whether a report says something else than the last verified one before it.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// `none`, `no_changes` or `changed`.
    pub state: Text,
    /// The report that it is compared with.
    pub compared_with: Option<u64>,
    /// The checks that differ, while both reports are kept.
    pub checks: Option<Vec<CheckChange>>,
    /// Another app was verified than before.
    pub app: Option<AppChange>,
}

/// The client ids of two apps.
#[derive(Debug, Deserialize)]
pub struct AppChange {
    /// That of the report before.
    pub before: Text,
    /// That of this report.
    pub after: Text,
}

/// A check that differs.
#[derive(Debug, Deserialize)]
pub struct CheckChange {
    /// The check.
    pub key: Text,
    /// What was said of it before; none when it was not there.
    pub before: Option<Finding>,
    /// What is said of it now; none when it is not there any more.
    pub after: Option<Finding>,
    /// What it names now and did not before.
    #[serde(default)]
    pub added: Vec<Named>,
    /// What it named before and does not now.
    #[serde(default)]
    pub removed: Vec<Named>,
}

/// Something that a check names.
#[derive(Debug, Deserialize)]
pub struct Named {
    /// An evidence kind.
    pub kind: Text,
    /// Its name or id.
    pub value: Text,
}

/// What a report says of a check.
#[derive(Debug, Deserialize)]
pub struct Finding {
    /// How it ended.
    pub status: Text,
    /// How bad a fail is.
    pub severity: Text,
    /// Whether a fail blocks.
    #[serde(default)]
    pub blocking: bool,
    /// Why it ended so.
    pub reason_code: Text,
}

/// Somebody.
#[derive(Debug, Deserialize)]
pub struct Person {
    /// The user.
    pub id: Text,
    /// The name at that time.
    pub name: Option<Text>,
    /// The address at that time.
    pub email: Option<Text>,
}

/// Somebody has seen a finding.
#[derive(Debug, Deserialize)]
pub struct Acknowledgement {
    /// The check.
    pub check_key: Text,
    /// Why that is all right.
    pub ack_reason: Text,
    /// Until when.
    pub expires_at: Option<Text>,
    /// When.
    pub acknowledged_at: Text,
    /// Who.
    pub acknowledged_by: Person,
}

/// Somebody has seen such a finding in an earlier run.
#[derive(Debug, Deserialize)]
pub struct Earlier {
    /// The check.
    pub check_key: Text,
    /// The earlier run.
    pub run_id: u64,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Text,
    /// Why that was all right.
    pub reason: Text,
    /// Until when.
    pub expires_at: Option<Text>,
}
