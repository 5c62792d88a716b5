//! What somebody who looks after active runs reads and writes. The index of active slots tells which runs nobody has heard of for a
//! while; it is a hint, and the run itself decides. Whoever looks at one moves its entry on first, on the condition that nobody else
//! did: two at a time never do the same work, and an entry that always fails never keeps the others waiting.

use std::collections::HashMap;

use domain::id::RunId;
use domain::operation_run::OperationRun;
use domain::time::Timestamp;
use futures_util::future::try_join_all;

use crate::error::{Damaged, StoreError};
use crate::item::{self, Item, run, text};
use crate::key::{self, Index, Key};
use crate::table::Store;
use crate::transaction::{self, Expression, Transacted, Updated};

/// The entry of an active run in the index, as it was seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveEntry {
    slot: Key,
    unheard_since: String,
    /// The run; none when the entry does not name one that can be read.
    pub run_id: Option<RunId>,
}

impl ActiveEntry {
    /// The key of the connection's slot, for the log.
    #[must_use]
    pub fn slot(&self) -> String {
        self.slot.to_string()
    }
}

/// A run that an entry names.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "most of them are runs")]
pub enum FoundRun {
    /// As it is stored now.
    Run(OperationRun),
    /// There is none, or it has expired.
    Gone,
    /// There is one, and it cannot be read.
    Unreadable(Damaged),
}

/// What came of moving an entry on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It is this caller's to look after until then.
    Mine,
    /// Somebody else has moved it, or the slot is another run's by now: there is nothing to do.
    Lost,
}

/// The index's sort key, which says since when nobody has heard of the run.
const UNHEARD_SINCE: &str = "gsi3sk";

/// Since when it is known that an entry or its run cannot be read.
const UNREADABLE_SINCE: &str = "unreadable_since";

/// As many keys as DynamoDB reads in one call.
const KEYS: usize = 100;

impl Store {
    /// The runs of which nobody has heard since `since` or longer: of each shard of the index the oldest, at most so many.
    ///
    /// # Errors
    /// [`StoreError`] when the index cannot be read.
    pub async fn unheard_runs(&self, since: Timestamp, of_each_shard: usize) -> Result<Vec<ActiveEntry>, StoreError> {
        let shards = key::unheard(since).map(|range| self.first_of_index(Index::Active, range, of_each_shard));
        let items = try_join_all(shards).await?;
        Ok(items.iter().flatten().map(entry).collect())
    }

    /// Reads runs as they are now.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read; a run that cannot be read is no error.
    pub async fn load_found_runs(&self, ids: &[RunId], now: Timestamp) -> Result<HashMap<RunId, FoundRun>, StoreError> {
        let mut runs = HashMap::new();
        for ids in ids.chunks(KEYS) {
            let mut found = self.batch_get(ids.iter().copied().map(key::run).collect()).await?;
            runs.extend(ids.iter().map(|id| {
                let stored = found.take(&key::run(*id)).and_then(|item| item::live(item, now));
                let run = match stored.map(run::to_run) {
                    Some(Ok(run)) => FoundRun::Run(run),
                    Some(Err(error)) => FoundRun::Unreadable(error),
                    None => FoundRun::Gone,
                };
                (*id, run)
            }));
        }
        Ok(runs)
    }

    /// Moves an entry on, as if somebody had heard of its run at `heard`.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn move_on(&self, entry: &ActiveEntry, heard: Timestamp) -> Result<Moved, StoreError> {
        let update = Expression::new("SET #since = :heard");
        Ok(match self.move_entry(entry, update, heard).await? {
            Some(_) => Moved::Mine,
            None => Moved::Lost,
        })
    }

    /// Moves an entry on that cannot be read, or whose run cannot; since when that is known. None when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn move_unreadable_on(
        &self,
        entry: &ActiveEntry,
        heard: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let update = Expression::new("SET #since = :heard, #unreadable = if_not_exists(#unreadable, :now)")
            .name("#unreadable", UNREADABLE_SINCE)
            .value(":now", text(now));
        let moved = self.move_entry(entry, update, heard).await?;
        Ok(moved.map(|slot| item::attribute(&slot, UNREADABLE_SINCE).parse().unwrap_or(now)))
    }

    async fn move_entry(
        &self,
        entry: &ActiveEntry,
        update: Expression,
        heard: Timestamp,
    ) -> Result<Option<Item>, StoreError> {
        let update = update
            .name("#since", UNHEARD_SINCE)
            .value(":heard", text(heard))
            .value(":seen", text(&entry.unheard_since));
        let (update, condition) = match entry.run_id {
            Some(run_id) => (update.value(":run", item::number(run_id)), "#since = :seen AND run_id = :run"),
            None => (update, "#since = :seen"),
        };
        match self.update_if(&entry.slot, &update, condition).await? {
            Updated::Done(slot) => Ok(Some(slot)),
            Updated::Refused(_) => Ok(None),
        }
    }

    /// Frees a slot that no run needs any more, unless it has become another run's since. `heard` is where its entry was moved to.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn free(&self, entry: &ActiveEntry, heard: Timestamp) -> Result<(), StoreError> {
        let condition = match entry.run_id {
            Some(run_id) => Expression::new("#since = :heard AND run_id = :run").value(":run", item::number(run_id)),
            None => Expression::new("#since = :heard"),
        };
        let condition = condition.name("#since", UNHEARD_SINCE).value(":heard", text(heard));
        let delete = self.delete_if(entry.slot.clone(), &condition);
        // Refused: it is another run's by now, or somebody else freed it.
        match self.transact(&[delete], &transaction::token()).await? {
            Transacted::Committed | Transacted::Refused(_) => Ok(()),
        }
    }
}

fn entry(item: &Item) -> ActiveEntry {
    let run_id = item.get("run_id").and_then(|value| value.as_n().ok()).and_then(|id| id.parse().ok());
    let unheard_since = item::attribute(item, UNHEARD_SINCE).to_owned();
    ActiveEntry { slot: item::key_of(item), unheard_since, run_id }
}
