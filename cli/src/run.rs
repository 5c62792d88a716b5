//! From the command line to an exit code: does the work, prints, and tells what went wrong.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use aws_config::SdkConfig;
use clap::CommandFactory;
use domain::time::Timestamp;
use store::{Store, StoreSettings};

use crate::api::{Api, ApiError, ApiUrl, TokenSource};
use crate::arguments::{
    ApiOptions, Apply, Arguments, Audit, CallOptions, Command, Completion, Credential, Runs, TableOptions,
};
use crate::exit::{CommandError, Exit};
use crate::operator::operator;
use crate::print::{complain, print, warn};
use crate::text::clean_lines;
use crate::{apply, audit, aws, clouds, connections, credential, forget, release, runs, show, stuck, verify};

/// A list of runs without an API to ask.
const NO_API: &str = "runs are listed by the API: give its address with --api or TENANTCHECK_API_URL";

/// Does what the command line says.
pub async fn run(arguments: &Arguments) -> ExitCode {
    let exit = match execute(&arguments.command).await {
        Ok(exit) => exit,
        Err(error) => {
            complain(&error);
            error.exit()
        }
    };
    exit.into()
}

async fn execute(command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::Verify(arguments) => verify::verify(&mut api(&arguments.api)?, arguments).await,
        Command::Show(arguments) => show::show(&mut api(&arguments.api)?, arguments).await,
        Command::Runs(arguments) => run_runs(arguments).await,
        Command::Connections(arguments) => connections::connections(&mut api(&arguments.api)?, arguments).await,
        Command::Apply(arguments) => run_apply(arguments).await,
        Command::Audit(arguments) => run_audit(arguments).await,
        Command::Forget(arguments) => {
            let aws = aws::config().await?;
            let operator = operator(&aws).await?;
            forget::forget(&store(&aws, arguments.table.settings()), arguments, operator, now).await
        }
        Command::Release(arguments) => {
            let aws = aws::config().await?;
            let operator = operator(&aws).await?;
            release::release(&store(&aws, arguments.settings()), arguments, operator, now).await
        }
        Command::Credential(Credential::Put(arguments)) => {
            credential::put(&aws_sdk_ssm::Client::new(&aws::config().await?), arguments, now()).await
        }
        Command::Completion(arguments) => complete(arguments),
    }
}

fn api(options: &ApiOptions) -> Result<Api, CommandError> {
    api_at(&options.api, &options.call)
}

fn api_at(url: &ApiUrl, call: &CallOptions) -> Result<Api, CommandError> {
    let token_timeout = Duration::from_secs(call.token_timeout);
    let source = TokenSource::find(call.token_command.as_deref(), token_timeout).map_err(ApiError::from)?;
    Ok(Api::new(url.clone(), source, Duration::from_secs(call.request_timeout))?)
}

fn store(aws: &SdkConfig, settings: StoreSettings) -> Store {
    Store::new(aws_sdk_dynamodb::Client::new(aws), settings)
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

/// Asks the API, or the table for runs that are stuck.
async fn run_runs(arguments: &Runs) -> Result<Exit, CommandError> {
    match (&arguments.stuck.table, &arguments.api, arguments.workspace) {
        (Some(table), _, _) if arguments.stuck.stuck => {
            stuck::stuck(&store(&aws::config().await?, TableOptions::read_only(table)), arguments, now()).await
        }
        (_, Some(url), Some(workspace)) => {
            runs::runs(&mut api_at(url, &arguments.call)?, arguments, workspace, now()).await
        }
        (_, None, _) | (_, _, None) => Err(CommandError::new(Exit::Usage, NO_API)),
    }
}

async fn run_audit(arguments: &Audit) -> Result<Exit, CommandError> {
    audit::audit(&store(&aws::config().await?, TableOptions::read_only(&arguments.table)), arguments, now()).await
}

async fn run_apply(arguments: &Apply) -> Result<Exit, CommandError> {
    let text = read(&arguments.file).map_err(|error| unusable(&error))?;
    let aws = aws::config().await?;
    let (store, now) = (store(&aws, arguments.table.settings()), now());
    let wrong = |error| CommandError::new(Exit::Usage, format_args!("--platform-apps: {error}"));
    let options = arguments.options().map_err(wrong)?;
    let planned = apply::plan(&store, &text, &options, now).await?;
    if !arguments.dry_run {
        planned.write(&store, operator(&aws).await?, now).await?;
    }
    let summary = planned.summary();
    if !arguments.quiet {
        let dry = if arguments.dry_run { "\ndry run: nothing was written\n" } else { "" };
        print(&format!("{}{dry}", clean_lines(&summary.to_string())))?;
    }
    for warning in clouds::disagreements(summary.connections()).await {
        warn(&warning);
    }
    Ok(Exit::Done)
}

/// A file that cannot be used.
fn unusable(error: &anyhow::Error) -> CommandError {
    CommandError::new(Exit::Usage, format_args!("{error:#}"))
}

fn complete(arguments: &Completion) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "tenantcheck", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
