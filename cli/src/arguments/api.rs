//! Arguments of the commands that speak to the HTTP API.

use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::id::{ConnectionId, RunId, TenantId, WorkspaceId};

use super::{Moment, Output, Stuck};
use crate::api::ApiUrl;

/// How the API is reached. There is no option for the token itself: every user of a machine sees the arguments of its processes.
#[derive(Debug, Args)]
pub struct ApiOptions {
    /// The API's address (an output of the stack)
    #[arg(long, env = "TENANTCHECK_API_URL", value_name = "URL")]
    pub api: ApiUrl,
    /// How it is called.
    #[command(flatten)]
    pub call: CallOptions,
}

/// How the API is called, wherever it is.
#[derive(Debug, Args)]
pub struct CallOptions {
    /// A shell command that prints a token
    ///
    /// Asked once more when the API refuses its token.
    #[arg(long, env = "TENANTCHECK_TOKEN_COMMAND", value_name = "CMD", hide_env_values = true)]
    pub token_command: Option<String>,
    /// How long --token-command may take; somebody may have to sign in
    #[arg(long, env = "TENANTCHECK_TOKEN_TIMEOUT", value_name = "SECONDS", default_value_t = 60)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub token_timeout: u64,
    /// How long to wait for each answer of the API
    // Its functions end after 10 s, and a cold start comes before.
    #[arg(long, env = "TENANTCHECK_REQUEST_TIMEOUT", value_name = "SECONDS", default_value_t = 15)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=300))]
    pub request_timeout: u64,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// How the API is reached.
    #[command(flatten)]
    pub api: ApiOptions,
    /// The workspace
    #[arg(long, value_name = "ID")]
    pub workspace: WorkspaceId,
    /// The tenant
    #[arg(long, value_name = "ID")]
    pub tenant: TenantId,
    /// The connection, if not the tenant's default
    #[arg(long, value_name = "ID")]
    pub connection: Option<ConnectionId>,
    /// How long to wait for the report
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// What to print
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

impl Verify {
    /// How long to wait for the report.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The run
    pub run: RunId,
    /// How the API is reached.
    #[command(flatten)]
    pub api: ApiOptions,
    /// What to print
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// The API's address (an output of the stack)
    #[arg(long, env = "TENANTCHECK_API_URL", value_name = "URL", required_unless_present = "stuck")]
    pub api: Option<ApiUrl>,
    /// How it is called.
    #[command(flatten)]
    pub call: CallOptions,
    /// The workspace
    #[arg(long, value_name = "ID", required_unless_present = "stuck")]
    pub workspace: Option<WorkspaceId>,
    /// What the table is asked with --stuck.
    #[command(flatten)]
    pub stuck: Stuck,
    /// Only runs of this tenant
    #[arg(long, value_name = "ID")]
    pub tenant: Option<TenantId>,
    /// Only runs with this status
    #[arg(long, value_name = "STATUS", value_parser = PossibleValuesParser::new(["queued", "running", "completed"]))]
    pub status: Option<String>,
    /// Only runs with this outcome
    #[arg(long, value_name = "OUTCOME")]
    #[arg(value_parser = PossibleValuesParser::new(["pending", "succeeded", "failed", "blocked"]))]
    pub outcome: Option<String>,
    /// Only runs after a time (2026-01-31T08:30:00Z), a day, or how long ago (36h, 7d); the API's default is 30 days ago
    #[arg(long, value_name = "TIME")]
    pub created_after: Option<Moment>,
    /// Only runs before a time
    #[arg(long, value_name = "TIME")]
    pub created_before: Option<Moment>,
    /// No more runs than this, the newest
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// What to print
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// Arguments of `connections`.
#[derive(Debug, Args)]
pub struct Connections {
    /// How the API is reached.
    #[command(flatten)]
    pub api: ApiOptions,
    /// The workspace
    #[arg(long, value_name = "ID")]
    pub workspace: WorkspaceId,
    /// The tenant
    #[arg(long, value_name = "ID")]
    pub tenant: TenantId,
    /// What to print
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}
