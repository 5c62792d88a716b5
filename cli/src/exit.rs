//! How the program ends: the exit codes that scripts rely on, and the errors behind them.

use std::fmt;
use std::io;
use std::process::ExitCode;

use store::StoreError;

use crate::api::{ApiError, TokenError};
use crate::apply::ApplyError;
use crate::audit::RangeError;
use crate::chain::Chain;
use crate::forget::ForgetError;
use crate::release::ReleaseError;
use crate::runs::EndlessList;
use crate::text::clean_lines;
use crate::verify::VerifyError;

/// An exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; of a verification: ready.
    Done,
    /// AWS, the API or the network failed.
    Failed,
    /// Wrong arguments, or something that the operator has to correct; clap's own for wrong arguments.
    Usage,
    /// The report needs attention.
    NeedsAttention,
    /// The report is blocked.
    Blocked,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NeedsAttention => 10,
            Exit::Blocked => 20,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command did not do its work.
#[derive(Debug)]
pub enum CommandError {
    /// The API.
    Api(ApiError),
    /// A verification without a report.
    Verify(VerifyError),
    /// A file that cannot be read.
    File(anyhow::Error),
    /// A directory file that was not applied.
    Apply(ApplyError),
    /// The table.
    Table(StoreError),
    /// A list that does not come to an end.
    List(EndlessList),
    /// The range of time that was asked for.
    Range(RangeError),
    /// A tenant that is not forgotten.
    Forget(ForgetError),
    /// A run that is not released.
    Release(ReleaseError),
    /// A list of runs without an API to ask.
    NoApi,
    /// Standard output.
    Print(io::Error),
}

impl CommandError {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            // Nothing was asked yet: the call is incomplete.
            CommandError::Api(ApiError::Token(TokenError::Missing))
            | CommandError::Range(_)
            | CommandError::NoApi
            | CommandError::File(_) => Exit::Usage,
            CommandError::Apply(error) => error.exit(),
            CommandError::Forget(error) => error.exit(),
            CommandError::Release(error) => error.exit(),
            CommandError::Api(_)
            | CommandError::Verify(_)
            | CommandError::Table(_)
            | CommandError::List(_)
            | CommandError::Print(_) => Exit::Failed,
        }
    }
}

impl std::error::Error for CommandError {}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            CommandError::Api(error) => error.to_string(),
            CommandError::Verify(error) => error.to_string(),
            CommandError::File(error) => format!("{error:#}"),
            CommandError::Apply(error) => error.to_string(),
            CommandError::Table(error) => format!("the table does not take part: {}", Chain(error)),
            CommandError::List(error) => error.to_string(),
            CommandError::Range(error) => error.to_string(),
            CommandError::Forget(error) => error.to_string(),
            CommandError::Release(error) => error.to_string(),
            CommandError::NoApi => {
                "runs are listed by the API: give its address with --api or TENANTCHECK_API_URL".to_owned()
            }
            CommandError::Print(error) => format!("cannot print: {error}"),
        };
        f.write_str(&clean_lines(&text))
    }
}

/// Each error has one place among the errors of commands.
macro_rules! from {
    ($($error:ty => $variant:ident,)+) => {
        $(impl From<$error> for CommandError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

from! {
    ApiError => Api,
    VerifyError => Verify,
    ApplyError => Apply,
    StoreError => Table,
    EndlessList => List,
    RangeError => Range,
    ForgetError => Forget,
    ReleaseError => Release,
    io::Error => Print,
}
