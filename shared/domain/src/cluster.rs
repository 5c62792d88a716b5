//! Clusters: the areas of the permission manifest, grouped by the check that answers for them.

use crate::check::{CheckDefinition, CheckKey, Severity};
use crate::manifest::Area;
use crate::names::names;

names! {
    /// A group of areas that one check answers for.
    Cluster: "a cluster" {
        /// The connection itself and whatever belongs to no other cluster.
        AdminConsent = "permissions.admin_consent",
        /// The directory.
        DirectoryGroups = "permissions.directory_groups",
        /// Configuration, devices and enrollment.
        IntuneConfiguration = "permissions.intune_configuration",
        /// Apps.
        IntuneApps = "permissions.intune_apps",
        /// Role assignments.
        IntuneRbacAssignments = "permissions.intune_rbac_assignments",
        /// Scripts and remediations.
        ScriptsRemediations = "permissions.scripts_remediations",
    }
}

impl Cluster {
    /// The cluster that answers for an area.
    #[must_use]
    pub fn of(area: Area) -> Self {
        match area {
            Area::Core | Area::ConditionalAccess | Area::Roles | Area::Audit | Area::Reports => Cluster::AdminConsent,
            Area::Directory => Cluster::DirectoryGroups,
            Area::IntuneConfiguration | Area::IntuneDevices | Area::IntuneEnrollment => Cluster::IntuneConfiguration,
            Area::IntuneApps => Cluster::IntuneApps,
            Area::IntuneRbac => Cluster::IntuneRbacAssignments,
            Area::IntuneScripts => Cluster::ScriptsRemediations,
        }
    }

    /// Whether its features are those of Intune, which a tenant without a licence for it does not have.
    #[must_use]
    pub fn needs_intune(self) -> bool {
        match self {
            Cluster::AdminConsent | Cluster::DirectoryGroups => false,
            Cluster::IntuneConfiguration
            | Cluster::IntuneApps
            | Cluster::IntuneRbacAssignments
            | Cluster::ScriptsRemediations => true,
        }
    }

    /// The cluster's check.
    #[must_use]
    pub fn definition(self) -> CheckDefinition {
        let (key, title, severity, blocking) = match self {
            Cluster::AdminConsent => (CheckKey::ADMIN_CONSENT, "Admin consent", Severity::Critical, true),
            Cluster::DirectoryGroups => (CheckKey::DIRECTORY_GROUPS, "Directory and groups", Severity::High, true),
            Cluster::IntuneConfiguration => {
                (CheckKey::INTUNE_CONFIGURATION, "Intune configuration and devices", Severity::High, true)
            }
            Cluster::IntuneApps => (CheckKey::INTUNE_APPS, "Intune apps", Severity::High, true),
            Cluster::IntuneRbacAssignments => {
                (CheckKey::INTUNE_RBAC_ASSIGNMENTS, "Intune role assignments", Severity::High, true)
            }
            Cluster::ScriptsRemediations => {
                (CheckKey::SCRIPTS_REMEDIATIONS, "Intune scripts and remediations", Severity::Medium, false)
            }
        };
        CheckDefinition { key, title, severity, blocking }
    }
}
