//! What happens to one entry of the directory.

use std::collections::BTreeMap;

use super::Versioned;
use super::entry::Entry;

/// What happens to one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit<T> {
    /// It is new.
    Create(T),
    /// It becomes something else.
    Change {
        /// What is stored.
        before: Versioned<T>,
        /// What will be.
        after: T,
    },
    /// It goes.
    Remove(Versioned<T>),
    /// It stays as it is.
    Keep(Versioned<T>),
}

impl<T: PartialEq> Edit<T> {
    /// From what is stored to what is wanted.
    pub(super) fn of(before: Option<Versioned<T>>, after: T) -> Self {
        match before {
            None => Edit::Create(after),
            Some(before) if before.value == after => Edit::Keep(before),
            Some(before) => Edit::Change { before, after },
        }
    }

    /// Whether anything is written.
    #[must_use]
    pub fn is_change(&self) -> bool {
        match self {
            Edit::Create(_) | Edit::Change { .. } | Edit::Remove(_) => true,
            Edit::Keep(_) => false,
        }
    }

    /// What will be stored, if anything.
    #[must_use]
    pub fn after(&self) -> Option<&T> {
        match self {
            Edit::Create(after) | Edit::Change { after, .. } => Some(after),
            Edit::Keep(kept) => Some(&kept.value),
            Edit::Remove(_) => None,
        }
    }

    /// What is stored now, if anything.
    #[must_use]
    pub fn before(&self) -> Option<&Versioned<T>> {
        match self {
            Edit::Create(_) => None,
            Edit::Change { before, .. } | Edit::Remove(before) | Edit::Keep(before) => Some(before),
        }
    }
}

/// The edits from one set to another, in the order of their keys.
pub(super) fn edits<T: Entry + PartialEq>(
    stored: impl IntoIterator<Item = Versioned<T>>,
    wanted: impl IntoIterator<Item = T>,
) -> Vec<Edit<T>> {
    let mut wanted: BTreeMap<T::Key, T> = wanted.into_iter().map(|after| (after.key(), after)).collect();
    let mut edits = BTreeMap::new();
    for before in stored {
        let key = before.value.key();
        let edit = match wanted.remove(&key) {
            Some(after) => Edit::of(Some(before), after),
            None => Edit::Remove(before),
        };
        edits.insert(key, edit);
    }
    edits.extend(wanted.into_iter().map(|(key, after)| (key, Edit::Create(after))));
    edits.into_values().collect()
}
