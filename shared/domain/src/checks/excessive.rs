//! Dangerous permissions that are granted although nothing needs them: each makes a stolen credential worth more.

use std::collections::BTreeSet;

use crate::check::{Check, CheckDefinition, CheckKey, CheckStatus, Severity};
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::Known;
use crate::manifest::{Manifest, PermissionType, Requirement};
use crate::permissions::Grants;
use crate::reason::Reason;

pub(super) const DEFINITION: CheckDefinition = CheckDefinition {
    key: CheckKey::EXCESSIVE,
    title: "Dangerous permissions",
    severity: Severity::Low,
    blocking: false,
};

pub(super) fn check(grants: &Known<Grants>, requirements: &[Requirement<'_>], manifest: &Manifest) -> Check {
    let grants = match grants {
        Known::Known(grants) => grants,
        Known::Unknown(cause) => return Check::unverified(&DEFINITION, cause),
    };
    let needed: BTreeSet<_> = requirements
        .iter()
        .filter(|requirement| requirement.kind == PermissionType::Application)
        .map(|requirement| requirement.name)
        .collect();
    let excessive = grants.names.iter().filter(|name| manifest.is_dangerous(name) && !needed.contains(name.as_str()));
    let evidence: Vec<_> = excessive.map(|name| Evidence::text(EvidenceKind::ExcessivePermission, name)).collect();
    if evidence.is_empty() {
        Check::pass(&DEFINITION, evidence)
    } else {
        Check::new(&DEFINITION, CheckStatus::Warn, Reason::ProviderPermissionExcessive, evidence)
    }
}
