//! Removes what is kept of an archived tenant: everything but the tenant itself, whose archived item keeps its id from being
//! used again, and the audit events. First one transaction decides that the tenant is still what was looked at, and records who
//! is forgotten; then the rest is removed, in transactions that each decide the same again, and in an order in which an interrupted
//! call leaves nothing that the next one cannot find.

mod decide;
mod sweep;

use std::collections::BTreeMap;
use std::fmt;

use domain::id::RunId;
use domain::tenant::Tenant;

/// A tenant that was archived, without an active run, when it was looked at. Only [`crate::Store::forgettable`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    tenant: Tenant,
    version: u64,
}

impl Archived {
    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

/// Whether a tenant may be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forgettable {
    /// It may.
    Yes(Archived),
    /// It is still used.
    InUse(Tenant),
    /// It is archived, but this run of it is still active.
    Busy(Tenant, RunId),
    /// There is no such tenant.
    Unknown,
}

/// What came of forgetting a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forgotten {
    /// Nothing of it is left but the tenant itself and the audit events.
    Done(Removed),
    /// It was changed after it was looked at: nothing was removed.
    Changed,
    /// It was changed during the removal: these were removed before, and nothing after.
    Stopped(Removed),
    /// A start that was on its way has made this run active: the entitlements are removed, and the rest has to wait for its end.
    Overtaken(RunId, Removed),
}

/// How many items of each kind were removed, by the word that marks the kind in the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed(BTreeMap<String, usize>);

impl Removed {
    /// The kinds with their numbers, by name.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    fn count(&mut self, kind: &str) {
        *self.0.entry(kind.to_owned()).or_default() += 1;
    }
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self.kinds().map(|(kind, count)| format!("{kind} {count}")).collect();
        f.write_str(&kinds.join(", "))
    }
}
