//! The manifest: which operations of Graph each area of the product calls, what Graph accepts for each, and which areas a module is
//! made of. It is versioned data of the project, so what is required is never learned from what was granted before.

mod alternative;
mod extension;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::check::Severity;
use crate::id::ObjectId;
use crate::names::names;

pub use alternative::{Alternative, Ending, Moment};
pub use extension::{EXTENSION_FILE, InvalidManifest};

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

names! {
    /// What makes a permission dangerous.
    Danger: "a danger" {
        /// Whoever holds it makes itself Global Administrator.
        Direct = "direct",
        /// It takes a step more, or luck.
        Indirect = "indirect",
        /// It reaches everybody's data.
        DataAccess = "data_access",
    }
}

impl Danger {
    /// How bad it is to hold it without need.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Danger::Direct => Severity::Critical,
            Danger::Indirect => Severity::High,
            Danger::DataAccess => Severity::Medium,
        }
    }
}

/// A permission that makes a stolen credential worth more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dangerous {
    /// Id of its app role, where it is none of Graph's, or no longer.
    id: Option<ObjectId>,
    /// What makes it dangerous.
    #[serde(rename = "path")]
    pub danger: Danger,
    /// What can be done with it, in a few words.
    pub why: String,
}

/// An operation of Graph that an area calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    /// What an app that calls it itself needs.
    application: Option<Accepted>,
    /// What an app that calls it for a signed-in user needs.
    delegated: Option<Accepted>,
    /// Why an operator says otherwise than the built-in manifest.
    overrides: Option<String>,
}

/// The permissions that Graph accepts for an operation, each by itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    /// The least, which is the one to ask for.
    ask: String,
    /// The others.
    #[serde(default)]
    accepts: Vec<Alternative>,
}

/// Operations, dangerous permissions, areas and modules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: String,
    #[serde(default)]
    operations: BTreeMap<String, Operation>,
    #[serde(default)]
    dangerous_permissions: BTreeMap<String, Dangerous>,
    #[serde(default)]
    areas: BTreeMap<Area, Calls>,
    #[serde(default)]
    modules: BTreeMap<String, BTreeMap<Area, Access>>,
}

/// The operations that an area calls to read, and beyond that to write.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Calls {
    #[serde(default)]
    read: Vec<String>,
    #[serde(default)]
    write: Vec<String>,
}

/// What one operation of one area of a module needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// The area that calls the operation.
    pub area: Area,
    /// The operation: method and path, as Graph's reference writes them.
    pub operation: &'a str,
    /// Whether the app needs it itself or for a signed-in user.
    pub kind: PermissionType,
    /// The least permission that Graph accepts, which is the one to ask for.
    pub name: &'a str,
    /// The others that Graph accepts.
    pub accepts: &'a [Alternative],
    /// Why an operator says otherwise than the built-in manifest, if one does.
    pub overridden: Option<&'a str>,
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

    /// What a module requires, area by area and operation by operation; none for a module that the manifest does not define.
    #[must_use]
    pub fn requirements(&self, module: &str) -> Option<Vec<Requirement<'_>>> {
        let areas = self.modules.get(module)?;
        Some(areas.iter().flat_map(|(area, access)| self.of_area(*area, *access)).collect())
    }

    fn of_area(&self, area: Area, access: Access) -> Vec<Requirement<'_>> {
        let Some(calls) = self.areas.get(&area) else { return Vec::new() };
        let write: &[String] = if access == Access::Write { &calls.write } else { &[] };
        let called: Vec<_> = calls.read.iter().chain(write).collect();
        let of_kind = |kind: PermissionType| {
            called.iter().filter_map(move |name| {
                let (operation, needs) = self.operations.get_key_value(*name)?;
                let Accepted { ask, accepts } = needs.of(kind)?;
                Some(Requirement { area, operation, kind, name: ask, accepts, overridden: needs.overrides.as_deref() })
            })
        };
        PermissionType::ALL.iter().flat_map(|kind| of_kind(*kind)).collect()
    }

    /// What is dangerous about an application permission of this name, if anything.
    #[must_use]
    pub fn danger(&self, name: &str) -> Option<&Dangerous> {
        self.dangerous_permissions.get(name)
    }

    /// Every application permission that is dangerous.
    pub fn dangerous_permissions(&self) -> impl Iterator<Item = (&str, &Dangerous)> {
        self.dangerous_permissions.iter().map(|(name, dangerous)| (name.as_str(), dangerous))
    }

    /// The name of a dangerous app role that is none of Graph's, by its id.
    #[must_use]
    pub fn dangerous_role(&self, role: &ObjectId) -> Option<&str> {
        self.dangerous_permissions().find(|(_, dangerous)| dangerous.id.as_ref() == Some(role)).map(|(name, _)| name)
    }
}

impl Operation {
    fn of(&self, kind: PermissionType) -> Option<&Accepted> {
        match kind {
            PermissionType::Application => self.application.as_ref(),
            PermissionType::Delegated => self.delegated.as_ref(),
        }
    }
}

impl<'a> Requirement<'a> {
    /// Every permission that Graph accepts, accepted earlier or will accept.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        std::iter::once(self.name).chain(self.accepts.iter().map(|alternative| alternative.name.as_str()))
    }

    /// Every permission that Graph accepts, the one to ask for first, and with it when it ends if that is soon: those that last come
    /// before those that end.
    pub fn accepted(&self, at: Moment) -> impl Iterator<Item = (&'a str, Option<Ending<'a>>)> + use<'a> {
        let alternatives = move || self.accepts.iter().filter(move |alternative| alternative.is_accepted(at));
        let lasting = alternatives().filter(move |alternative| alternative.ending(at).is_none());
        let ending = alternatives().filter(move |alternative| alternative.ending(at).is_some());
        let told = move |alternative: &'a Alternative| (alternative.name.as_str(), alternative.ending(at));
        std::iter::once((self.name, None)).chain(lasting.map(told)).chain(ending.map(told))
    }
}

#[cfg(test)]
mod tests;
