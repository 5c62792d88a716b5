//! Dangerous permissions and directory roles that are granted although nothing needs them: each makes a stolen credential worth more.

use std::collections::BTreeSet;

use crate::check::{Check, CheckDefinition, CheckKey, Severity, Verdict};
use crate::directory_role::PrivilegedRole;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::Known;
use crate::graph_permission::GraphPermission;
use crate::manifest::{Manifest, PermissionType, Requirement};
use crate::permissions::Grants;
use crate::reason::Reason;

pub(super) const DEFINITION: CheckDefinition = CheckDefinition {
    key: CheckKey::EXCESSIVE,
    title: "Dangerous permissions",
    severity: Severity::Low,
    blocking: false,
};

/// What Microsoft itself sees the most harm in.
const HIGHEST_LEVEL: &str = "privilege_level_4";

struct Finding<'a> {
    kind: EvidenceKind,
    name: &'a str,
    danger: &'static str,
    why: Option<&'a str>,
    severity: Severity,
}

pub(super) fn check(grants: &Known<Grants>, requirements: &[Requirement<'_>], manifest: &Manifest) -> Check {
    let grants = match grants {
        Known::Known(grants) => grants,
        Known::Unknown(cause) => return Check::unverified(&DEFINITION, cause),
    };
    let mut findings = permissions(grants, requirements, manifest);
    findings.extend(grants.directory_roles.iter().filter_map(PrivilegedRole::of).map(|role| Finding {
        kind: EvidenceKind::DirectoryRole,
        name: role.name,
        danger: role.danger.as_str(),
        why: None,
        severity: role.danger.severity(),
    }));
    if let Some(worst) = findings.iter().map(|finding| finding.severity).max() {
        let evidence = findings.iter().flat_map(Finding::evidence).collect();
        let reason = Reason::ProviderPermissionExcessive;
        return Check { severity: worst, ..Check::new(&DEFINITION, Verdict::Warn(reason), evidence) };
    }
    match &grants.unread {
        // What is granted on Exchange, SharePoint and the like no token for Graph tells.
        Some(cause) => Check::unverified(&DEFINITION, cause).with_message(
            "Only the permissions on Microsoft Graph itself could be seen, and none of them is dangerous.",
        ),
        None => Check::pass(&DEFINITION, Vec::new()),
    }
}

fn permissions<'a>(grants: &'a Grants, requirements: &[Requirement<'_>], manifest: &'a Manifest) -> Vec<Finding<'a>> {
    let application = requirements.iter().filter(|requirement| requirement.kind == PermissionType::Application);
    let needed: BTreeSet<_> = application.map(|requirement| requirement.name).collect();
    // What was granted and does not work yet will.
    let on_graph: BTreeSet<&str> = grants.names.iter().chain(&grants.pending).map(String::as_str).collect();
    let elsewhere = grants.elsewhere.iter().flatten().filter_map(|role| manifest.dangerous_role(role));
    let unneeded = on_graph.into_iter().filter(|name| !needed.contains(name)).chain(elsewhere);
    unneeded.filter_map(|name| finding(name, manifest)).collect()
}

fn finding<'a>(name: &'a str, manifest: &'a Manifest) -> Option<Finding<'a>> {
    let kind = EvidenceKind::ExcessivePermission;
    if let Some(dangerous) = manifest.danger(name) {
        let (danger, severity) = (dangerous.danger.as_str(), dangerous.danger.severity());
        return Some(Finding { kind, name, danger, why: Some(&dangerous.why), severity });
    }
    let highly_privileged = GraphPermission::named(name).is_some_and(GraphPermission::is_highly_privileged);
    highly_privileged.then_some(Finding { kind, name, danger: HIGHEST_LEVEL, why: None, severity: Severity::High })
}

impl Finding<'_> {
    fn evidence(&self) -> Vec<Evidence> {
        let mut evidence =
            vec![Evidence::text(self.kind, self.name), Evidence::text(EvidenceKind::Danger, self.danger)];
        evidence.extend(self.why.map(|why| Evidence::text(EvidenceKind::Why, why)));
        evidence
    }
}
