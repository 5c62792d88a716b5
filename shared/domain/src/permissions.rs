//! From facts to permissions: what is granted, by which source, and what of the required is missing. Everything here is computed
//! from what Microsoft said and the manifest, never from an earlier result.

use std::collections::BTreeSet;

use crate::facts::{AppRoleAssignment, Cause, GraphFacts, Known};
use crate::graph_permission::GraphPermission;
use crate::id::ObjectId;
use crate::manifest::{Area, Ending, Manifest, Moment, PermissionType, Requirement};
use crate::names::names;
use crate::reason::Reason;
use crate::time::Timestamp;

names! {
    /// Where the knowledge of grants comes from, best first.
    GrantSource: "a source of grants" {
        /// The service principal's app role assignments.
        AppRoleAssignments = "app_role_assignments",
        /// The roles claim of the access token.
        TokenRoles = "token_roles",
    }
}

names! {
    /// Status of one row of the inventory.
    PermissionStatus: "a permission status" {
        /// Held, or another one is that Graph accepts in its place.
        Granted = "granted",
        /// Known not to be held.
        Missing = "missing",
        /// No source could tell, or it was granted and does not work yet.
        Error = "error",
    }
}

/// What an app holds on Microsoft Graph, by every witness. The token tells what works now, the assignments what was granted; each takes
/// minutes to follow the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants {
    /// The best witness there is.
    pub source: GrantSource,
    /// Names of application permissions that work now, as far as is known.
    pub names: BTreeSet<String>,
    /// Names of those that were granted and are not in the token yet.
    pub pending: BTreeSet<String>,
    /// Names of those that are still in the token and no longer granted.
    pub revoked: BTreeSet<String>,
    /// Ids of granted app roles that nothing knows a name for; reported, never dropped.
    pub unknown_roles: BTreeSet<String>,
    /// App roles of other resources than Graph, which assignments alone tell of; none where they could not be read.
    pub elsewhere: Option<BTreeSet<ObjectId>>,
    /// Template ids of the directory roles that the app's principal holds.
    pub directory_roles: BTreeSet<ObjectId>,
    /// Why the assignments could not be read, where the token alone tells.
    pub unread: Option<Cause>,
    /// Names of delegated permissions granted for everybody; none when nothing requires one.
    pub delegated: Option<Known<BTreeSet<String>>>,
}

/// Whether a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met<'a> {
    /// By this permission: the one to ask for, or another that Graph accepts.
    By(&'a str),
    /// By this one, which Graph will soon not accept any more.
    Ending(&'a str, Ending<'a>),
    /// By this one, which was granted and does not work yet.
    Soon(&'a str),
    /// By this one, which was taken back and still works.
    NoLonger(&'a str),
    /// By none.
    Missing,
    /// No source could tell.
    Unknown(&'a Cause),
}

impl Grants {
    /// Reads the grants from every source that answered; when none did, the cause is that of the best one.
    #[must_use]
    pub fn from_facts(facts: &GraphFacts) -> Known<Grants> {
        let assigned = match (&facts.assignments, &facts.graph_resource) {
            (Known::Known(assignments), Known::Known(graph)) => Ok(Assigned::of(assignments, graph)),
            // Whose roles they are is not known: ids are unique within one resource alone.
            (Known::Unknown(cause), _) | (Known::Known(_), Known::Unknown(cause)) => Err(cause),
        };
        let (source, assigned, unread) = match (assigned, &facts.token) {
            (Ok(assigned), _) => (GrantSource::AppRoleAssignments, Some(assigned), None),
            (Err(cause), Some(_)) => (GrantSource::TokenRoles, None, Some(cause.clone())),
            (Err(cause), None) => return Known::Unknown(unreadable(cause)),
        };
        let (mut pending, mut revoked) = (BTreeSet::new(), BTreeSet::new());
        if let (Some(assigned), Some(token)) = (&assigned, &facts.token) {
            pending.extend(assigned.names.difference(&token.roles).cloned());
            // A role that has no name here yet may be the one that the token names.
            if assigned.unknown_roles.is_empty() {
                revoked.extend(token.roles.difference(&assigned.names).cloned());
            }
        }
        let (assigned_names, unknown_roles, elsewhere) = match assigned {
            Some(Assigned { names, unknown_roles, elsewhere }) => (names, unknown_roles, Some(elsewhere)),
            None => Default::default(),
        };
        let (names, directory_roles) = match &facts.token {
            Some(token) => (token.roles.clone(), token.directory_roles.clone()),
            None => (assigned_names, BTreeSet::new()),
        };
        let delegated = facts.delegated.clone();
        Known::Known(Grants {
            source,
            names,
            pending,
            revoked,
            unknown_roles,
            elsewhere,
            directory_roles,
            unread,
            delegated,
        })
    }

    /// Whether nothing at all is granted, now or soon.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
            && self.pending.is_empty()
            && self.unknown_roles.is_empty()
            && self.directory_roles.is_empty()
            && self.elsewhere.as_ref().is_none_or(BTreeSet::is_empty)
    }

    /// Whether a requirement is met.
    #[must_use]
    pub fn meet<'a>(&'a self, requirement: &Requirement<'a>, at: Moment) -> Met<'a> {
        let granted = match (requirement.kind, &self.delegated) {
            (PermissionType::Application, _) => &self.names,
            (PermissionType::Delegated, Some(Known::Known(granted))) => granted,
            (PermissionType::Delegated, Some(Known::Unknown(cause))) => return Met::Unknown(cause),
            (PermissionType::Delegated, None) => return Met::Missing,
        };
        let accepted = || requirement.accepted(at);
        let held = |names: &BTreeSet<String>| accepted().map(|(name, _)| name).find(|name| names.contains(*name));
        // What was taken back is known of application permissions alone; a delegated one may have the same name.
        let is_revoked = |name| requirement.kind == PermissionType::Application && self.revoked.contains(name);
        let lasts = accepted().find(|(name, _)| granted.contains(*name) && !is_revoked(*name));
        match (lasts, held(granted)) {
            (Some((name, None)), _) => Met::By(name),
            (Some((name, Some(ending))), _) => Met::Ending(name, ending),
            (None, _) if requirement.kind == PermissionType::Delegated => Met::Missing,
            (None, held_for_now) => match (held(&self.pending), held_for_now) {
                (Some(name), _) => Met::Soon(name),
                (None, Some(name)) => Met::NoLonger(name),
                (None, None) => Met::Missing,
            },
        }
    }
}

/// What the assignments say.
struct Assigned {
    names: BTreeSet<String>,
    unknown_roles: BTreeSet<String>,
    elsewhere: BTreeSet<ObjectId>,
}

impl Assigned {
    fn of(assignments: &[AppRoleAssignment], graph: &ObjectId) -> Self {
        let mut assigned = Self { names: BTreeSet::new(), unknown_roles: BTreeSet::new(), elsewhere: BTreeSet::new() };
        for AppRoleAssignment { app_role_id, resource_id } in assignments {
            if resource_id != graph {
                assigned.elsewhere.insert(app_role_id.clone());
                continue;
            }
            match GraphPermission::name_of(app_role_id) {
                Some(name) => assigned.names.insert(name.to_owned()),
                None => assigned.unknown_roles.insert(app_role_id.to_string()),
            };
        }
        assigned
    }
}

/// Any refusal of the last source means that the grants may not be read; only trouble that passes keeps its own reason.
fn unreadable(cause: &Cause) -> Cause {
    let reason = if cause.reason.is_transient() { cause.reason } else { Reason::PermissionDenied };
    Cause { reason, ..cause.clone() }
}

/// One required permission of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionRow {
    /// The permission's name.
    pub permission_key: String,
    /// How the app would hold it.
    pub permission_type: PermissionType,
    /// Whether it does.
    pub status: PermissionStatus,
    /// The areas that need it, and the other permission that satisfies it.
    pub details: RowDetails,
    /// When Microsoft was asked.
    pub last_checked_at: Timestamp,
}

/// What else is known of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDetails {
    /// Areas of the product that need the permission.
    pub features: Vec<Area>,
    /// The other permission that Graph accepts in its place, if it is granted that way.
    pub satisfied_by: Option<String>,
}

/// What a connection holds of what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionInventory {
    /// One row a required permission, in the manifest's order.
    pub rows: Vec<PermissionRow>,
    /// Who said so.
    pub source: GrantSource,
    /// Version of the manifest that said what is required.
    pub manifest_version: String,
    /// When it was refreshed.
    pub last_refreshed_at: Timestamp,
}

impl PermissionInventory {
    /// Compares what is granted with what is required.
    #[must_use]
    pub fn compare(grants: &Grants, requirements: &[Requirement<'_>], manifest: &Manifest, at: Moment) -> Self {
        let now = at.now;
        let mut rows: Vec<PermissionRow> = Vec::new();
        for requirement in requirements {
            let (status, held) = match grants.meet(requirement, at) {
                Met::By(name) | Met::Ending(name, _) | Met::NoLonger(name) => (PermissionStatus::Granted, Some(name)),
                Met::Missing => (PermissionStatus::Missing, None),
                Met::Soon(_) | Met::Unknown(_) => (PermissionStatus::Error, None),
            };
            let satisfied_by = held.filter(|name| *name != requirement.name).map(str::to_owned);
            let same = |row: &&mut PermissionRow| {
                row.permission_key == requirement.name && row.permission_type == requirement.kind
            };
            // One row for all the operations that ask for the same permission: as bad as the worst of them.
            if let Some(row) = rows.iter_mut().find(same) {
                if !row.details.features.contains(&requirement.area) {
                    row.details.features.push(requirement.area);
                }
                if badness(status) > badness(row.status) {
                    row.status = status;
                    row.details.satisfied_by = satisfied_by;
                }
                continue;
            }
            rows.push(PermissionRow {
                permission_key: requirement.name.to_owned(),
                permission_type: requirement.kind,
                status,
                details: RowDetails { features: vec![requirement.area], satisfied_by },
                last_checked_at: now,
            });
        }
        Self { rows, source: grants.source, manifest_version: manifest.version().to_owned(), last_refreshed_at: now }
    }
}

/// What of two operations decides about the permission that both ask for.
fn badness(status: PermissionStatus) -> u8 {
    match status {
        PermissionStatus::Granted => 0,
        PermissionStatus::Error => 1,
        PermissionStatus::Missing => 2,
    }
}

#[cfg(test)]
mod tests;
