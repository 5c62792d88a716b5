//! Tells a person what takes long, while it takes long. Written to the standard error stream itself and not by
//! `eprintln!`, which the test runner holds back until a test fails.

use std::io::{Write, stderr};
use std::time::Instant;

/// Runs one long step; prints its name before and its time after it.
///
/// # Errors
/// Those of the step.
pub fn step<T>(name: &str, run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let started = Instant::now();
    say(&format!("  {name} ..."));
    let result = run();
    let seconds = started.elapsed().as_secs_f64();
    match &result {
        Ok(_) => say(&format!("  {name}: done in {seconds:.1} s")),
        Err(_) => say(&format!("  {name}: failed after {seconds:.1} s")),
    }
    result
}

/// One line of progress. A closed stream is no reason to fail.
pub fn say(line: &str) {
    drop(writeln!(stderr(), "{line}"));
}
