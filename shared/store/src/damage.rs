//! What becomes of items that cannot be read: what an answer is about fails it, what stands beside that is left out and told of.

use crate::error::{Damaged, StoreError};
use crate::table::Store;

impl Store {
    /// Tells of items that are left out.
    pub(crate) fn leave_out(&self, damaged: &[Damaged]) {
        damaged.iter().for_each(self.settings.damaged);
    }

    /// What was read, or nothing in its place.
    pub(crate) fn readable<T>(&self, read: Result<T, Damaged>) -> Option<T> {
        read.inspect_err(|damaged| (self.settings.damaged)(damaged)).ok()
    }

    /// What was read for an answer that does without it when it is damaged.
    pub(crate) fn dispensable<T>(&self, read: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
        match read {
            Err(StoreError::Corrupt(damaged)) => {
                (self.settings.damaged)(&damaged);
                Ok(None)
            }
            read => read,
        }
    }
}
