//! The command line and its environment variables.

mod api;
mod apply;
mod credential;
mod moment;
mod place;
mod table;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use api::{ApiOptions, CallOptions, Connections, Runs, Show, Verify};
pub use apply::Apply;
pub use credential::{Credential, Put};
pub use moment::{InvalidMoment, Moment};
pub use place::{InvalidPlace, Place};
pub use table::{Audit, Forget, Release, Stuck, TableOptions, Times};

/// What every AWS tool has, and nobody needs an option for.
const AWS: &str =
    "Region, credentials and endpoint are those of the environment (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ...).";

/// How the API learns who asks.
const TOKEN: &str = "The token comes from the variable TENANTCHECK_TOKEN, or from what --token-command prints.";

/// Operates tenantcheck, which verifies Microsoft 365 provider connections and keeps the evidence
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Verifies a connection and prints the report
    ///
    /// Exit codes: 0 ready; 10 needs attention; 20 blocked; 1 no report (refused, failed, or not within the timeout); 2 wrong
    /// arguments.
    #[command(after_help = TOKEN)]
    Verify(Verify),
    /// Shows a run with its report
    #[command(after_help = TOKEN)]
    Show(Show),
    /// Lists runs, newest first; with --stuck those of which nobody has heard for a while
    #[command(after_help = TOKEN)]
    Runs(Runs),
    /// Lists the connections of a tenant with their health
    #[command(after_help = TOKEN)]
    Connections(Connections),
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
    /// Lists the audit trail of a workspace, newest first
    ///
    /// Exit codes: 0 listed; 1 AWS failed; 2 wrong arguments, or more than 400 days.
    #[command(after_help = AWS)]
    Audit(Audit),
    /// Removes what is kept of an archived tenant, for good
    ///
    /// Connections, entitlements, runs, reports, acknowledgements, inventories and onboarding sessions are removed. The archived tenant
    /// itself and the audit events stay. It asks first. Interrupted, the same command again removes the rest.
    ///
    /// Exit codes: 0 everything is removed; 1 AWS failed (not everything is); 2 wrong arguments, or a tenant that is not archived or
    /// has an active run (nothing was removed).
    #[command(after_help = AWS)]
    Forget(Forget),
    /// Ends an active run that does not end by itself
    ///
    /// The run is completed as failed, with a report that says it was interrupted and nothing about the connection; the connection is
    /// free for the next start. It asks first. Runs that nothing finishes are ended after some hours without this command; `runs
    /// --stuck` shows which.
    ///
    /// Exit codes: 0 the run is ended; 1 AWS failed; 2 wrong arguments, or a run that is not active (nothing was changed).
    #[command(after_help = AWS)]
    Release(Release),
    /// Stores the credentials that connections sign in with
    #[command(subcommand, after_help = AWS)]
    Credential(Credential),
    /// Prints a completion script for a shell
    Completion(Completion),
}

/// Arguments of `completion`.
#[derive(Debug, Args)]
pub struct Completion {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// What a command prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    #[default]
    Table,
    /// For programs: of the API its own documents
    Json,
    /// Of lists the ids, one a line; of anything else errors alone
    Quiet,
}
