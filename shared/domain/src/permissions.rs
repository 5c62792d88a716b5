//! From facts to permissions: what is granted, by which source, and what of the required is missing. Everything here is computed
//! from what Microsoft said and the manifest, never from an earlier result.

use std::collections::BTreeSet;

use crate::facts::{AppRoleAssignment, Cause, GraphFacts, GraphResource, Known};
use crate::manifest::{Area, Manifest, PermissionType, Requirement};
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
        /// Held, or included in a broader one that is held.
        Granted = "granted",
        /// Known not to be held.
        Missing = "missing",
        /// No source could tell.
        Error = "error",
    }
}

/// What an app holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants {
    /// Who said so.
    pub source: GrantSource,
    /// Names of granted application permissions of Microsoft Graph.
    pub names: BTreeSet<String>,
    /// Ids of granted app roles that nothing knows a name for; reported, never dropped.
    pub unknown_roles: BTreeSet<String>,
    /// Names of delegated permissions granted for everybody; none when nothing requires one.
    pub delegated: Option<Known<BTreeSet<String>>>,
}

/// Whether a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met<'a> {
    /// By this permission: itself, or a broader one that the manifest names.
    By(&'a str),
    /// By none.
    Missing,
    /// No source could tell.
    Unknown(&'a Cause),
}

impl Grants {
    /// Reads the grants from the best source that answered; when none did, the cause is that of the best one.
    #[must_use]
    pub fn from_facts(facts: &GraphFacts, manifest: &Manifest) -> Known<Grants> {
        let delegated = facts.delegated.clone();
        match (&facts.assignments, &facts.token) {
            (Known::Known(assignments), _) => {
                let (names, unknown_roles) = named(assignments, facts.graph_resource.known(), manifest);
                Known::Known(Grants { source: GrantSource::AppRoleAssignments, names, unknown_roles, delegated })
            }
            (Known::Unknown(_), Some(token)) => Known::Known(Grants {
                source: GrantSource::TokenRoles,
                names: token.roles.clone(),
                unknown_roles: BTreeSet::new(),
                delegated,
            }),
            (Known::Unknown(cause), None) => Known::Unknown(unreadable(cause)),
        }
    }

    /// Whether nothing at all is granted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.unknown_roles.is_empty()
    }

    /// Whether a requirement is met.
    #[must_use]
    pub fn meet<'a>(&'a self, requirement: &Requirement<'a>) -> Met<'a> {
        let granted = match (requirement.kind, &self.delegated) {
            (PermissionType::Application, _) => &self.names,
            (PermissionType::Delegated, Some(Known::Known(granted))) => granted,
            (PermissionType::Delegated, Some(Known::Unknown(cause))) => return Met::Unknown(cause),
            (PermissionType::Delegated, None) => return Met::Missing,
        };
        let broader = requirement.permission.satisfied_by.iter().map(String::as_str);
        let held = std::iter::once(requirement.name).chain(broader).find(|name| granted.contains(*name));
        held.map_or(Met::Missing, Met::By)
    }
}

/// Names of granted roles, and ids of those that nothing knows a name for.
fn named(
    assignments: &[AppRoleAssignment],
    resource: Option<&GraphResource>,
    manifest: &Manifest,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut names = BTreeSet::new();
    let mut unknown_roles = BTreeSet::new();
    for assignment in assignments {
        let name = match resource {
            Some(graph) if graph.object_id != assignment.resource_id => None,
            Some(graph) => graph.app_roles.get(&assignment.app_role_id).map(String::as_str),
            None => None,
        };
        // Role ids are unique across resources, so the manifest's ids name a role where the resource may not be read.
        match name.or_else(|| manifest.name_of(&assignment.app_role_id)) {
            Some(name) => names.insert(name.to_owned()),
            None => unknown_roles.insert(assignment.app_role_id.to_string()),
        };
    }
    (names, unknown_roles)
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
    /// The areas that need it, and the broader permission that satisfies it.
    pub details: RowDetails,
    /// When Microsoft was asked.
    pub last_checked_at: Timestamp,
}

/// What else is known of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDetails {
    /// Areas of the product that need the permission.
    pub features: Vec<Area>,
    /// The broader permission that includes it, if it is granted that way.
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
    pub fn compare(grants: &Grants, requirements: &[Requirement<'_>], manifest: &Manifest, now: Timestamp) -> Self {
        let mut rows: Vec<PermissionRow> = Vec::with_capacity(requirements.len());
        for requirement in requirements {
            let same = |row: &&mut PermissionRow| {
                row.permission_key == requirement.name && row.permission_type == requirement.kind
            };
            if let Some(row) = rows.iter_mut().find(same) {
                row.details.features.push(requirement.area);
                continue;
            }
            let (status, held) = match grants.meet(requirement) {
                Met::By(name) => (PermissionStatus::Granted, Some(name)),
                Met::Missing => (PermissionStatus::Missing, None),
                Met::Unknown(_) => (PermissionStatus::Error, None),
            };
            rows.push(PermissionRow {
                permission_key: requirement.name.to_owned(),
                permission_type: requirement.kind,
                status,
                details: RowDetails {
                    features: vec![requirement.area],
                    satisfied_by: held.filter(|name| *name != requirement.name).map(str::to_owned),
                },
                last_checked_at: now,
            });
        }
        Self { rows, source: grants.source, manifest_version: manifest.version().to_owned(), last_refreshed_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::TokenClaims;
    use crate::testing::{cause, graph_facts, object_id};

    fn grants(facts: &GraphFacts) -> Known<Grants> {
        Grants::from_facts(facts, Manifest::built_in())
    }

    #[test]
    fn a_refused_source_hands_over_to_the_tokens_roles() {
        let mut facts = graph_facts();
        facts.assignments = Known::Unknown(cause(Reason::PermissionDenied));
        let known = grants(&facts);
        assert_eq!(known.known().map(|grants| grants.source), Some(GrantSource::TokenRoles));
        facts.token = Some(TokenClaims { tenant_id: None, roles: BTreeSet::new() });
        assert!(grants(&facts).known().expect("a readable token tells").is_empty());
        facts.token = None;
        assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::PermissionDenied));
        facts.assignments = Known::Unknown(cause(Reason::Throttled));
        assert_eq!(grants(&facts).cause().map(|cause| cause.reason), Some(Reason::Throttled));
    }

    #[test]
    fn names_come_from_the_resource_or_from_the_manifest_and_unknown_ids_are_kept() {
        let mut facts = graph_facts();
        let organization_read =
            Manifest::built_in().requirements("intune").expect("defined")[0].permission.id.clone().expect("known");
        let graph = object_id(1);
        facts.assignments = Known::Known(vec![
            AppRoleAssignment { app_role_id: organization_read, resource_id: graph.clone() },
            AppRoleAssignment { app_role_id: object_id(77), resource_id: graph.clone() },
            AppRoleAssignment { app_role_id: object_id(78), resource_id: object_id(2) },
        ]);
        let app_roles = [(object_id(77), "Brand.New.Permission".to_owned()), (object_id(78), "Elsewhere".to_owned())];
        facts.graph_resource = Known::Known(GraphResource { object_id: graph, app_roles: app_roles.into() });
        let known = grants(&facts).known().expect("assignments are known").clone();
        assert_eq!(Vec::from_iter(&known.names), ["Brand.New.Permission", "Organization.Read.All"]);
        assert_eq!(Vec::from_iter(&known.unknown_roles), [object_id(78).as_str()]);

        facts.graph_resource = Known::Unknown(cause(Reason::PermissionDenied));
        let known = grants(&facts).known().expect("assignments are known").clone();
        assert_eq!(Vec::from_iter(&known.names), ["Organization.Read.All"]);
        assert_eq!(known.unknown_roles.len(), 2);
    }

    #[test]
    fn a_broader_permission_satisfies_a_narrower_one_and_says_so() {
        let manifest = Manifest::built_in();
        let requirements = manifest.requirements("intune").expect("defined");
        let grants = Grants {
            source: GrantSource::TokenRoles,
            names: ["Directory.Read.All".to_owned(), "Organization.Read.All".to_owned()].into(),
            unknown_roles: BTreeSet::new(),
            delegated: None,
        };
        let inventory = PermissionInventory::compare(&grants, &requirements, manifest, Timestamp::from_millis(0));
        let row = |name: &str| inventory.rows.iter().find(|row| row.permission_key == name).expect("required");
        assert_eq!(row("Group.Read.All").status, PermissionStatus::Granted);
        assert_eq!(row("Group.Read.All").details.satisfied_by.as_deref(), Some("Directory.Read.All"));
        assert_eq!(row("Organization.Read.All").details.satisfied_by, None);
        assert_eq!(row("DeviceManagementApps.Read.All").status, PermissionStatus::Missing);
    }
}
