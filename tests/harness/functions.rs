//! Builds the functions and the command line by a plain `cargo build`, which shares its work with the tests. Only the
//! release pipeline runs `sam build`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::workspace::{Workspace, cargo};

/// The binaries behind the template's functions.
const FUNCTIONS: [&str; 5] = ["acknowledge", "reconciler", "start", "viewer", "worker"];
/// The operators' command line.
pub const COMMAND_LINE: &str = "tenantcheck";

/// Builds everything that runs outside of this process.
///
/// # Errors
/// When it does not compile.
pub fn build(workspace: &Workspace) -> Result<()> {
    build_all(workspace, &[&[COMMAND_LINE][..], &FUNCTIONS].concat())
}

/// Builds the functions as they are released; the folder that has them then.
///
/// # Errors
/// When they do not compile.
pub fn build_released(workspace: &Workspace) -> Result<PathBuf> {
    run(workspace, &["--release"], &FUNCTIONS)?;
    Ok(workspace.released())
}

/// Builds the command line alone, for tests that need nothing else.
///
/// # Errors
/// When it does not compile.
pub fn build_command_line(workspace: &Workspace) -> Result<()> {
    build_all(workspace, &[COMMAND_LINE])
}

fn build_all(workspace: &Workspace, binaries: &[&str]) -> Result<()> {
    run(workspace, &[], binaries)
}

fn run(workspace: &Workspace, arguments: &[&str], binaries: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.current_dir(workspace.root()).arg("build").args(arguments);
    for binary in binaries {
        command.args(["--bin", binary]);
    }
    // A test's own settings of cargo (its package, its manifest) are not for this build.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    // Its progress and its errors go to the person directly.
    let status = command.stdin(Stdio::null()).status().context("cannot run cargo")?;
    ensure!(status.success(), "{} do not compile", binaries.join(", "));
    Ok(())
}

/// Puts each binary as `bootstrap`, the name that Lambda starts, into a folder of its own below `into`.
///
/// # Errors
/// When a binary is missing or cannot be copied.
pub fn collect(workspace: &Workspace, into: &Path) -> Result<()> {
    for function in FUNCTIONS {
        let folder = folder(into, function);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let binary = workspace.binary(function);
        fs::copy(&binary, folder.join("bootstrap")).with_context(|| format!("cannot copy {}", binary.display()))?;
    }
    Ok(())
}

/// Where `collect` puts a function's binary.
#[must_use]
pub fn folder(collected: &Path, function: &str) -> PathBuf {
    collected.join(function)
}
