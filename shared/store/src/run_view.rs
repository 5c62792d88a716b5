//! What the viewer of a run reads: the run with its report and acknowledgements, the caller's rights, the report before it, and what
//! was acknowledged in earlier runs.

use domain::access::Scope;
use domain::acknowledgement::{AcknowledgedCause, Acknowledgement};
use domain::guarded::Guarded;
use domain::id::{RunId, UserId};
use domain::operation_run::{OperationRun, RunState};
use domain::time::Timestamp;

use crate::backoff::Backoff;
use crate::batch_get::RightsKeys;
use crate::error::{StoreError, Unreadable};
use crate::item::report::{self, StoredReport};
use crate::item::{self, Entity, Stored, acknowledgement};
use crate::key::{self, Key};
use crate::table::Store;

/// A run with its reports.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// The run.
    pub run: OperationRun,
    /// Its report. There when the run is completed, and only then.
    pub report: Option<StoredReport>,
    /// The JSON of the report before it, while that still exists.
    pub previous_report: Option<Vec<u8>>,
    /// What was acknowledged of its report, by check.
    pub acknowledgements: Vec<Acknowledgement>,
    /// What was acknowledged in runs of the same identity.
    pub acknowledged_causes: Vec<AcknowledgedCause>,
}

impl From<OperationRun> for StoredRun {
    /// A run without a report.
    fn from(run: OperationRun) -> Self {
        let (acknowledgements, acknowledged_causes) = (Vec::new(), Vec::new());
        Self { run, report: None, previous_report: None, acknowledgements, acknowledged_causes }
    }
}

impl StoredRun {
    /// The JSON of its report, byte for byte as it was sealed.
    #[must_use]
    pub fn report_json(&self) -> Option<&[u8]> {
        self.report.as_ref().map(|report| report.json.as_slice())
    }
}

impl Store {
    /// Loads a run for a user, in two calls, whether it exists or not.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_view(
        &self,
        run: RunId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Guarded<StoredRun>, StoreError> {
        self.load_view(run, user, now, previous_of, acknowledged_causes_of).await
    }

    /// Loads a run with its report and acknowledgements for a user who wants to add one, in two calls, whether it exists or not. What
    /// was acknowledged in other runs comes along, so that it can be tidied up.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_to_acknowledge(
        &self,
        run: RunId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Guarded<StoredRun>, StoreError> {
        self.load_view(run, user, now, |_| None, acknowledged_causes_of).await
    }

    /// Loads a run for a user who is shown its report alone, with nothing beside it, in two calls, whether it exists or not.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_for_its_report(
        &self,
        run: RunId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Guarded<StoredRun>, StoreError> {
        self.load_view(run, user, now, |_| None, |_| None).await
    }

    /// Loads a run for a user, with the report that `previous` names and what was acknowledged before that `causes` names.
    async fn load_view(
        &self,
        run: RunId,
        user: &UserId,
        now: Timestamp,
        previous: impl Fn(&OperationRun) -> Option<RunId>,
        causes: impl Fn(&OperationRun) -> Option<Key>,
    ) -> Result<Guarded<StoredRun>, StoreError> {
        let Some(mut stored) = self.load_run_with_report(run, now).await? else {
            self.batch_get(vec![key::nobodys_membership(user)]).await?;
            return Ok(Guarded::absent());
        };
        let header = &stored.run.header;
        let scope = Scope::of_run(header);
        let rights = RightsKeys::of(scope, user);
        let (previous, causes) = (previous(&stored.run).map(key::report), causes(&stored.run));
        let mut found = self.batch_get(rights.all().chain(previous.clone()).chain(causes.clone()).collect()).await?;
        let mut live = |key: Option<_>| key.and_then(|key| found.take(&key)).and_then(|item| item::live(item, now));
        stored.previous_report =
            live(previous).and_then(|item| self.readable(report::to_report(item))).map(|it| it.json);
        let causes = live(causes).and_then(|item| self.readable(acknowledgement::to_causes(item)));
        stored.acknowledged_causes = causes.map(|it| it.causes).unwrap_or_default();
        Ok(Guarded::new(scope, rights.read(&mut found)?, stored))
    }

    /// Loads a run with its report, unless they cannot be read, and side by side the report that is thought to be the one before it.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_run_after(
        &self,
        run: RunId,
        previous: Option<RunId>,
        now: Timestamp,
    ) -> Result<Option<StoredRun>, StoreError> {
        let report_before = self.load_report(previous, now);
        let this = async { self.dispensable(self.load_run_with_report(run, now).await) };
        let (stored, previous_report) = tokio::try_join!(this, report_before)?;
        Ok(stored.map(|stored| StoredRun { previous_report, ..stored }))
    }

    /// Loads the report before that of a run, where it has one that still exists.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_previous_report(
        &self,
        run: &OperationRun,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.load_report(previous_of(run), now).await
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
        let mut backoff = Backoff::default();
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
            // A query does not see a transaction as a whole: the report was written with the run, and is there a moment later.
            let missing = || item::damaged(Entity::Report, &key::report(run), Unreadable::Missing("item"));
            tokio::time::sleep(backoff.next().ok_or_else(missing)?).await;
        }
    }
}

/// Where it stands what was acknowledged in runs of the same identity. An active run has no findings yet to show it beside.
fn acknowledged_causes_of(run: &OperationRun) -> Option<Key> {
    let causes = || key::acknowledged_causes(run.header.tenant_id, &run.header.identity_hash);
    (!run.is_active()).then(causes)
}

/// The report before a run's own, if it has one.
fn previous_of(run: &OperationRun) -> Option<RunId> {
    match &run.state {
        RunState::Completed(completion) => completion.report.previous.as_ref().map(|previous| previous.run_id),
        RunState::Queued | RunState::Running(_) => None,
    }
}
