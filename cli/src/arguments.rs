//! The command line and its environment variables.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use domain::credential::Stage;
use domain::directory::Removals;
use domain::manifest::Manifest;
use store::Settings;

use crate::apply::{Options, Writing};

/// What every AWS tool has, and nobody needs an option for.
const AWS: &str =
    "Region, credentials and endpoint are those of the environment (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ...).";

/// Operates tenantcheck, which verifies Microsoft 365 provider connections and keeps the evidence
#[derive(Debug, Parser)]
#[command(version, about, after_help = AWS)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes the directory equal to a file: workspaces, memberships, tenants, entitlements, connections, onboarding sessions
    ///
    /// The file is the whole truth of each workspace that it names: memberships, entitlements and connections that are not in it are
    /// removed, tenants that are not in it are archived; onboarding sessions that are not in it stay as they are. Its format is
    /// schemas/directory.schema.json. The same file again changes nothing.
    ///
    /// Exit codes: 0 the directory is as in the file; 1 AWS failed; 2 wrong arguments, an invalid file, or one that was refused
    /// (nothing was written).
    #[command(after_help = AWS)]
    Apply(Apply),
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub struct Apply {
    /// The directory file; - reads standard input
    pub file: PathBuf,
    /// The DynamoDB table (an output of the stack)
    #[arg(long, env = "TABLE_NAME", value_name = "NAME")]
    pub table: String,
    /// The stack's stage; credentials are below /tenantcheck/STAGE/
    #[arg(long, env = "STAGE")]
    pub stage: Stage,
    /// The file that extends the permission manifest, if the deployment has one: it may define modules
    #[arg(long, env = "PERMISSION_MANIFEST_FILE", value_name = "FILE")]
    pub permission_manifest: Option<PathBuf>,
    /// Shows what would change and writes nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Permits a file that removes more than 20 % of a workspace's memberships, entitlements and connections
    #[arg(long)]
    pub allow_removals: bool,
    /// Prints errors alone
    #[arg(long, short)]
    pub quiet: bool,
    /// How long the audit event of this change is kept
    #[arg(long, env = "AUDIT_RETENTION_DAYS", value_name = "DAYS", default_value_t = 400)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub audit_retention_days: u32,
}

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

impl Apply {
    /// How the file is to be applied.
    ///
    /// # Errors
    /// When the file that extends the permission manifest cannot be read or does not extend it.
    pub fn options(&self) -> Result<Options> {
        Ok(Options {
            stage: self.stage.clone(),
            manifest: self.manifest()?,
            removals: if self.allow_removals { Removals::Allowed } else { Removals::Limited },
            writing: if self.dry_run { Writing::Dry } else { Writing::Real },
        })
    }

    fn manifest(&self) -> Result<Cow<'static, Manifest>> {
        let Some(path) = &self.permission_manifest else { return Ok(Cow::Borrowed(Manifest::built_in())) };
        let unusable = || format!("cannot use {} as a permission manifest", path.display());
        let file = std::fs::read(path).with_context(unusable)?;
        Ok(Cow::Owned(Manifest::built_in().extended(&file).with_context(unusable)?))
    }

    /// The table to apply it to.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let audit_retention = Duration::from_secs(u64::from(self.audit_retention_days) * DAY);
        Settings {
            table: self.table.clone(),
            audit_retention,
            // Runs are not written from here, so this never counts.
            run_retention: audit_retention,
        }
    }
}
