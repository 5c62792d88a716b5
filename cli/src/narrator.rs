//! Tells a person what goes on while a command works.

use std::io::{self, IsTerminal, Write};

use crate::arguments::Output;

/// Tells a person that something goes on. Programs that read standard error are not told.
#[derive(Debug)]
pub(crate) struct Narrator {
    is_wanted: bool,
}

impl Narrator {
    /// For a person at a terminal who wants to read something.
    pub(crate) fn for_output(output: Output) -> Self {
        let is_wanted = match output {
            Output::Table | Output::Json => io::stderr().is_terminal(),
            Output::Quiet => false,
        };
        Self { is_wanted }
    }

    /// One line. A closed stream is no reason to fail.
    pub(crate) fn say(&self, line: &str) {
        if self.is_wanted {
            drop(writeln!(io::stderr(), "{line}"));
        }
    }
}
