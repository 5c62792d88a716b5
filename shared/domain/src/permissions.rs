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
        let lasts = accepted().find(|(name, _)| granted.contains(*name) && !self.revoked.contains(*name));
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
mod tests {
    use super::*;
    use crate::facts::TokenClaims;
    use crate::testing::{cause, graph_facts, object_id, role};

    fn grants(facts: &GraphFacts) -> Known<Grants> {
        Grants::from_facts(facts)
    }

    fn token(roles: &[&str]) -> TokenClaims {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        TokenClaims { tenant_id: None, roles, directory_roles: BTreeSet::new() }
    }

    #[test]
    fn a_refused_source_hands_over_to_the_tokens_roles() {
        let mut facts = graph_facts();
        facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
        let known = grants(&facts).known().expect("the token tells").clone();
        assert_eq!((known.source, known.elsewhere), (GrantSource::TokenRoles, None));
        assert_eq!(known.unread.map(|cause| cause.reason), Some(Reason::PermissionDenied));
        facts.token = Some(token(&[]));
        assert!(grants(&facts).known().expect("a readable token tells").is_empty());
        facts.token = None;
        assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::PermissionDenied));
        facts.assignments = Known::Unknown(cause(Reason::Throttled));
        assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::Throttled));
    }

    #[test]
    fn a_role_counts_on_graph_alone() {
        let mut facts = graph_facts();
        facts.token = None;
        let graph = object_id(1);
        let assignment = |app_role_id: ObjectId, resource_id: &ObjectId| AppRoleAssignment {
            app_role_id,
            resource_id: resource_id.clone(),
        };
        facts.assignments = Known::Known(vec![
            assignment(role("Organization.Read.All"), &graph),
            assignment(object_id(77), &graph),
            // Somebody's own app carries Graph's ids.
            assignment(role("User.Read.All"), &object_id(2)),
        ]);
        facts.graph_resource = Known::Known(graph);
        let known = grants(&facts).known().expect("assignments are known").clone();
        assert_eq!(Vec::from_iter(&known.names), ["Organization.Read.All"]);
        assert_eq!(Vec::from_iter(&known.unknown_roles), [object_id(77).as_str()]);
        assert_eq!(known.elsewhere, Some([role("User.Read.All")].into()));

        // Which of them are Graph's is not known: then nothing is.
        facts.graph_resource = Known::Unknown(cause(Reason::PermissionDenied));
        assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::PermissionDenied));
    }

    #[test]
    fn what_was_granted_and_what_works_are_two_things() {
        let mut facts = graph_facts();
        facts.token = Some(token(&["User.Read.All", "Mail.Send"]));
        let graph = facts.graph_resource.known().expect("known").clone();
        let assigned = ["User.Read.All", "Group.Read.All"].map(role);
        let assigned = assigned.map(|app_role_id| AppRoleAssignment { app_role_id, resource_id: graph.clone() });
        facts.assignments = Known::Known(assigned.into());
        let known = grants(&facts).known().expect("both tell").clone();
        assert_eq!(Vec::from_iter(&known.pending), ["Group.Read.All"]);
        assert_eq!(Vec::from_iter(&known.revoked), ["Mail.Send"]);
        let of = |operation: &str| {
            let required = Manifest::built_in().requirements("intune").expect("defined");
            let requirement = required.into_iter().find(|it| it.operation == operation).expect("required");
            format!("{:?}", known.meet(&requirement, crate::testing::moment()))
        };
        assert_eq!(of("GET /users"), r#"By("User.Read.All")"#);
        assert_eq!(of("GET /groups"), r#"Soon("Group.Read.All")"#);
        assert_eq!(of("GET /devices"), "Missing");
    }

    #[test]
    fn another_permission_that_graph_accepts_is_as_good_and_says_so() {
        let manifest = Manifest::built_in();
        let requirements = manifest.requirements("intune").expect("defined");
        let mut facts = graph_facts();
        facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
        facts.token =
            Some(token(&["Directory.Read.All", "Organization.Read.All", "DeviceManagementRBAC.ReadWrite.All"]));
        let grants = grants(&facts).known().expect("the token tells").clone();
        let inventory = PermissionInventory::compare(&grants, &requirements, manifest, crate::testing::moment());
        let row = |name: &str| inventory.rows.iter().find(|row| row.permission_key == name).expect("required");
        assert_eq!(row("Group.Read.All").status, PermissionStatus::Granted);
        assert_eq!(row("Group.Read.All").details.satisfied_by.as_deref(), Some("Directory.Read.All"));
        assert_eq!(row("Organization.Read.All").details.satisfied_by, None);
        let rbac = row("DeviceManagementRBAC.Read.All").details.satisfied_by.as_deref();
        assert_eq!(rbac, Some("DeviceManagementRBAC.ReadWrite.All"));
        assert_eq!(row("DeviceManagementApps.Read.All").status, PermissionStatus::Missing);
    }

    #[test]
    fn a_refusal_of_any_kind_means_that_grants_may_not_be_read() {
        for (reason, told) in [
            (Reason::UnknownError, Reason::PermissionDenied),
            (Reason::PermissionDenied, Reason::PermissionDenied),
            (Reason::Throttled, Reason::Throttled),
            (Reason::DependencyUnreachable, Reason::DependencyUnreachable),
        ] {
            assert_eq!(unreadable(&cause(reason)).reason, told);
        }
    }

    #[test]
    fn one_row_for_each_permission_as_bad_as_the_worst_of_its_operations() {
        let manifest = Manifest::built_in();
        let required = manifest.requirements("intune").expect("defined");
        let named = |name: &str| *required.iter().find(|it| it.name == name).expect("required");
        let (first, other) = (named("Group.Read.All"), named("DeviceManagementApps.Read.All"));
        let area = other.area;
        assert_ne!(first.area, area);
        let facts = {
            let mut facts = graph_facts();
            facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
            facts.token = Some(token(&["Directory.Read.All"]));
            facts
        };
        let grants = grants(&facts).known().expect("the token tells").clone();
        // The same name for another operation, which accepts nothing of what is granted.
        let worse = Requirement { name: first.name, ..other };
        let delegated = Requirement { kind: PermissionType::Delegated, ..worse };
        for order in [[first, worse, delegated], [worse, first, delegated]] {
            let rows = PermissionInventory::compare(&grants, &order, manifest, crate::testing::moment()).rows;
            let told: Vec<_> =
                rows.iter().map(|row| (row.permission_type, row.status, row.details.features.len())).collect();
            let application = (PermissionType::Application, PermissionStatus::Missing, 2);
            assert_eq!(told, [application, (PermissionType::Delegated, PermissionStatus::Missing, 1)]);
            assert_eq!(rows[0].details.satisfied_by, None, "what is missing is satisfied by nothing");
        }
        let rows = PermissionInventory::compare(&grants, &[first, first], manifest, crate::testing::moment()).rows;
        assert_eq!((rows.len(), rows[0].details.features.len()), (1, 1), "the same twice is the same");
        let statuses = [PermissionStatus::Granted, PermissionStatus::Error, PermissionStatus::Missing];
        assert!(statuses.map(badness).is_sorted());
        assert!(badness(PermissionStatus::Granted) < badness(PermissionStatus::Error));
    }
}
