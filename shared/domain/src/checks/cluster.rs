//! The six permission clusters: whether what each needs is granted.

use crate::check::{Check, CheckDefinition, CheckStatus};
use crate::cluster::Cluster;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::Known;
use crate::manifest::{PermissionType, Requirement};
use crate::permissions::{Grants, Met};
use crate::reason::Reason;

pub(super) fn definitions() -> impl Iterator<Item = CheckDefinition> {
    Cluster::ALL.iter().map(|cluster| cluster.definition())
}

/// One check a cluster, in the fixed order.
pub(super) fn checks(grants: &Known<Grants>, requirements: &[Requirement<'_>], unlicensed: bool) -> Vec<Check> {
    let of_cluster = |cluster: Cluster| -> Vec<Requirement<'_>> {
        requirements.iter().filter(|requirement| Cluster::of(requirement.area) == cluster).copied().collect()
    };
    Cluster::ALL.iter().map(|cluster| check(*cluster, grants, &of_cluster(*cluster), unlicensed)).collect()
}

fn check(cluster: Cluster, grants: &Known<Grants>, requirements: &[Requirement<'_>], unlicensed: bool) -> Check {
    let definition = cluster.definition();
    let skip = |reason| Check::new(&definition, CheckStatus::Skip, reason, Vec::new());
    if requirements.is_empty() {
        return skip(Reason::NotApplicable).with_message("The connection's module needs nothing of this kind.");
    }
    if unlicensed && cluster.needs_intune() {
        return skip(Reason::ProviderLicenseMissing);
    }
    let grants = match grants {
        Known::Known(grants) => grants,
        Known::Unknown(cause) => return Check::unverified(&definition, cause),
    };
    let missing = |kind: PermissionType| -> Vec<_> {
        let of_kind = requirements.iter().filter(|requirement| requirement.kind == kind);
        of_kind.filter(|requirement| grants.meet(requirement) == Met::Missing).collect()
    };
    let (application, delegated) = (missing(PermissionType::Application), missing(PermissionType::Delegated));
    let evidence = || application.iter().chain(&delegated).flat_map(|requirement| evidence(requirement)).collect();
    if !application.is_empty() {
        // Nothing at all is granted: then it is not this permission that is missing, but consent.
        let reason = if grants.is_empty() { Reason::ProviderConsentMissing } else { Reason::ProviderPermissionMissing };
        return Check::new(&definition, CheckStatus::Fail, reason, evidence());
    }
    if !delegated.is_empty() {
        return Check::new(&definition, CheckStatus::Warn, Reason::ProviderPermissionMissing, evidence());
    }
    let unknown = requirements.iter().find_map(|requirement| match grants.meet(requirement) {
        Met::Unknown(cause) => Some(cause),
        Met::By(_) | Met::Missing => None,
    });
    unknown.map_or_else(|| Check::pass(&definition, Vec::new()), |cause| Check::unverified(&definition, cause))
}

fn evidence(requirement: &Requirement<'_>) -> [Evidence; 3] {
    [
        Evidence::text(EvidenceKind::MissingPermission, requirement.name),
        Evidence::text(EvidenceKind::PermissionType, requirement.kind.as_str()),
        Evidence::text(EvidenceKind::Feature, requirement.area.as_str()),
    ]
}
