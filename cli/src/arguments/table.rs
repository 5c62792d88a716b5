//! Arguments of the commands that speak to the table, with AWS credentials.

use std::time::Duration;

use clap::Args;
use domain::audit::AuditAction;
use domain::id::{RunId, TenantId, UserId, WorkspaceId};
use store::Settings;

use super::{Moment, Output};
use crate::print::leave_out;

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Where the table is.
#[derive(Debug, Args)]
pub struct TableOptions {
    /// The DynamoDB table (an output of the stack)
    #[arg(long, env = "TABLE_NAME", value_name = "NAME")]
    pub table: String,
    /// How long the audit event of a change is kept
    #[arg(long, env = "AUDIT_RETENTION_DAYS", value_name = "DAYS", default_value_t = 400)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub audit_retention_days: u32,
}

impl TableOptions {
    /// The settings of a store that nothing is written to, so that no retention counts.
    #[must_use]
    pub fn read_only(table: &str) -> Settings {
        Settings::read_only(table.to_owned(), leave_out)
    }

    /// The settings of the store.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let audit_retention = Duration::from_secs(u64::from(self.audit_retention_days) * DAY);
        Settings {
            table: self.table.clone(),
            audit_retention,
            // Runs are not written from here, so this never counts.
            run_retention: audit_retention,
            damaged: leave_out,
        }
    }
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// The DynamoDB table (an output of the stack)
    #[arg(long, env = "TABLE_NAME", value_name = "NAME")]
    pub table: String,
    /// The workspace
    #[arg(long, value_name = "ID")]
    pub workspace: WorkspaceId,
    /// The earliest: a time (2026-01-31T08:30:00Z), a day, or how long ago (36h, 7d)
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub since: Moment,
    /// The latest; now unless it is given
    #[arg(long, value_name = "TIME")]
    pub until: Option<Moment>,
    /// Only this action; may be given several times
    #[arg(long = "action", value_name = "ACTION")]
    pub actions: Vec<AuditAction>,
    /// Only events of this tenant
    #[arg(long, value_name = "ID")]
    pub tenant: Option<TenantId>,
    /// Only events of this run
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
    /// Only what this user did
    #[arg(long, value_name = "USER", value_parser = |text: &str| UserId::try_from(text.to_owned()))]
    pub actor: Option<UserId>,
    /// No more events than this, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// What to print
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// Arguments of `forget`.
#[derive(Debug, Args)]
pub struct Forget {
    /// The archived tenant
    pub tenant: TenantId,
    /// Where the table is.
    #[command(flatten)]
    pub table: TableOptions,
    /// Does not ask
    #[arg(long)]
    pub yes: bool,
}
