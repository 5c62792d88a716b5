//! The private Python environments, one with the AWS emulator and SAM, one with schemathesis: made once from hash-checked
//! requirements, reused until they or the interpreter change. Nothing is installed outside of cargo's target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::progress;
use crate::workspace::Workspace;

/// What an environment is made of.
struct Recipe {
    /// Its folder.
    name: &'static str,
    /// What it is for.
    holds: &'static str,
    /// The file with its packages, beside our scripts.
    file: &'static str,
    /// What stands in the file.
    requirements: &'static str,
}

const STACK: Recipe = Recipe {
    name: "python",
    holds: "the emulator and SAM",
    file: "requirements.txt",
    requirements: include_str!("python/requirements.txt"),
};
const SCHEMATHESIS: Recipe = Recipe {
    name: "schemathesis",
    holds: "schemathesis",
    file: "schemathesis.txt",
    requirements: include_str!("python/schemathesis.txt"),
};
/// The oldest interpreter that the requirements are resolved for.
const OLDEST: (u32, u32) = (3, 10);
/// Prints the version and fails where `venv` or what it needs is not installed (Debian packages both apart).
const PROBE: &str = "import sys; print(*sys.version_info[:2]); import venv, ensurepip";

/// A ready environment.
#[derive(Clone, Debug)]
pub struct Python {
    home: PathBuf,
    scripts: PathBuf,
}

impl Python {
    /// Makes the environment of the local stack, or takes the one that is there. Processes that ask at the same time wait for the
    /// first.
    ///
    /// # Errors
    /// When Python 3.10 with its `venv` module is missing, or a package cannot be installed; the text says what to do.
    pub fn prepare(workspace: &Workspace) -> Result<Self> {
        Self::follow(&STACK, workspace)
    }

    /// The same for the environment with schemathesis.
    ///
    /// # Errors
    /// As `prepare`.
    pub fn prepare_schemathesis(workspace: &Workspace) -> Result<Self> {
        Self::follow(&SCHEMATHESIS, workspace)
    }

    fn follow(recipe: &Recipe, workspace: &Workspace) -> Result<Self> {
        let Recipe { name, holds, requirements, .. } = recipe;
        let folder = workspace.local_stack();
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let lock = File::create(folder.join(format!("{name}.lock"))).context("cannot create an environment's lock")?;
        lock.lock().context("cannot lock the environment")?;

        let version = interpreter()?;
        let python = Self { home: folder.join(name), scripts: workspace.root().join("tests/harness/python") };
        let stamp = python.home.join("complete");
        let wanted = format!("Python {}.{}\n{requirements}", version.0, version.1);
        if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(python);
        }
        progress::step(&format!("install {holds} into a private Python environment"), || {
            python.install(recipe, &folder.join(format!("{name}.log")))?;
            fs::write(&stamp, wanted).context("cannot mark the environment as complete")
        })?;
        Ok(python)
    }

    /// One of our own scripts, to be run in the environment.
    #[must_use]
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.home.join("bin/python"));
        command.arg(self.scripts.join(name));
        command
    }

    /// A piece of Python, to be run in the environment.
    #[must_use]
    pub fn code(&self, code: &str) -> Command {
        let mut command = Command::new(self.home.join("bin/python"));
        command.args(["-c", code]);
        command
    }

    /// The SAM command line, which leaves its own files in `folder` and not in the user's home.
    #[must_use]
    pub fn sam(&self, folder: &Path) -> Command {
        let mut command = Command::new(self.home.join("bin/sam"));
        command.env("SAM_CLI_TELEMETRY", "0").env("__SAM_CLI_APP_DIR", folder).env("TMPDIR", folder);
        command
    }

    /// The schemathesis command line, with our hooks.
    #[must_use]
    pub fn schemathesis(&self) -> Command {
        let mut command = Command::new(self.home.join("bin/schemathesis"));
        command.env("SCHEMATHESIS_HOOKS", "schemathesis_hooks").env("PYTHONPATH", &self.scripts);
        // It would leave its bytecode in the checkout.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn install(&self, recipe: &Recipe, log: &Path) -> Result<()> {
        if self.home.exists() {
            fs::remove_dir_all(&self.home).context("cannot remove the outdated environment")?;
        }
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&self.home);
        run_logged(make, log)?;
        let mut install = Command::new(self.home.join("bin/python"));
        // Without --no-deps pip would resolve again, and without hashes it would trust whatever it is served.
        install.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-deps"]);
        install.args(["--require-hashes", "--requirement"]).arg(self.scripts.join(recipe.file));
        run_logged(install, log)
    }
}

/// The version of `python3`, once it is known to be good enough.
fn interpreter() -> Result<(u32, u32)> {
    let probe = Command::new("python3").args(["-c", PROBE]).stdin(Stdio::null()).output();
    let Ok(probe) = probe else {
        bail!(
            "python3 is not on the PATH. Install Python 3.10 or newer \
             (Debian, Ubuntu: apt-get install python3 python3-venv; Fedora: dnf install python3; macOS: brew install python)"
        );
    };
    let printed = String::from_utf8_lossy(&probe.stdout).into_owned();
    let mut numbers = printed.split_whitespace().map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        bail!("python3 does not start: {}", String::from_utf8_lossy(&probe.stderr).trim());
    };
    ensure!((major, minor) >= OLDEST, "python3 is {major}.{minor}; Python 3.10 or newer is needed");
    ensure!(
        probe.status.success(),
        "python3 ({major}.{minor}) lacks its venv module. Install the package python3-venv \
         (Debian, Ubuntu: apt-get install python{major}.{minor}-venv)"
    );
    Ok((major, minor))
}

/// Runs a command whose output only matters when it fails.
pub(crate) fn run_logged(mut command: Command, log: &Path) -> Result<()> {
    let file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone().context("cannot share the log")?)
        .stderr(file)
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    // Enough to show the error of pip, cargo or SAM; the whole is in the log.
    let last = lines[lines.len().saturating_sub(25)..].join("\n");
    bail!("{} ended with {status}:\n{last}\n(all of it: {})", command.get_program().display(), log.display())
}
