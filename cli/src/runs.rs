//! `tenantcheck runs`: the runs of a workspace or of a tenant, through as many pages as it takes.

mod pages;

use domain::id::WorkspaceId;
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::api::{Api, ApiError};
use crate::arguments::{Output, Runs};
use crate::document::{Run, RunPage};
use crate::exit::{CommandError, Exit};
use crate::grid::Grid;
use crate::print::{print, print_json};
use crate::show::initiator;
use pages::Pages;

pub use pages::EndlessList;

/// The API's largest page.
const LARGEST_PAGE: usize = 100;

/// Lists runs.
///
/// # Errors
/// [`CommandError`] when they cannot be listed.
pub async fn runs(
    api: &mut Api,
    arguments: &Runs,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Exit, CommandError> {
    let documents = collect(api, arguments, workspace, now).await?;
    let unreadable = |source| ApiError::Unreadable { path: "the list of runs".into(), source };
    let runs: Vec<Run> = documents.iter().map(Run::deserialize).collect::<Result<_, _>>().map_err(unreadable)?;
    match arguments.output {
        Output::Table if runs.is_empty() => print(nothing(arguments))?,
        Output::Table => print(&table(&runs))?,
        Output::Json => print_json(&documents.into())?,
        Output::Quiet => print(&runs.iter().map(|run| format!("{}\n", run.id)).collect::<String>())?,
    }
    Ok(Exit::Done)
}

async fn collect(
    api: &mut Api,
    arguments: &Runs,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Vec<Value>, CommandError> {
    let path = match arguments.tenant {
        Some(tenant) => format!("/workspaces/{workspace}/tenants/{tenant}/runs"),
        None => format!("/workspaces/{workspace}/runs"),
    };
    let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut pages = Pages::default();
    let mut next = None;
    loop {
        let mut query = filters(arguments, now);
        query.push(("page_size", (limit - found.len()).min(LARGEST_PAGE).to_string()));
        if let Some(token) = next {
            query.push(("page_token", token));
        }
        let page: RunPage = api.get(&path, &query).await?.read()?;
        let is_empty = page.runs.is_empty();
        found.extend(page.runs);
        found.truncate(limit);
        match page.next_page_token {
            Some(token) if found.len() < limit => next = Some(pages.follow(token, is_empty, found.len())?),
            Some(_) | None => return Ok(found),
        }
    }
}

fn filters(arguments: &Runs, now: Timestamp) -> Vec<(&'static str, String)> {
    let time = |moment: crate::arguments::Moment| moment.seen_from(now).to_string();
    let filters = [
        ("status", arguments.status.clone()),
        ("outcome", arguments.outcome.clone()),
        ("created_after", arguments.created_after.map(time)),
        ("created_before", arguments.created_before.map(time)),
    ];
    filters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Whoever asks for what was before some time finds nothing when the list does not go back so far.
fn nothing(arguments: &Runs) -> &'static str {
    match arguments.created_after {
        Some(_) => "no runs\n",
        None => "no runs in the last 30 days (--created-after goes further back)\n",
    }
}

fn table(runs: &[Run]) -> String {
    let mut grid = Grid::new(["RUN", "CREATED", "TENANT", "CONNECTION", "STATUS", "OUTCOME", "OVERALL", "STARTED BY"]);
    for run in runs {
        let or_none = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        grid.row([
            run.id.to_string(),
            run.created_at.to_string(),
            or_none(run.tenant_id.map(|id| id.to_string())),
            or_none(run.context.provider_connection_id.map(|id| id.to_string())),
            run.status.to_string(),
            run.outcome.to_string(),
            or_none(run.overall().map(ToString::to_string)),
            initiator(run),
        ]);
    }
    grid.to_string()
}

impl From<EndlessList> for CommandError {
    fn from(error: EndlessList) -> Self {
        Self::new(Exit::Failed, &error)
    }
}
