//! What `apply` did, for people: each change by name, then how many of each kind.

use std::fmt;

use domain::connection::ProviderConnection;
use domain::directory::{Action, Counts, Edit, Entity, Line, Plan};

/// What happened to the entries of a file's workspaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    lines: Vec<Line>,
    connections: Vec<ProviderConnection>,
}

impl Summary {
    pub(crate) fn of(plan: &Plan) -> Self {
        let edits = plan.tenants.iter().flat_map(|tenant| &tenant.connections);
        let connections = edits.filter(|edit| edit.is_change()).filter_map(Edit::after).cloned().collect();
        Self { lines: plan.lines(), connections }
    }

    /// The connections that are new or changed.
    #[must_use]
    pub fn connections(&self) -> &[ProviderConnection] {
        &self.connections
    }

    /// The entries that change, each with its name and what happens to it.
    pub fn changes(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.action != Action::Unchanged)
    }

    /// How many entries of a kind something happened to.
    #[must_use]
    pub fn counts(&self, entity: Entity) -> Counts {
        let mut counts = Counts::default();
        for line in self.lines.iter().filter(|line| line.entity == entity) {
            counts.add(line.action);
        }
        counts
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in self.changes() {
            writeln!(f, "{change}")?;
        }
        if self.changes().next().is_some() {
            writeln!(f)?;
        }
        let columns = ["created", "changed", "removed", "archived", "unchanged"];
        let width = Entity::ALL.iter().map(|entity| entity.as_str().len()).max().unwrap_or_default();
        writeln!(f, "{:<width$}{}", "", columns.map(|column| format!("{column:>11}")).concat())?;
        for entity in Entity::ALL {
            let Counts { created, changed, removed, archived, unchanged } = self.counts(*entity);
            let counts = [created, changed, removed, archived, unchanged].map(|count| format!("{count:>11}")).concat();
            writeln!(f, "{:<width$}{counts}", entity.as_str())?;
        }
        Ok(())
    }
}
