//! `tenantcheck show`: a run with its report, who started it, what has changed and who has seen it.

mod facts;
mod notes;

use std::io;

use serde_json::Value;

use crate::api::{Api, Link};
use crate::arguments::{Output, Show};
use crate::document::Run;
use crate::exit::{CommandError, Exit};
use crate::print::{print, print_json};

pub(crate) use facts::initiator;

/// Shows a run.
///
/// # Errors
/// [`CommandError`] when it cannot be shown.
pub async fn show(api: &mut Api, arguments: &Show) -> Result<Exit, CommandError> {
    let answer = api.get(&format!("/runs/{}", arguments.run), &[]).await?;
    print_run(&answer.document, &answer.read()?, arguments.output)?;
    Ok(Exit::Done)
}

/// Prints a run.
pub(crate) fn print_run(document: &Value, run: &Run, output: Output) -> io::Result<()> {
    match output {
        Output::Table => print(&text(run)),
        Output::Json => print_json(document),
        Output::Quiet => Ok(()),
    }
}

fn text(run: &Run) -> String {
    let mut text = facts::facts(run).to_string();
    let notes = notes::notes(run);
    if let Some(report) = &run.context.verification_report {
        text.push_str(&format!("\n{}", report.with_notes(&notes)));
    } else {
        text.push_str("\nThere is no report.\n");
        let steps = run.context.next_steps.iter();
        text.extend(steps.map(|Link { label, url }| format!("  -> {label}: {url}\n")));
    }
    if let Some(changes) = facts::changes(run) {
        text.push_str(&format!("\nChecks that differ from the report before:\n\n{changes}"));
    }
    let names = facts::names(run);
    if !names.is_empty() {
        text.push_str("\nWhat they name now (+), and do not any more (-):\n\n");
        text.extend(names.into_iter().map(|line| line + "\n"));
    }
    text
}

#[cfg(test)]
mod tests;
