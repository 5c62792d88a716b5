//! The processes of a deployed stack's functions, to be killed or stopped as no test double can be. Linux alone tells whose they are.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A function as the template names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Starts verifications.
    Start,
    /// Checks connections.
    Worker,
    /// Looks after active runs.
    Reconciler,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Function::Start => "StartFunction",
            Function::Worker => "WorkerFunction",
            Function::Reconciler => "ReconcilerFunction",
        }
    }
}

/// What is sent to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ends it at once, whatever it does.
    Kill,
    /// Halts it where it is.
    Stop,
    /// Lets it go on.
    Continue,
}

/// A running process of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionProcess {
    /// Its id.
    pub id: u32,
    /// What the kernel says when it began: ids are used again.
    began: String,
}

/// The processes of a function of the stack behind this endpoint: stacks beside it have the same names for everything.
///
/// # Errors
/// When the system does not list processes.
pub fn of(endpoint: &str, function: Function) -> Result<Vec<FunctionProcess>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").context("the system lists no processes")? {
        let path = entry.context("the list of processes breaks off")?.path();
        let id = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        // A process that has ended meanwhile has nothing to read.
        let (Some(id), Ok(environment)) = (id, fs::read(path.join("environ"))) else { continue };
        let environment = String::from_utf8_lossy(&environment);
        let is_of_stack = environment.split('\0').any(|variable| variable == format!("AWS_ENDPOINT_URL={endpoint}"));
        let is_function = environment
            .split('\0')
            .any(|variable| variable.starts_with("AWS_LAMBDA_FUNCTION_NAME=") && variable.contains(function.name()));
        if is_of_stack && is_function {
            found.push(FunctionProcess { id, began: began(id).unwrap_or_default() });
        }
    }
    Ok(found)
}

/// Sends a signal, unless the process has ended.
///
/// # Errors
/// When there is no program `kill`.
pub fn signal(process: &FunctionProcess, signal: Signal) -> Result<()> {
    if began(process.id).is_none_or(|began| began != process.began) {
        return Ok(());
    }
    let name = match signal {
        Signal::Kill => "-KILL",
        Signal::Stop => "-STOP",
        Signal::Continue => "-CONT",
    };
    let status = Command::new("kill").args([name, &process.id.to_string()]).status().context("cannot run kill")?;
    ensure!(status.success() || began(process.id).is_none(), "process {} takes no signal", process.id);
    Ok(())
}

/// When a process began, in the kernel's own count: the 22nd field of its `stat`, the 20th behind its name in parentheses.
fn began(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}
