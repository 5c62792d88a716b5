//! Where the token comes from. It is never an argument, which every user of the machine could read, and never printed.

use std::io;
use std::process::{ExitStatus, Stdio};

use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;

/// The variable that holds a token.
const VARIABLE: &str = "TENANTCHECK_TOKEN";

/// Where tokens come from.
#[derive(Debug)]
pub enum TokenSource {
    /// There is this one.
    Fixed(SecretString),
    /// A shell command prints one, as often as it is asked.
    Command(String),
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
    /// What it printed is no token. Never repeated: it may be one nearly.
    #[error("the token is empty or holds other characters than a token has")]
    Malformed,
}

impl TokenSource {
    /// The command if there is one, else the variable.
    ///
    /// # Errors
    /// [`TokenError::Missing`].
    pub fn find(command: Option<&str>) -> Result<Self, TokenError> {
        if let Some(command) = command {
            return Ok(Self::Command(command.to_owned()));
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
            TokenSource::Command(_) => true,
        }
    }

    /// A token.
    pub(super) async fn token(&self) -> Result<SecretString, TokenError> {
        let token = match self {
            TokenSource::Fixed(token) => token.clone(),
            TokenSource::Command(command) => printed_by(command).await?,
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
