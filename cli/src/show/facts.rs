//! What is known of a run besides its report.

use crate::document::{AppChange, Change, Finding, Named, Run};
use crate::grid::Grid;
use crate::text::Text;

/// The run, fact by fact.
pub(super) fn facts(run: &Run) -> Grid {
    let mut grid = Grid::without_heading();
    let mut fact = |name: &str, value: String| grid.row([name.to_owned(), value]);
    fact("Run", format!("{} ({})", run.id, run.operation));
    fact("Status", status(run));
    let tenant = run.tenant_id.map_or_else(|| "none".to_owned(), |tenant| tenant.to_string());
    fact("Tenant", format!("{tenant} (workspace {})", run.workspace_id));
    fact("Connection", connection(run));
    if let Some(target) = &run.context.target_scope {
        fact("Entra tenant", named(&target.entra_tenant_id, target.entra_tenant_name.as_ref()));
    }
    fact("Started by", initiator(run));
    fact("Created", run.created_at.to_string());
    if let Some(at) = &run.started_at {
        let tries = if run.attempt > 1 { format!(" ({} attempts)", run.attempt) } else { String::new() };
        fact("Started", format!("{at}{tries}"));
    }
    if let Some(at) = &run.completed_at {
        fact("Completed", at.to_string());
    }
    if let Some(reason) = &run.context.reason_code {
        fact("Blocked by", reason.to_string());
    }
    for failure in &run.failure_summary {
        let times = if failure.count > 1 { format!(", {} times", failure.count) } else { String::new() };
        fact("Failure", format!("{} ({}{times})", failure.message, failure.code));
    }
    match (run.verified, &run.change_indicator) {
        // What could not be seen is compared with nothing.
        (Some(false), _) => fact("Verified", "no: what the report asks for could not be seen".to_owned()),
        (_, Some(change)) => fact("Changes", indicator(change)),
        (_, None) => {}
    }
    grid
}

fn status(run: &Run) -> String {
    let settled = run.freshness.as_ref().filter(|it| !["fresh_active", "terminal_normal"].contains(&it.as_str()));
    let freshness = settled.map(|word| format!(", {word}")).unwrap_or_default();
    // Until then the outcome is only that there is none yet.
    let outcome = if run.is_completed() { format!(", {}", run.outcome) } else { String::new() };
    format!("{}{outcome}{freshness}", run.status)
}

fn connection(run: &Run) -> String {
    let context = &run.context;
    let module = context.module.as_ref().map(|module| format!(", {module}")).unwrap_or_default();
    match context.provider_connection_id {
        Some(id) => format!("{id} ({}{module})", context.provider),
        None => "none".to_owned(),
    }
}

/// Who started a run.
pub(crate) fn initiator(run: &Run) -> String {
    match &run.initiator.user_id {
        Some(user) => named(user, run.initiator.name.as_ref()),
        None => "the system".to_owned(),
    }
}

fn named(id: &Text, name: Option<&Text>) -> String {
    name.map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))
}

fn indicator(change: &Change) -> String {
    let before = change.compared_with.map(|id| id.to_string()).unwrap_or_default();
    match change.state.as_str() {
        "none" => "there is no verified report to compare it with".to_owned(),
        "no_changes" => format!("the same as in run {before}"),
        "changed" => {
            format!("not the same as in run {before}{}", change.app.as_ref().map(another_app).unwrap_or_default())
        }
        other => other.to_owned(),
    }
}

fn another_app(AppChange { before, after }: &AppChange) -> String {
    format!(", and of another app: {before} before, {after} now")
}

/// What the checks name and did not before, and the other way round, one a line.
pub(super) fn names(run: &Run) -> Vec<String> {
    let checks = run.change_indicator.iter().filter_map(|change| change.checks.as_ref()).flatten();
    let lines = checks.flat_map(|check| {
        let line = |sign: char, Named { kind, value }: &Named| format!("{sign} {value} ({kind}, {})", check.key);
        let added = check.added.iter().map(move |named| line('+', named));
        added.chain(check.removed.iter().map(move |named| line('-', named)))
    });
    lines.collect()
}

/// The checks that differ from the report before.
pub(super) fn changes(run: &Run) -> Option<Grid> {
    let checks = run.change_indicator.as_ref()?.checks.as_ref().filter(|checks| !checks.is_empty())?;
    let mut grid = Grid::new(["CHECK", "BEFORE", "NOW"]);
    for check in checks {
        grid.row([check.key.to_string(), finding(check.before.as_ref()), finding(check.after.as_ref())]);
    }
    Some(grid)
}

fn finding(finding: Option<&Finding>) -> String {
    let Some(Finding { status, severity, blocking, reason_code }) = finding else { return "-".to_owned() };
    let blocking = if *blocking { ", blocking" } else { "" };
    format!("{status} ({reason_code}; {severity}{blocking})")
}
