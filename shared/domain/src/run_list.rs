//! Lists of runs, newest first: which runs a list is about, and how pages of several partitions become one.
//!
//! Run ids sort by the time at which they were made, so a stretch of time is a stretch of ids.

use std::time::Duration;

use crate::id::RunId;
use crate::operation_run::OperationRun;
use crate::run_status::{RunOutcome, RunStatus};
use crate::time::Timestamp;

/// How far back a list goes that does not say so: 30 days.
const DEFAULT_AGE: Duration = Duration::from_hours(30 * 24);

/// Which runs a caller wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunFilter {
    /// Made at this time or later; 30 days ago when it is not said.
    pub created_after: Option<Timestamp>,
    /// Made before this time.
    pub created_before: Option<Timestamp>,
    /// Where they are.
    pub status: Option<RunStatus>,
    /// What came of them.
    pub outcome: Option<RunOutcome>,
}

impl RunFilter {
    /// The first and the last id that such a run can have; none when there can be none. With `after`, the ids behind that run
    /// in a list.
    #[must_use]
    pub fn ids(&self, after: Option<RunId>, now: Timestamp) -> Option<(RunId, RunId)> {
        let first = RunId::new(self.created_after.unwrap_or(now - DEFAULT_AGE), 0).get();
        let before = self.created_before.map(|end| RunId::new(end, 0).get());
        let bounds = before.into_iter().chain(after.map(RunId::get));
        let last = bounds.map(|bound| bound - 1).min().unwrap_or(crate::id::MAX_ID);
        let ids = RunId::try_from(first).ok().zip(RunId::try_from(last).ok());
        ids.filter(|(first, last)| first <= last)
    }

    /// Whether anything but time is asked for.
    #[must_use]
    pub fn is_selective(&self) -> bool {
        self.status.is_some() || self.outcome.is_some()
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunPage {
    /// The runs, newest first. There may be fewer than asked for, or none, although the list goes on.
    pub runs: Vec<OperationRun>,
    /// Behind which id the list goes on; none at its end.
    pub next: Option<RunId>,
}

/// What one partition gave of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunSlice {
    /// Its runs, newest first.
    pub runs: Vec<OperationRun>,
    /// The last id that was looked at, if there are others behind it.
    pub looked_to: Option<RunId>,
}

impl RunSlice {
    /// Whether there may be runs behind what was looked at that are newer than this one; none stands for any.
    #[must_use]
    pub fn may_reach(&self, end: Option<RunId>) -> bool {
        self.looked_to.is_some_and(|looked_to| end.is_none_or(|end| looked_to > end))
    }
}

impl RunPage {
    /// The last run that a page of what several partitions gave can have; none while they gave too few for a page.
    #[must_use]
    pub fn last_of(slices: &[RunSlice], size: usize) -> Option<RunId> {
        let mut ids: Vec<_> = slices.iter().flat_map(|slice| &slice.runs).map(|run| run.header.id).collect();
        ids.sort_unstable_by(|one, other| other.cmp(one));
        size.checked_sub(1).and_then(|last| ids.get(last).copied())
    }

    /// One page of what several partitions gave. It ends where the first of them was not looked at any further: behind that, runs
    /// of that partition would be missing.
    #[must_use]
    pub fn merge(slices: Vec<RunSlice>, size: usize) -> Self {
        let end = slices.iter().filter_map(|slice| slice.looked_to).max();
        let runs = slices.into_iter().flat_map(|slice| slice.runs);
        let mut runs: Vec<_> = runs.filter(|run| end.is_none_or(|end| run.header.id >= end)).collect();
        runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.header.id));
        let more = runs.len() > size;
        runs.truncate(size);
        let next = if more { runs.last().map(|run| run.header.id) } else { end };
        Self { runs, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation_run::RunHeader;
    use crate::testing;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn ids(filter: RunFilter, after: Option<u64>) -> Option<(u64, u64)> {
        let found = filter.ids(after.map(testing::run_id), testing::now());
        found.map(|(first, last)| (first.get(), last.get()))
    }

    #[test]
    fn a_stretch_of_time_is_a_stretch_of_ids() {
        let (from, to) = (at("2026-10-01T00:00:00Z"), at("2026-10-02T00:00:00Z"));
        let first = RunId::new(from, 0).get();
        let last = RunId::new(to - Duration::from_millis(1), 0xfff).get();
        let filter = RunFilter { created_after: Some(from), created_before: Some(to), ..RunFilter::default() };
        assert_eq!(ids(filter, None), Some((first, last)));
        assert_eq!(ids(filter, Some(first + 9)), Some((first, first + 8)));
        assert_eq!(ids(filter, Some(last + 9)), Some((first, last)), "a position behind the end does not move it");
        assert_eq!(ids(filter, Some(first)), None);
        assert_eq!(ids(RunFilter { created_before: Some(from), ..filter }, None), None);
        let ancient = RunFilter { created_before: Some(at("1970-01-01T00:00:00Z")), ..RunFilter::default() };
        assert_eq!(ids(ancient, None), None);
    }

    #[test]
    fn a_list_goes_back_30_days_unless_it_says_otherwise() {
        let month = RunId::new(testing::now() - Duration::from_hours(30 * 24), 0).get();
        assert_eq!(ids(RunFilter::default(), None), Some((month, crate::id::MAX_ID)));
    }

    fn slice(runs: &[u64], looked_to: Option<u64>) -> RunSlice {
        let run = |id: &u64| OperationRun::queue(RunHeader { id: testing::run_id(*id), ..testing::header() });
        RunSlice { runs: runs.iter().map(run).collect(), looked_to: looked_to.map(testing::run_id) }
    }

    fn merged(slices: Vec<RunSlice>, size: usize) -> (Vec<u64>, Option<u64>) {
        let page = RunPage::merge(slices, size);
        (page.runs.iter().map(|run| run.header.id.get()).collect(), page.next.map(RunId::get))
    }

    #[test]
    fn partitions_become_one_list_without_gaps() {
        let ended = || slice(&[90, 70, 10], None);
        assert_eq!(merged(vec![ended(), slice(&[80, 60], None)], 9), (vec![90, 80, 70, 60, 10], None));
        assert_eq!(merged(vec![ended(), slice(&[80, 60], None)], 2), (vec![90, 80], Some(80)));
        // The second goes on below 60: what the first has below that waits for the next page.
        assert_eq!(merged(vec![ended(), slice(&[80, 60], Some(60))], 9), (vec![90, 80, 70, 60], Some(60)));
        // A filter may have left nothing of what was looked at.
        assert_eq!(merged(vec![ended(), slice(&[], Some(75))], 9), (vec![90], Some(75)));
        assert_eq!(merged(vec![slice(&[], Some(75))], 9), (vec![], Some(75)));
        assert_eq!(merged(vec![], 9), (vec![], None));
    }

    #[test]
    fn a_list_of_exactly_one_page_has_no_other() {
        assert_eq!(merged(vec![slice(&[9, 7], None)], 2), (vec![9, 7], None));
        assert_eq!(merged(vec![slice(&[9, 7, 5], None)], 2), (vec![9, 7], Some(7)));
    }

    #[test]
    fn a_partition_is_looked_at_further_where_newer_runs_than_the_pages_last_may_be() {
        let slices = [slice(&[90, 70, 50], Some(50)), slice(&[80, 60], Some(60)), slice(&[10], None)];
        let further = |size| {
            let end = RunPage::last_of(&slices, size);
            slices.iter().map(|slice| slice.may_reach(end)).collect::<Vec<_>>()
        };
        // The third of all is 70: nobody can have another one before it.
        assert_eq!(further(3), [false, false, false]);
        assert_eq!(further(4), [false, false, false]);
        assert_eq!(further(5), [false, true, false]);
        assert_eq!(further(6), [true, true, false]);
        assert_eq!(further(7), [true, true, false], "too few for a page");
        assert_eq!(RunPage::last_of(&slices, 7), None);
        assert_eq!(RunPage::last_of(&slices, 0), None);
    }

    #[test]
    fn only_time_selects_no_run() {
        let (status, outcome) = (Some(RunStatus::Queued), Some(RunOutcome::Failed));
        let filter = RunFilter { created_after: Some(testing::now()), ..RunFilter::default() };
        assert!(!filter.is_selective());
        assert!(RunFilter { status, ..filter }.is_selective() && RunFilter { outcome, ..filter }.is_selective());
    }
}
