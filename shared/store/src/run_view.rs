//! What the viewer of a run reads: the run with its report, the caller's rights, and the report before it.

use domain::access::Rights;
use domain::id::{RunId, UserId};
use domain::operation_run::{OperationRun, RunState};
use domain::time::Timestamp;

use crate::Store;
use crate::backoff::Backoff;
use crate::batch_get::RightsKeys;
use crate::error::{StoreError, Unreadable};
use crate::item::{self, Entity, Item, report, run};
use crate::key;

/// A run with its reports.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// The run.
    pub run: OperationRun,
    /// The JSON of its report, byte for byte as it was sealed. There when the run is completed, and only then.
    pub report: Option<Vec<u8>>,
    /// The JSON of the report before it, while that still exists.
    pub previous_report: Option<Vec<u8>>,
}

/// A run and what the caller may do with it. Nothing of the run may be shown before that is decided.
#[derive(Debug, Clone)]
pub struct RunView {
    /// What the caller holds in the run's workspace and on its tenant; nothing when there is no such run.
    pub rights: Rights,
    /// The run, unless it does not exist or has expired.
    pub stored: Option<StoredRun>,
}

impl Store {
    /// Loads a run for a user, in two calls, whether it exists or not.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_view(&self, run: RunId, user: &UserId, now: Timestamp) -> Result<RunView, StoreError> {
        let Some(mut stored) = self.load_run_with_report(run, now).await? else {
            self.batch_get(vec![key::nobodys_membership(user)]).await?;
            return Ok(RunView { rights: Rights::default(), stored: None });
        };
        let header = &stored.run.header;
        let rights = RightsKeys::of(header.workspace_id, header.tenant_id, user);
        let previous = match &stored.run.state {
            RunState::Completed(completion) => completion.report.previous.as_ref().map(|it| key::report(it.run_id)),
            RunState::Queued | RunState::Running(_) => None,
        };
        let mut found = self.batch_get(rights.all().chain(previous.clone()).collect()).await?;
        let previous = previous.and_then(|key| found.take(&key)).and_then(|item| item::live(item, now));
        stored.previous_report = previous.as_ref().map(report::to_json).transpose()?;
        Ok(RunView { rights: rights.read(&mut found)?, stored: Some(stored) })
    }

    /// Loads a run with its report, but not the one before it, unless it has expired.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_with_report(&self, run: RunId, now: Timestamp) -> Result<Option<StoredRun>, StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let items = self.query(key::whole_run(run)).await?;
            let (mut stored_run, mut stored_report) = (None, None);
            for item in items {
                match item::attribute(&item, "sk") {
                    "RUN" => stored_run = item::live(item, now),
                    _ => stored_report = Some(item),
                }
            }
            let Some(stored_run) = stored_run.map(run::to_run).transpose()? else { return Ok(None) };
            if let Some(stored) = together(stored_run, stored_report.as_ref())? {
                return Ok(Some(stored));
            }
            // A query does not see a transaction as a whole: the report was written with the run, and is there a moment later.
            let missing = || item::corrupt(Entity::Report, &key::report(run), Unreadable::Missing("item"));
            tokio::time::sleep(backoff.next().ok_or_else(missing)?).await;
        }
    }
}

/// A run and its report as one; none when a completed run's report is missing. An active run's report is never shown, should the
/// query have seen it before it saw the run completed.
fn together(run: OperationRun, report: Option<&Item>) -> Result<Option<StoredRun>, StoreError> {
    let report = match (&run.state, report) {
        (RunState::Completed(_), Some(report)) => Some(report::to_json(report)?),
        (RunState::Completed(_), None) => return Ok(None),
        (RunState::Queued | RunState::Running(_), _) => None,
    };
    Ok(Some(StoredRun { run, report, previous_report: None }))
}
