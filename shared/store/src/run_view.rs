//! What the viewer of a run reads: the run and the caller's rights, and once it is decided that they may see it, its report and
//! acknowledgements, the report that it is compared with, and what was acknowledged in earlier runs.

use domain::access::Scope;
use domain::acknowledgement::{AcknowledgedCause, Acknowledgement};
use domain::guarded::{Guarded, Opened};
use domain::id::{RunId, UserId};
use domain::operation_run::{OperationRun, RunState};
use domain::time::Timestamp;

use crate::backoff::Backoff;
use crate::error::{Damaged, StoreError, Unreadable};
use crate::item::report::{self, StoredReport};
use crate::item::{self, Entity, Item, Stored, acknowledgement, run};
use crate::key::{self, Key};
use crate::table::Store;

/// A run with its reports.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// The run.
    pub run: OperationRun,
    /// Its report. There when the run is completed, and only then.
    pub report: Option<StoredReport>,
    /// The JSON of the report that it is compared with, while that still exists.
    pub compared_report: Option<Vec<u8>>,
    /// What was acknowledged of its report, by check.
    pub acknowledgements: Vec<Acknowledgement>,
    /// What was acknowledged in runs of the same identity.
    pub acknowledged_causes: Vec<AcknowledgedCause>,
}

impl From<OperationRun> for StoredRun {
    /// A run without a report.
    fn from(run: OperationRun) -> Self {
        let (acknowledgements, acknowledged_causes) = (Vec::new(), Vec::new());
        Self { run, report: None, compared_report: None, acknowledgements, acknowledged_causes }
    }
}

impl StoredRun {
    /// The JSON of its report, byte for byte as it was sealed.
    #[must_use]
    pub fn report_json(&self) -> Option<&[u8]> {
        self.report.as_ref().map(|report| report.json.as_slice())
    }
}

/// Waits for the report of a completed run. No read sees a transaction as a whole: the report was written with the run, and is there a
/// moment later.
struct Waiting {
    run: RunId,
    backoff: Backoff,
}

impl Waiting {
    fn for_report(run: RunId) -> Self {
        Self { run, backoff: Backoff::default() }
    }

    /// Fails when it must be there by now.
    async fn a_moment(&mut self) -> Result<(), StoreError> {
        let missing = || item::damaged(Entity::Report, &key::report(self.run), Unreadable::Missing("item"));
        tokio::time::sleep(self.backoff.next().ok_or_else(missing)?).await;
        Ok(())
    }
}

impl Store {
    /// Loads a run for a user, without its report and whatever else there is of it, in two calls, whether it exists or not.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_head(
        &self,
        run: RunId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Guarded<OperationRun>, StoreError> {
        let item = self.get(key::run(run)).await?.and_then(|item| item::live(item, now));
        // What a newer program made of it is as good as absent.
        let known = item.map(|item| Ok::<_, Damaged>(Entity::of(&item)?.map(|_| item))).transpose()?.flatten();
        let Some(run) = known.map(run::to_run).transpose()? else {
            self.batch_get(vec![key::nobodys_membership(user)]).await?;
            return Ok(Guarded::absent());
        };
        let scope = Scope::of_run(&run.header);
        Ok(Guarded::new(scope, self.rights(scope, user).await?, run))
    }

    /// Reads what else is shown of a run: its report and acknowledgements, and side by side the report that it is compared with and what
    /// was acknowledged before. Of an active run there is nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_view(
        &self,
        opened: Opened<OperationRun>,
        now: Timestamp,
    ) -> Result<Opened<StoredRun>, StoreError> {
        let compared = compared_with(&opened.value);
        self.load_rest(opened, compared, now).await
    }

    /// Reads what an acknowledgement is added to: the run's report and acknowledgements, and side by side what was acknowledged in other
    /// runs, so that it can be tidied up.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_to_acknowledge(
        &self,
        opened: Opened<OperationRun>,
        now: Timestamp,
    ) -> Result<Opened<StoredRun>, StoreError> {
        self.load_rest(opened, None, now).await
    }

    async fn load_rest(
        &self,
        opened: Opened<OperationRun>,
        compared: Option<RunId>,
        now: Timestamp,
    ) -> Result<Opened<StoredRun>, StoreError> {
        let run = opened.value.clone();
        let Some(causes) = acknowledged_causes_of(&run) else { return Ok(opened.with(run.into())) };
        let compared = compared.map(key::report);
        let beside = std::iter::once(causes.clone()).chain(compared.clone()).collect();
        let (items, mut found) = tokio::try_join!(self.query(key::beside_run(run.header.id)), self.batch_get(beside))?;
        let mut stored = self.with_report(run, items, now).await?;
        let mut live = |key: &Key| found.take(key).and_then(|item| item::live(item, now));
        let compared = compared.and_then(|key| live(&key)).and_then(|item| self.readable(report::to_report(item)));
        stored.compared_report = compared.map(|report| report.json);
        let causes = live(&causes).and_then(|item| self.readable(acknowledgement::to_causes(item)));
        stored.acknowledged_causes = causes.map(|it| it.causes).unwrap_or_default();
        Ok(opened.with(stored))
    }

    /// A completed run with its report and acknowledgements, as they were found beside it, or are a moment later.
    async fn with_report(
        &self,
        run: OperationRun,
        mut items: Vec<Item>,
        now: Timestamp,
    ) -> Result<StoredRun, StoreError> {
        let id = run.header.id;
        let mut waiting = Waiting::for_report(id);
        loop {
            let mut found = Stored::of(items.into_iter().filter_map(|item| item::live(item, now)));
            if let Some(damaged) = found.damage_of(&key::report(id)) {
                return Err(damaged.into());
            }
            if let Some(report) = found.reports.pop() {
                self.leave_out(&found.damaged);
                let acknowledgements = found.acknowledgements;
                return Ok(StoredRun { report: Some(report), acknowledgements, ..run.into() });
            }
            waiting.a_moment().await?;
            items = self.query(key::beside_run(id)).await?;
        }
    }

    /// Reads the report alone of a run, with nothing beside it; an active run has none.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_report_of(
        &self,
        opened: &Opened<OperationRun>,
        now: Timestamp,
    ) -> Result<Option<StoredReport>, StoreError> {
        let run = &opened.value;
        if run.is_active() {
            return Ok(None);
        }
        let mut waiting = Waiting::for_report(run.header.id);
        loop {
            let item = self.get(key::report(run.header.id)).await?.and_then(|item| item::live(item, now));
            match item {
                Some(item) => return Ok(Some(report::to_report(item)?)),
                None => waiting.a_moment().await?,
            }
        }
    }

    /// Loads a run with its report, unless they cannot be read, and side by side the report that its own is thought to be compared with.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_after(
        &self,
        run: RunId,
        compared: Option<RunId>,
        now: Timestamp,
    ) -> Result<Option<StoredRun>, StoreError> {
        let compared_report = self.load_report(compared, now);
        let this = async { self.dispensable(self.load_run_with_report(run, now).await) };
        let (stored, compared_report) = tokio::try_join!(this, compared_report)?;
        Ok(stored.map(|stored| StoredRun { compared_report, ..stored }))
    }

    /// Loads the report that a run's own is compared with, where there is one that still exists.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_compared_report(
        &self,
        run: &OperationRun,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.load_report(compared_with(run), now).await
    }

    /// The JSON of a run's report, where there is one that still exists.
    async fn load_report(&self, run: Option<RunId>, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(run) = run else { return Ok(None) };
        let stored = self.get(key::report(run)).await?.and_then(|item| item::live(item, now));
        Ok(stored.and_then(|item| self.readable(report::to_report(item))).map(|report| report.json))
    }

    /// Loads a run with its report and acknowledgements, but not the report before it, unless it has expired.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_with_report(&self, run: RunId, now: Timestamp) -> Result<Option<StoredRun>, StoreError> {
        let mut waiting = Waiting::for_report(run);
        loop {
            let items = self.query(key::whole_run(run)).await?;
            let mut found = Stored::of(items.into_iter().filter_map(|item| item::live(item, now)));
            if let Some(damaged) = found.damage_of(&key::run(run)) {
                return Err(damaged.into());
            }
            let Some(stored_run) = found.runs.pop() else { return Ok(None) };
            // An active run's report is never shown, should the query have seen it before it saw the run completed.
            if stored_run.is_active() {
                self.leave_out(&found.damaged);
                return Ok(Some(stored_run.into()));
            }
            if let Some(damaged) = found.damage_of(&key::report(run)) {
                return Err(damaged.into());
            }
            if let Some(report) = found.reports.pop() {
                self.leave_out(&found.damaged);
                let (report, acknowledgements) = (Some(report), found.acknowledgements);
                return Ok(Some(StoredRun { report, acknowledgements, ..stored_run.into() }));
            }
            waiting.a_moment().await?;
        }
    }
}

/// Where it stands what was acknowledged in runs of the same identity. An active run has no findings yet to show it beside.
fn acknowledged_causes_of(run: &OperationRun) -> Option<Key> {
    let causes = || key::acknowledged_causes(run.header.tenant_id, &run.header.identity_hash);
    (!run.is_active()).then(causes)
}

/// The report that a run's own is compared with, if there is one.
fn compared_with(run: &OperationRun) -> Option<RunId> {
    match &run.state {
        RunState::Completed(completion) => completion.compared_with().map(|compared| compared.run_id),
        RunState::Queued | RunState::Running(_) => None,
    }
}
