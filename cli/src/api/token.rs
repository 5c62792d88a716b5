//! Where the token comes from. It is never an argument, which every user of the machine could read, and never printed.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use tokio::time::timeout;

/// The variable that holds a token.
const VARIABLE: &str = "TENANTCHECK_TOKEN";

/// Where tokens come from.
#[derive(Debug)]
pub enum TokenSource {
    /// There is this one.
    Fixed(SecretString),
    /// A shell command prints one, as often as it is asked.
    Command {
        /// What the shell is given.
        command: String,
        /// How long that may take.
        patience: Duration,
    },
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody has given one.
    #[error("no token: set {VARIABLE}, or --token-command to a command that prints one")]
    Missing,
    /// The shell does not run.
    #[error("the token command cannot be run")]
    Shell(#[source] io::Error),
    /// The command says itself that it failed; what it says stands before this on standard error.
    #[error("the token command failed ({0})")]
    Failed(ExitStatus),
    /// The command does not end.
    #[error(
        "the token command has not ended within {} s (--token-timeout)
  does it wait for an input, or for a network that does not answer? run it by itself to see",
        .0.as_secs()
    )]
    Silent(Duration),
    /// What it printed is no token. Never repeated: it may be one nearly.
    #[error("the token is empty or holds other characters than a token has")]
    Malformed,
}

impl TokenSource {
    /// The command if there is one, which may take so long; else the variable.
    ///
    /// # Errors
    /// [`TokenError::Missing`].
    pub fn find(command: Option<&str>, patience: Duration) -> Result<Self, TokenError> {
        if let Some(command) = command {
            return Ok(Self::Command { command: command.to_owned(), patience });
        }
        match std::env::var(VARIABLE) {
            Ok(token) if !token.trim().is_empty() => Ok(Self::Fixed(token.into())),
            Ok(_) | Err(_) => Err(TokenError::Missing),
        }
    }

    /// Whether another token may come after this one.
    #[must_use]
    pub fn can_renew(&self) -> bool {
        match self {
            TokenSource::Fixed(_) => false,
            TokenSource::Command { .. } => true,
        }
    }

    pub(super) async fn token(&self) -> Result<SecretString, TokenError> {
        let token = match self {
            TokenSource::Fixed(token) => token.clone(),
            TokenSource::Command { command, patience } => {
                // The shell is killed when it is dropped here.
                timeout(*patience, printed_by(command)).await.map_err(|_| TokenError::Silent(*patience))??
            }
        };
        let text = token.expose_secret().trim();
        let well_formed = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if well_formed { Ok(token) } else { Err(TokenError::Malformed) }
    }
}

async fn printed_by(command: &str) -> Result<SecretString, TokenError> {
    let mut shell = Command::new("sh");
    // Standard input and error stay the person's: it may ask for a password, and complain.
    shell.arg("-c").arg(command).stdout(Stdio::piped()).kill_on_drop(true);
    let output = async { shell.spawn()?.wait_with_output().await }.await.map_err(TokenError::Shell)?;
    let printed = String::from_utf8(output.stdout).map(SecretString::from);
    if !output.status.success() {
        return Err(TokenError::Failed(output.status));
    }
    printed.map_err(|_| TokenError::Malformed)
}
