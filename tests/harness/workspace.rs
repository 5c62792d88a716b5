//! Where things are: the checkout, cargo's target folder, and the folder of everything that the local stack makes. All
//! of it lies under the target folder, so `cargo clean` takes it away and nothing else of the machine is touched.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

/// The folders of this checkout.
#[derive(Clone, Debug, Deserialize)]
pub struct Workspace {
    #[serde(rename = "workspace_root")]
    root: PathBuf,
    #[serde(rename = "target_directory")]
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo, which knows about `CARGO_TARGET_DIR` and configuration files.
    ///
    /// # Errors
    /// When `cargo metadata` cannot be run.
    pub fn locate() -> Result<Self> {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let metadata = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path", manifest])
            .output()
            .context("cannot run cargo")?;
        serde_json::from_slice(&metadata.stdout)
            .with_context(|| format!("cargo metadata failed: {}", String::from_utf8_lossy(&metadata.stderr)))
    }

    /// The folder with the workspace's `Cargo.toml` and `template.yaml`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts the binary `name` of a plain `cargo build`.
    #[must_use]
    pub fn binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// Where cargo puts the binaries of `cargo build --release`.
    #[must_use]
    pub fn released(&self) -> PathBuf {
        self.target.join("release")
    }

    /// The folder of everything that the local stack makes.
    #[must_use]
    pub fn local_stack(&self) -> PathBuf {
        self.target.join("local-stack")
    }
}

/// The cargo that runs us, so that the toolchain is the same.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
