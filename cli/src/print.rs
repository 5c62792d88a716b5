//! Standard output and standard error.

use std::io::{self, Write};

use serde_json::Value;
use store::Damaged;

use crate::chain::Chain;
use crate::exit::CommandError;
use crate::text::{clean_lines, escape};

/// Prints text as it is. A reader that has gone away, as `head` does, has what it wanted: that is no error, and the exit code still
/// says what came of the work.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Says what went wrong. When nobody reads it, the exit code is all that is left to say.
pub(crate) fn complain(error: &CommandError) {
    drop(writeln!(io::stderr(), "tenantcheck: {error}"));
}

/// Says what somebody should look at. A closed stream is no reason to fail.
pub(crate) fn warn(text: &str) {
    drop(writeln!(io::stderr(), "tenantcheck: {}", clean_lines(text)));
}

/// Prints a document.
pub(crate) fn print_json(document: &Value) -> io::Result<()> {
    print(&escape(&format!("{document:#}\n")))
}

/// Says which item is left out of what is printed. A closed stream is no reason to fail.
pub(crate) fn leave_out(damaged: &Damaged) {
    warn(&format!("left out: {}", Chain(damaged)));
}
