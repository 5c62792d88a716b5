//! The manifest of required permissions: which permissions each area of the product needs, and which areas a module is made of. It
//! is versioned data of the project, so what is required is never learned from what was granted before.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::id::ObjectId;
use crate::names::names;

/// Application id of Microsoft Graph, the same in every tenant and cloud.
pub const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

static BUILT_IN: LazyLock<Manifest> = LazyLock::new(|| {
    let file = include_str!("../permission-manifest.json");
    serde_json::from_str(file).expect("a test reads the built-in manifest")
});

names! {
    /// An area of the product, the feature that a missing permission breaks.
    Area: "an area" {
        /// The connection itself.
        Core = "core",
        /// Users, groups and devices of the directory.
        Directory = "directory",
        /// Device configuration and compliance.
        IntuneConfiguration = "intune.configuration",
        /// Managed devices.
        IntuneDevices = "intune.devices",
        /// Apps and their assignments.
        IntuneApps = "intune.apps",
        /// Enrollment and service configuration.
        IntuneEnrollment = "intune.enrollment",
        /// Roles and scope tags of Intune.
        IntuneRbac = "intune.rbac",
        /// Scripts and remediations.
        IntuneScripts = "intune.scripts",
        /// Conditional Access policies.
        ConditionalAccess = "conditional_access",
        /// Directory roles.
        Roles = "roles",
        /// Audit logs.
        Audit = "audit",
        /// Usage reports.
        Reports = "reports",
    }
}

/// Whether an app holds a permission itself or on behalf of a signed-in user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PermissionType {
    /// Granted to the app itself.
    Application,
}

impl PermissionType {
    /// The word in evidence and inventory.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PermissionType::Application => "application",
        }
    }
}

/// A permission of Microsoft Graph as the manifest knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Id of its app role, the same in every tenant.
    pub id: ObjectId,
    /// Names of broader permissions that include it. An explicit list: names alone do not tell.
    #[serde(default)]
    pub satisfied_by: Vec<String>,
}

/// Permissions by name, areas and modules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: String,
    permissions: BTreeMap<String, Permission>,
    areas: BTreeMap<Area, Vec<String>>,
    modules: BTreeMap<String, Vec<Area>>,
}

/// One permission that one area of a module needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// The area that needs it.
    pub area: Area,
    /// The permission's name.
    pub name: &'a str,
    /// What the manifest knows of it.
    pub permission: &'a Permission,
}

impl Manifest {
    /// The manifest that ships with the product.
    #[must_use]
    pub fn built_in() -> &'static Manifest {
        &BUILT_IN
    }

    /// Its version, a date.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Names of the modules that a connection may have.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }

    /// What a module requires, area by area; none for a module that the manifest does not define.
    #[must_use]
    pub fn requirements(&self, module: &str) -> Option<Vec<Requirement<'_>>> {
        let areas = self.modules.get(module)?;
        let requirements = areas.iter().flat_map(|area| {
            let names = self.areas.get(area).map_or(&[][..], Vec::as_slice);
            names.iter().filter_map(|name| {
                let (name, permission) = self.permissions.get_key_value(name)?;
                Some(Requirement { area: *area, name, permission })
            })
        });
        Some(requirements.collect())
    }

    /// The name of an app role of Microsoft Graph that the manifest knows.
    #[must_use]
    pub fn name_of(&self, app_role: &ObjectId) -> Option<&str> {
        let named = self.permissions.iter().find(|(_, permission)| permission.id == *app_role);
        named.map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_manifest_names_only_permissions_and_areas_that_it_defines() {
        let manifest = Manifest::built_in();
        let broader = manifest.permissions.values().flat_map(|permission| &permission.satisfied_by);
        for name in manifest.areas.values().flatten().chain(broader) {
            assert!(manifest.permissions.contains_key(name), "{name}");
        }
        for area in manifest.modules.values().flatten() {
            assert!(manifest.areas.contains_key(area), "{area}");
        }
        let ids: std::collections::BTreeSet<_> =
            manifest.permissions.values().map(|permission| &permission.id).collect();
        assert_eq!(ids.len(), manifest.permissions.len(), "an id stands twice");
    }

    #[test]
    fn intune_basic_is_intune_without_scripts() {
        let manifest = Manifest::built_in();
        assert_eq!(manifest.modules().collect::<Vec<_>>(), ["intune", "intune_basic"]);
        let names = |module| -> Vec<&str> {
            manifest.requirements(module).expect("defined").iter().map(|requirement| requirement.name).collect()
        };
        let mut full = names("intune");
        assert_eq!(full.pop(), Some("DeviceManagementScripts.Read.All"));
        assert_eq!(names("intune_basic"), full);
        assert_eq!(manifest.requirements("exchange"), None);
    }
}
