//! `tenantcheck runs --stuck`: the active runs of which nobody has heard for a while, and what the deployment does about each. It reads
//! what the reconciler reads, and changes nothing.

use domain::bounds::Bounds;
use domain::look::Look;
use domain::operation_run::OperationRun;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::{ActiveEntry, FoundRun, Store};

use crate::arguments::{Output, Runs};
use crate::exit::{CommandError, Exit};
use crate::grid::Grid;
use crate::print::{print, print_json};

/// More of each of the index's eight shards nobody wants to read.
const OF_EACH_SHARD: usize = 125;

/// Lists what is stuck.
///
/// # Errors
/// [`CommandError`] when the table cannot be read.
pub async fn stuck(store: &Store, arguments: &Runs, now: Timestamp) -> Result<Exit, CommandError> {
    let bounds = arguments.stuck.times.bounds();
    let entries = store.unheard_runs(now - bounds.patience, OF_EACH_SHARD).await?;
    let ids: Vec<_> = entries.iter().filter_map(|entry| entry.run_id).collect();
    let mut runs = store.load_found_runs(&ids, now).await?;
    let mut found: Vec<(ActiveEntry, Option<FoundRun>)> = Vec::new();
    for entry in entries {
        let run = entry.run_id.and_then(|id| runs.remove(&id));
        if is_wanted(run.as_ref(), arguments) {
            found.push((entry, run));
        }
    }
    found.sort_by_key(|(entry, _)| entry.run_id);
    match arguments.output {
        Output::Table if found.is_empty() => print("no run is stuck\n")?,
        Output::Table => print(&table(&found, &bounds, now))?,
        Output::Json => {
            let documents = found.iter().map(|(entry, run)| document(entry, run.as_ref(), &bounds, now));
            print_json(&documents.collect())?;
        }
        Output::Quiet => {
            let ids = found.iter().filter_map(|(entry, _)| entry.run_id);
            print(&ids.map(|id| format!("{id}\n")).collect::<String>())?;
        }
    }
    Ok(Exit::Done)
}

/// What cannot be read belongs to nobody that is known, so it is always shown.
fn is_wanted(run: Option<&FoundRun>, arguments: &Runs) -> bool {
    let Some(FoundRun::Run(run)) = run else { return true };
    arguments.workspace.is_none_or(|workspace| run.header.workspace_id == workspace)
        && arguments.tenant.is_none_or(|tenant| run.header.tenant_id == tenant)
}

/// What is done about it, in words.
fn what(run: Option<&FoundRun>, bounds: &Bounds, now: Timestamp) -> String {
    match run {
        Some(FoundRun::Run(run)) => match Look::at(run, bounds, now) {
            Look::Later(at) => format!("nothing before {at}"),
            Look::SendAgain(_) => "its message is sent again".to_owned(),
            Look::Interrupt(why) => format!("it is ended: {why}"),
            Look::Terminal => "its slot is freed".to_owned(),
        },
        Some(FoundRun::Gone) => "its slot is freed".to_owned(),
        Some(FoundRun::Unreadable(_)) | None => "it cannot be read; its slot is freed in some hours".to_owned(),
    }
}

fn table(found: &[(ActiveEntry, Option<FoundRun>)], bounds: &Bounds, now: Timestamp) -> String {
    let mut grid =
        Grid::new(["RUN", "WORKSPACE", "TENANT", "CONNECTION", "STATUS", "ATTEMPT", "CREATED", "WHAT IS DONE"]);
    for (entry, run) in found {
        let dash = || "-".to_owned();
        let name = entry.run_id.map_or_else(|| entry.slot(), |id| id.to_string());
        let what = what(run.as_ref(), bounds, now);
        match run {
            Some(FoundRun::Run(run)) => grid.row([
                name,
                run.header.workspace_id.to_string(),
                run.header.tenant_id.to_string(),
                run.header.target.connection_id.map_or_else(dash, |id| id.to_string()),
                run.status().to_string(),
                run.attempt_number().to_string(),
                run.header.created_at.to_string(),
                what,
            ]),
            Some(FoundRun::Gone | FoundRun::Unreadable(_)) | None => {
                grid.row([name, dash(), dash(), dash(), dash(), dash(), dash(), what]);
            }
        }
    }
    grid.to_string()
}

/// One of them for programs. Every member is always there.
fn document(entry: &ActiveEntry, run: Option<&FoundRun>, bounds: &Bounds, now: Timestamp) -> Value {
    let run_id = entry.run_id;
    let what = what(run, bounds, now);
    let run = match run {
        Some(FoundRun::Run(run)) => Some(run),
        Some(FoundRun::Gone | FoundRun::Unreadable(_)) | None => None,
    };
    json!({
        "id": run_id, "slot": entry.slot(), "workspace_id": run.map(|run| run.header.workspace_id),
        "tenant_id": run.map(|run| run.header.tenant_id),
        "provider_connection_id": run.and_then(|run| run.header.target.connection_id),
        "status": run.map(OperationRun::status), "attempt": run.map(OperationRun::attempt_number),
        "created_at": run.map(|run| run.header.created_at), "what_is_done": what,
    })
}
