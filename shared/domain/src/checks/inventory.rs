//! The permission inventory was refreshed, and from which source.

use crate::check::{Check, CheckDefinition, CheckKey, Severity};
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::Known;
use crate::permissions::Grants;

pub(super) const DEFINITION: CheckDefinition = CheckDefinition {
    key: CheckKey::INVENTORY,
    title: "Permission inventory",
    severity: Severity::High,
    blocking: false,
};

pub(super) fn check(grants: &Known<Grants>) -> Check {
    let grants = match grants {
        Known::Known(grants) => grants,
        Known::Unknown(cause) => return Check::unverified(&DEFINITION, cause),
    };
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let mut evidence = vec![
        Evidence::text(EvidenceKind::Source, grants.source.as_str()),
        Evidence::number(EvidenceKind::GrantedPermissions, count(grants.names.len())),
    ];
    if !grants.unknown_roles.is_empty() {
        evidence.push(Evidence::number(EvidenceKind::UnknownRoles, count(grants.unknown_roles.len())));
        let unknown = grants.unknown_roles.iter().map(|id| Evidence::text(EvidenceKind::UnknownRole, id));
        evidence.extend(unknown);
    }
    if let Some(elsewhere) = grants.elsewhere.as_ref().filter(|elsewhere| !elsewhere.is_empty()) {
        evidence.push(Evidence::number(EvidenceKind::RolesElsewhere, count(elsewhere.len())));
    }
    let told = |kind: EvidenceKind| move |name: &String| Evidence::text(kind, name);
    evidence.extend(grants.pending.iter().map(told(EvidenceKind::PendingPermission)));
    evidence.extend(grants.revoked.iter().map(told(EvidenceKind::RevokedPermission)));
    // A source that was refused leaves its trace.
    evidence.extend(grants.unread.iter().flat_map(|cause| cause.evidence.clone()));
    Check::pass(&DEFINITION, evidence)
}
