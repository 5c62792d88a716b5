//! How much one file may remove.

use std::collections::BTreeMap;

use super::{Edit, Refusal, TenantEdits, WorkspaceEdits};
use crate::id::WorkspaceId;

/// One in this many may be removed: 20 %.
const ONE_IN: usize = 5;

#[derive(Default)]
struct Count {
    removed: usize,
    stored: usize,
}

impl Count {
    fn add<T>(&mut self, edits: &[Edit<T>]) {
        for edit in edits {
            match edit {
                Edit::Create(_) => {}
                Edit::Change { .. } | Edit::Keep(_) => self.stored += 1,
                Edit::Remove(_) => {
                    self.stored += 1;
                    self.removed += 1;
                }
            }
        }
    }
}

/// The workspaces that would lose more than a fifth of their memberships, entitlements and connections.
pub(super) fn exceeded(workspaces: &[WorkspaceEdits], tenants: &[TenantEdits]) -> Vec<Refusal> {
    let mut counts: BTreeMap<WorkspaceId, Count> = BTreeMap::new();
    for edits in workspaces {
        counts.entry(edits.workspace_id()).or_default().add(&edits.memberships);
    }
    for edits in tenants {
        let count = counts.entry(edits.workspace_id()).or_default();
        count.add(&edits.entitlements);
        count.add(&edits.connections);
    }
    let over = counts.into_iter().filter(|(_, count)| count.removed * ONE_IN > count.stored);
    over.map(|(workspace_id, Count { removed, stored })| Refusal::TooManyRemovals { workspace_id, removed, stored })
        .collect()
}
