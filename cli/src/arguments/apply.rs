//! Arguments of `apply`.

use std::path::PathBuf;

use clap::Args;
use domain::credential::Stage;
use domain::credential_policy::{CredentialPolicy, InvalidPlatformApps};
use domain::directory::{AppMoves, Removals};
use domain::id::WorkspaceId;

use super::table::TableOptions;
use crate::apply::Options;

/// Arguments of `apply`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Apply {
    /// The directory file, JSON in UTF-8; - reads standard input
    pub file: PathBuf,
    /// Where the table is.
    #[command(flatten)]
    pub table: TableOptions,
    /// The stack's stage; credentials are below /tenantcheck/STAGE/
    #[arg(long, env = "STAGE")]
    pub stage: Stage,
    /// The platform's own apps, as the parameter `PlatformApps` of the stack has them
    #[arg(long, env = "PLATFORM_APPS", value_name = "APPS", default_value = "")]
    pub platform_apps: String,
    /// Refuses a file that names another workspace than this one
    #[arg(long, value_name = "ID")]
    pub workspace: Option<WorkspaceId>,
    /// Shows what would change and writes nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Permits a file that removes more than 20 % of a workspace's memberships, entitlements and connections
    #[arg(long)]
    pub allow_removals: bool,
    /// Permits a file that takes an app in an Entra tenant from another workspace, which has it for good otherwise
    #[arg(long)]
    pub move_apps: bool,
    /// Prints errors alone
    #[arg(long, short)]
    pub quiet: bool,
}

impl Apply {
    /// How the file is to be applied.
    ///
    /// # Errors
    /// When the platform's apps are not as the stack has them.
    pub fn options(&self) -> Result<Options, InvalidPlatformApps> {
        Ok(Options {
            credentials: CredentialPolicy::new(self.stage.clone(), &self.platform_apps)?,
            workspace: self.workspace,
            removals: if self.allow_removals { Removals::Allowed } else { Removals::Limited },
            app_moves: if self.move_apps { AppMoves::Allowed } else { AppMoves::Refused },
        })
    }
}
