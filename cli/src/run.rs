//! From the command line to an exit code: reads the file, does the work, prints.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result};
use store::Store;

use crate::apply::{ApplyError, apply};
use crate::arguments::{Apply, Arguments, Command};
use crate::aws;

/// The exit code of a file that cannot be read: like a wrong argument.
const USAGE: u8 = 2;

/// Does what the command line says.
///
/// # Errors
/// When nothing can be printed.
pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.command {
        Command::Apply(arguments) => run_apply(arguments).await,
    }
}

async fn run_apply(arguments: &Apply) -> Result<ExitCode> {
    let text = match read(&arguments.file) {
        Ok(text) => text,
        Err(error) => return fail(USAGE, &format!("{error:#}")),
    };
    let options = match arguments.options() {
        Ok(options) => options,
        Err(error) => return fail(USAGE, &format!("{error:#}")),
    };
    let store = Store::new(aws::client().await, arguments.settings());
    match apply(&store, &text, &options, SystemTime::now().into()).await {
        Ok(summary) => {
            if !arguments.quiet {
                write!(io::stdout(), "{summary}").context("cannot print the summary")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => fail(ApplyError::exit_code(&error), &error.to_string()),
    }
}

fn fail(code: u8, text: &str) -> Result<ExitCode> {
    writeln!(io::stderr(), "tenantcheck: {text}").context("cannot print the error")?;
    Ok(ExitCode::from(code))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
