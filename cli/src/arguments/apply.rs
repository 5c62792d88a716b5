//! Arguments of `apply`.

use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use domain::credential::Stage;
use domain::directory::{AppMoves, Removals};
use domain::id::WorkspaceId;
use domain::manifest::Manifest;

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
    /// The file that extends the permission manifest, if the deployment has one: it may define modules
    #[arg(long, env = "PERMISSION_MANIFEST_FILE", value_name = "FILE")]
    pub permission_manifest: Option<PathBuf>,
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
    /// When the file that extends the permission manifest cannot be read or does not extend it.
    pub fn options(&self) -> Result<Options> {
        Ok(Options {
            stage: self.stage.clone(),
            manifest: self.manifest()?,
            workspace: self.workspace,
            removals: if self.allow_removals { Removals::Allowed } else { Removals::Limited },
            app_moves: if self.move_apps { AppMoves::Allowed } else { AppMoves::Refused },
        })
    }

    fn manifest(&self) -> Result<Cow<'static, Manifest>> {
        let Some(path) = &self.permission_manifest else { return Ok(Cow::Borrowed(Manifest::built_in())) };
        let unusable = || format!("cannot use {} as a permission manifest", path.display());
        let file = std::fs::read(path).with_context(unusable)?;
        Ok(Cow::Owned(Manifest::built_in().extended(&file).with_context(unusable)?))
    }
}
