//! Every application permission of Microsoft Graph: one table of the project, so that a role is named without asking Graph, whose own
//! list is half a megabyte. Ids of app roles are the same in every tenant and cloud, and unique within Graph alone.
//!
//! Source: Microsoft's public permissions data, 2026-08.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::id::ObjectId;

static TABLE: LazyLock<BTreeMap<&'static str, GraphPermission>> = LazyLock::new(|| {
    let rows = include_str!("../graph-permissions.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|row| GraphPermission::parse(row).expect("a test reads every row")).collect()
});

static NAMES: LazyLock<BTreeMap<&'static ObjectId, &'static str>> =
    LazyLock::new(|| TABLE.iter().filter_map(|(name, permission)| Some((permission.id.as_ref()?, *name))).collect());

/// The privilege level at which Microsoft sees the most harm.
const HIGHEST_LEVEL: u8 = 4;

/// An application permission of Microsoft Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphPermission {
    /// Id of its app role on Graph, where the data has one.
    pub id: Option<ObjectId>,
    /// Microsoft's own privilege level, from 1 to 4, where it gives one.
    pub level: Option<u8>,
}

impl GraphPermission {
    fn parse(row: &'static str) -> Option<(&'static str, Self)> {
        let mut columns = row.split('\t');
        let (name, id, level) = (columns.next()?, columns.next()?, columns.next()?);
        let id = if id.is_empty() { None } else { Some(id.parse().ok()?) };
        let level = if level.is_empty() { None } else { Some(level.parse().ok()?) };
        Some((name, Self { id, level }))
    }

    /// The permission of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLE.get(name)
    }

    /// What a role of Graph is called.
    #[must_use]
    pub fn name_of(role: &ObjectId) -> Option<&'static str> {
        NAMES.get(role).copied()
    }

    /// Every permission of the table: its name and what is known of it.
    pub fn all() -> impl Iterator<Item = (&'static str, &'static GraphPermission)> {
        TABLE.iter().map(|(name, permission)| (*name, permission))
    }

    /// Every role of Graph that has an id: its name and its id.
    pub fn roles() -> impl Iterator<Item = (&'static str, &'static ObjectId)> {
        NAMES.iter().map(|(id, name)| (*name, *id))
    }

    /// Whether Microsoft gives it the highest privilege level.
    #[must_use]
    pub fn is_highly_privileged(&self) -> bool {
        self.level == Some(HIGHEST_LEVEL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_no_role_has_two_names() {
        assert_eq!(TABLE.len(), 703);
        assert_eq!(NAMES.len(), TABLE.values().filter(|permission| permission.id.is_some()).count());
        let levels = TABLE.values().filter_map(|permission| permission.level);
        assert!(levels.into_iter().all(|level| (1..=HIGHEST_LEVEL).contains(&level)));
        let organization = "498476ce-e0fe-48b0-b801-37ba7e2685c6".parse().expect("a GUID");
        assert_eq!(GraphPermission::name_of(&organization), Some("Organization.Read.All"));
        assert!(GraphPermission::named("RoleManagement.ReadWrite.Directory").expect("there").is_highly_privileged());
    }

    #[test]
    fn every_role_is_listed_with_its_id() {
        assert_eq!(GraphPermission::roles().count(), NAMES.len());
        assert!(GraphPermission::roles().all(|(name, id)| GraphPermission::name_of(id) == Some(name)));
    }
}
