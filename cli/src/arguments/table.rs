//! Arguments of the commands that speak to the table, with AWS credentials.

use std::time::Duration;

use clap::Args;
use domain::audit::AuditAction;
use domain::bounds::Bounds;
use domain::id::{RunId, TenantId, WorkspaceId};
use store::StoreSettings;

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
    pub fn read_only(table: &str) -> StoreSettings {
        StoreSettings::read_only(table.to_owned(), leave_out)
    }

    /// The settings of the store.
    #[must_use]
    pub fn settings(&self) -> StoreSettings {
        let audit_retention = Duration::from_secs(u64::from(self.audit_retention_days) * DAY);
        StoreSettings {
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
    /// Only what this user did, or this operator: a user id or an ARN
    #[arg(long, value_name = "USER")]
    pub actor: Option<String>,
    /// No more events than this, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// What to print
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// The part of `runs` that asks the table instead of the API.
#[derive(Debug, Args)]
pub struct Stuck {
    /// Active runs of which nobody has heard for a while, and what is done about them; asks the table with AWS credentials
    #[arg(long, requires = "table", conflicts_with_all = ["status", "outcome", "created_after", "created_before"])]
    pub stuck: bool,
    /// The DynamoDB table (an output of the stack), for --stuck
    #[arg(long, env = "TABLE_NAME", value_name = "NAME")]
    pub table: Option<String>,
    /// The times of the deployment, by which runs are judged.
    #[command(flatten)]
    pub times: Times,
}

/// The times of a deployment: parameters of its stack.
#[derive(Debug, Args)]
pub struct Times {
    /// The parameter `PatienceSeconds` of the stack, for --stuck
    #[arg(long, env = "PATIENCE_SECONDS", value_name = "SECONDS", default_value_t = 120, hide_short_help = true)]
    pub patience_seconds: u32,
    /// The parameter `WorkerTimeoutSeconds` of the stack, for --stuck
    #[arg(long, env = "WORKER_TIMEOUT_SECONDS", value_name = "SECONDS", default_value_t = 60, hide_short_help = true)]
    pub worker_timeout_seconds: u32,
    /// The parameter `RunDeadlineSeconds` of the stack, for --stuck
    #[arg(
        long,
        env = "RUN_DEADLINE_SECONDS",
        value_name = "SECONDS",
        default_value_t = 21_600,
        hide_short_help = true
    )]
    pub run_deadline_seconds: u32,
}

impl Times {
    /// What active runs are measured by.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Bounds {
            worker_timeout: seconds(self.worker_timeout_seconds),
            patience: seconds(self.patience_seconds),
            run_deadline: seconds(self.run_deadline_seconds),
        }
    }
}

/// Arguments of `release`.
#[derive(Debug, Args)]
pub struct Release {
    /// The active run
    pub run: RunId,
    /// Where the table is.
    #[command(flatten)]
    pub table: TableOptions,
    /// How long the run and its report are kept
    #[arg(long, env = "RUN_RETENTION_DAYS", value_name = "DAYS", default_value_t = 90)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub run_retention_days: u32,
    /// Does not ask
    #[arg(long)]
    pub yes: bool,
}

impl Release {
    /// The settings of the store.
    #[must_use]
    pub fn settings(&self) -> StoreSettings {
        let run_retention = Duration::from_secs(u64::from(self.run_retention_days) * DAY);
        StoreSettings { run_retention, ..self.table.settings() }
    }
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
