//! How the program ends: the exit codes that scripts rely on, and what people are told. Each command says of its own errors which it is.

use std::fmt;
use std::io;
use std::process::ExitCode;

use store::StoreError;

use crate::chain::Chain;
use crate::text::clean_lines;

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
pub struct CommandError {
    exit: Exit,
    told: String,
}

impl CommandError {
    /// How the program ends, and what a person is told.
    pub(crate) fn new(exit: Exit, told: impl fmt::Display) -> Self {
        Self { exit, told: told.to_string() }
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl std::error::Error for CommandError {}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clean_lines(&self.told))
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::Failed, format_args!("the table does not take part: {}", Chain(&error)))
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failed, format_args!("cannot print: {error}"))
    }
}
