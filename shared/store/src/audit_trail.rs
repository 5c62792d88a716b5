//! Reads the audit trail of a workspace: its events lie in a partition for each day and shard.

use domain::audit::AuditEvent;
use domain::id::WorkspaceId;
use domain::time::Timestamp;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::error::StoreError;
use crate::item::{self, Stored};
use crate::key::{self, Range};
use crate::table::{SIDE_BY_SIDE, Store};

/// Where the next day begins; the days are those of UTC, which has no other length of a day.
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

impl Store {
    /// The events of a workspace from `since` to `until`, both included, oldest first. Those that have expired are left out, and
    /// those that cannot be read.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn audit_events(
        &self,
        workspace: WorkspaceId,
        since: Timestamp,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let queries = partitions(workspace, since, until).map(|partition| self.query(partition));
        let pages = stream::iter(queries).buffer_unordered(SIDE_BY_SIDE);
        let items: Vec<_> = pages.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
        let stored = Stored::of(items.into_iter().filter_map(|item| item::live(item, now)));
        self.leave_out(&stored.damaged);
        let mut events = stored.events;
        events.retain(|event| (since..=until).contains(&event.at));
        events.sort_by_key(|event| (event.at, event.id));
        Ok(events)
    }
}

fn partitions(workspace: WorkspaceId, since: Timestamp, until: Timestamp) -> impl Iterator<Item = Range> {
    let days = since.as_millis().div_euclid(DAY_MILLIS)..=until.as_millis().div_euclid(DAY_MILLIS);
    days.flat_map(move |day| {
        key::audit_day(workspace, &Timestamp::from_millis(day * DAY_MILLIS).day()).collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::id;

    #[test]
    fn each_day_that_is_touched_is_read_in_every_shard() {
        let time = |text: &str| text.parse().expect("a time");
        let days = |since, until| {
            let mut days: Vec<_> = partitions(id("1"), time(since), time(until))
                .map(|range| range.pk["AUDIT#0000000000000001#".len()..].trim_end_matches("#7").to_owned())
                .collect();
            assert_eq!(days.len() % 8, 0);
            days.retain(|day| !day.contains('#'));
            days
        };
        let (late, early) = ("2026-10-31T23:59:59.999Z", "2026-11-01T00:00:00Z");
        assert_eq!(days(late, early), ["2026-10-31", "2026-11-01"]);
        assert_eq!(days(early, early), ["2026-11-01"]);
        assert!(days(early, late).is_empty());
    }
}
