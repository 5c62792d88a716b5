//! The manifest of required permissions: which permissions each area of the product needs, and which areas a module is made of. It
//! is versioned data of the project, so what is required is never learned from what was granted before.

mod extension;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::id::ObjectId;
use crate::names::names;

pub use extension::InvalidManifest;

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

names! {
    /// Whether an app holds a permission itself or on behalf of a signed-in user.
    PermissionType: "a permission type" {
        /// Granted to the app itself.
        Application = "application",
        /// Granted to the app for what a signed-in user may do.
        Delegated = "delegated",
    }
}

names! {
    /// How a module uses an area.
    Access: "an access" {
        /// It looks.
        Read = "read",
        /// It looks and changes.
        Write = "write",
    }
}

/// A permission of an API as the manifest knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Id of its app role, the same in every tenant, where it is known.
    pub id: Option<ObjectId>,
    /// Names of broader permissions that include it. An explicit list: names alone do not tell.
    #[serde(default)]
    pub satisfied_by: Vec<String>,
    /// Whether holding it without need is worth a warning.
    #[serde(default)]
    pub dangerous: bool,
}

/// Permissions by name, areas and modules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: String,
    #[serde(default)]
    application_permissions: BTreeMap<String, Permission>,
    #[serde(default)]
    delegated_permissions: BTreeMap<String, Permission>,
    #[serde(default)]
    areas: BTreeMap<Area, AreaNeeds>,
    #[serde(default)]
    modules: BTreeMap<String, BTreeMap<Area, Access>>,
}

/// What an area needs to read, and beyond that to write.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaNeeds {
    #[serde(default)]
    read: Needs,
    #[serde(default)]
    write: Needs,
}

/// Names of permissions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Needs {
    #[serde(default)]
    application: Vec<String>,
    #[serde(default)]
    delegated: Vec<String>,
}

impl Needs {
    fn of(&self, kind: PermissionType) -> &[String] {
        match kind {
            PermissionType::Application => &self.application,
            PermissionType::Delegated => &self.delegated,
        }
    }
}

/// One permission that one area of a module needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// The area that needs it.
    pub area: Area,
    /// The permission's name.
    pub name: &'a str,
    /// Whether the app needs it itself or for a signed-in user.
    pub kind: PermissionType,
    /// What the manifest knows of it.
    pub permission: &'a Permission,
}

impl Manifest {
    /// The manifest that ships with the product.
    #[must_use]
    pub fn built_in() -> &'static Manifest {
        &BUILT_IN
    }

    /// Its version: a date, followed by that of the operator's extension if there is one.
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
        Some(areas.iter().flat_map(|(area, access)| self.of_area(*area, *access)).collect())
    }

    fn of_area(&self, area: Area, access: Access) -> Vec<Requirement<'_>> {
        let Some(needs) = self.areas.get(&area) else { return Vec::new() };
        let levels = match access {
            Access::Read => vec![&needs.read],
            Access::Write => vec![&needs.read, &needs.write],
        };
        let kinds = levels.iter().flat_map(|level| PermissionType::ALL.iter().map(|kind| (*kind, level.of(*kind))));
        kinds
            .flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)))
            .filter_map(|(kind, name)| {
                let (name, permission) = self.permissions(kind).get_key_value(name)?;
                Some(Requirement { area, name, kind, permission })
            })
            .collect()
    }

    fn permissions(&self, kind: PermissionType) -> &BTreeMap<String, Permission> {
        match kind {
            PermissionType::Application => &self.application_permissions,
            PermissionType::Delegated => &self.delegated_permissions,
        }
    }

    /// The app roles whose ids the manifest knows: their names and ids.
    pub fn app_roles(&self) -> impl Iterator<Item = (&str, &ObjectId)> {
        let permissions = self.application_permissions.iter();
        permissions.filter_map(|(name, permission)| Some((name.as_str(), permission.id.as_ref()?)))
    }

    /// The name of an app role that the manifest knows by its id.
    #[must_use]
    pub fn name_of(&self, app_role: &ObjectId) -> Option<&str> {
        self.app_roles().find(|(_, id)| *id == app_role).map(|(name, _)| name)
    }

    /// Whether holding this application permission without need is worth a warning.
    #[must_use]
    pub fn is_dangerous(&self, name: &str) -> bool {
        self.application_permissions.get(name).is_some_and(|permission| permission.dangerous)
    }
}

#[cfg(test)]
mod tests;
