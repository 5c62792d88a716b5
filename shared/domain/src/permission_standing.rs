//! What a permission inventory comes to: whether it is fresh, what it says overall, and which features it impairs.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cluster::Cluster;
use crate::manifest::PermissionType;
use crate::permissions::{PermissionInventory, PermissionStatus};
use crate::report::Overall;
use crate::time::Timestamp;

/// An inventory older than this is stale: 30 days.
const STALE_AFTER: Duration = Duration::from_hours(30 * 24);

/// What an inventory comes to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What it says.
    pub overall: Overall,
    /// Whether it was never refreshed, or too long ago.
    pub is_stale: bool,
    /// Each cluster that the connection needs something of, in the fixed order.
    pub impacts: Vec<Impact>,
}

/// What a cluster lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    /// The cluster.
    pub cluster: Cluster,
    /// Application permissions that are missing.
    pub missing_application: Vec<String>,
    /// Delegated permissions that are missing.
    pub missing_delegated: Vec<String>,
}

impl Impact {
    /// Whether the feature cannot work: an application permission is missing.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        !self.missing_application.is_empty()
    }
}

impl Standing {
    /// Of a connection's inventory; none when it was never refreshed.
    #[must_use]
    pub fn of(inventory: Option<&PermissionInventory>, now: Timestamp) -> Self {
        let Some(inventory) = inventory else {
            return Self { overall: Overall::NeedsAttention, is_stale: true, impacts: Vec::new() };
        };
        let is_stale = now.since(inventory.last_refreshed_at) > STALE_AFTER;
        let is = |wanted| inventory.rows.iter().any(|row| row.status == wanted);
        let missing = |kind| {
            let missing = inventory.rows.iter().filter(|row| row.status == PermissionStatus::Missing);
            missing.into_iter().any(|row| row.permission_type == kind)
        };
        let overall = if missing(PermissionType::Application) {
            Overall::Blocked
        } else if missing(PermissionType::Delegated) || is(PermissionStatus::Error) || is_stale {
            Overall::NeedsAttention
        } else {
            Overall::Ready
        };
        Self { overall, is_stale, impacts: impacts(inventory) }
    }
}

fn impacts(inventory: &PermissionInventory) -> Vec<Impact> {
    let mut impacts: BTreeMap<Cluster, Impact> = BTreeMap::new();
    for row in &inventory.rows {
        let mut clusters: Vec<Cluster> = row.details.features.iter().map(|area| Cluster::of(*area)).collect();
        clusters.sort_unstable();
        clusters.dedup();
        for cluster in clusters {
            let impact = impacts.entry(cluster).or_insert_with(|| Impact {
                cluster,
                missing_application: Vec::new(),
                missing_delegated: Vec::new(),
            });
            match (row.status, row.permission_type) {
                (PermissionStatus::Missing, PermissionType::Application) => {
                    impact.missing_application.push(row.permission_key.clone());
                }
                (PermissionStatus::Missing, PermissionType::Delegated) => {
                    impact.missing_delegated.push(row.permission_key.clone());
                }
                (PermissionStatus::Granted | PermissionStatus::Error, _) => {}
            }
        }
    }
    impacts.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Area;
    use crate::permissions::{GrantSource, PermissionRow, RowDetails};
    use crate::testing;

    fn row(name: &str, kind: PermissionType, status: PermissionStatus, features: &[Area]) -> PermissionRow {
        PermissionRow {
            permission_key: name.to_owned(),
            permission_type: kind,
            status,
            details: RowDetails { features: features.to_vec(), satisfied_by: None },
            last_checked_at: testing::now(),
        }
    }

    fn inventory(rows: Vec<PermissionRow>) -> PermissionInventory {
        PermissionInventory {
            rows,
            source: GrantSource::AppRoleAssignments,
            manifest_version: "2026-11-01".to_owned(),
            last_refreshed_at: testing::now(),
        }
    }

    fn overall(rows: Vec<PermissionRow>, age: Duration) -> (Overall, bool) {
        let standing = Standing::of(Some(&inventory(rows)), testing::now() + age);
        (standing.overall, standing.is_stale)
    }

    const APPLICATION: PermissionType = PermissionType::Application;
    const DELEGATED: PermissionType = PermissionType::Delegated;

    #[test]
    fn the_worst_row_and_the_age_decide() {
        let core = &[Area::Core][..];
        let granted = || row("a", APPLICATION, PermissionStatus::Granted, core);
        let with = |kind, status| overall(vec![granted(), row("b", kind, status, core)], Duration::ZERO);
        assert_eq!(with(APPLICATION, PermissionStatus::Granted), (Overall::Ready, false));
        assert_eq!(with(APPLICATION, PermissionStatus::Missing), (Overall::Blocked, false));
        assert_eq!(with(DELEGATED, PermissionStatus::Missing), (Overall::NeedsAttention, false));
        assert_eq!(with(APPLICATION, PermissionStatus::Error), (Overall::NeedsAttention, false));
        let month = Duration::from_hours(24) * 30;
        assert_eq!(overall(vec![granted()], month), (Overall::Ready, false));
        let older = month + Duration::from_millis(1);
        assert_eq!(overall(vec![granted()], older), (Overall::NeedsAttention, true));
        let never = Standing::of(None, testing::now());
        assert_eq!((never.overall, never.is_stale), (Overall::NeedsAttention, true));
    }

    #[test]
    fn a_missing_permission_impairs_each_cluster_that_needs_it_once() {
        let areas = [Area::IntuneConfiguration, Area::IntuneDevices, Area::IntuneApps];
        let standing = Standing::of(
            Some(&inventory(vec![
                row("Needed.Twice", APPLICATION, PermissionStatus::Missing, &areas),
                row("For.Users", DELEGATED, PermissionStatus::Missing, &[Area::IntuneApps]),
                row("Fine", APPLICATION, PermissionStatus::Granted, &[Area::Core]),
            ])),
            testing::now(),
        );
        let impact = |cluster, application: &[&str], delegated: &[&str]| Impact {
            cluster,
            missing_application: application.iter().map(ToString::to_string).collect(),
            missing_delegated: delegated.iter().map(ToString::to_string).collect(),
        };
        let expected = [
            impact(Cluster::AdminConsent, &[], &[]),
            impact(Cluster::IntuneConfiguration, &["Needed.Twice"], &[]),
            impact(Cluster::IntuneApps, &["Needed.Twice"], &["For.Users"]),
        ];
        assert_eq!(standing.impacts, expected);
        assert_eq!(standing.impacts.iter().filter(|impact| impact.is_blocked()).count(), 2);
    }
}
