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
        of_kind.filter(|requirement| grants.meet(requirement) == Met::Missing).copied().collect()
    };
    let (application, delegated) = (missing(PermissionType::Application), missing(PermissionType::Delegated));
    if !application.is_empty() {
        // Nothing at all is granted: then it is not this permission that is missing, but consent.
        let reason = if grants.is_empty() { Reason::ProviderConsentMissing } else { Reason::ProviderPermissionMissing };
        return Check::new(&definition, CheckStatus::Fail, reason, named(&[application, delegated].concat()));
    }
    if !delegated.is_empty() {
        let reason = Reason::ProviderPermissionMissing;
        return Check::new(&definition, CheckStatus::Warn, reason, named(&delegated));
    }
    let of = |wanted: fn(&Met<'_>) -> bool| -> Vec<_> {
        requirements.iter().filter(|requirement| wanted(&grants.meet(requirement))).copied().collect()
    };
    let (soon, no_longer) = (of(|met| matches!(met, Met::Soon(_))), of(|met| matches!(met, Met::NoLonger(_))));
    if !soon.is_empty() {
        return Check::new(&definition, CheckStatus::Warn, Reason::ProviderPermissionPending, named(&soon));
    }
    if !no_longer.is_empty() {
        return Check::new(&definition, CheckStatus::Warn, Reason::ProviderPermissionRevoked, named(&no_longer));
    }
    let unknown = requirements.iter().find_map(|requirement| match grants.meet(requirement) {
        Met::Unknown(cause) => Some(cause),
        Met::By(_) | Met::Soon(_) | Met::NoLonger(_) | Met::Missing => None,
    });
    unknown.map_or_else(
        || Check::pass(&definition, overridden(requirements)),
        |cause| Check::unverified(&definition, cause),
    )
}

/// The least permission to grant, once, and what for.
fn named(requirements: &[Requirement<'_>]) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (place, requirement) in requirements.iter().enumerate() {
        let same = |other: &Requirement<'_>| (other.name, other.kind) == (requirement.name, requirement.kind);
        if requirements[..place].iter().any(same) {
            continue;
        }
        evidence.push(Evidence::text(EvidenceKind::MissingPermission, requirement.name));
        evidence.push(Evidence::text(EvidenceKind::PermissionType, requirement.kind.as_str()));
        evidence.push(Evidence::text(EvidenceKind::Feature, requirement.area.as_str()));
        let operations = requirements[place..].iter().filter(|other| same(other));
        evidence.extend(operations.map(|other| Evidence::text(EvidenceKind::Operation, other.operation)));
    }
    evidence.extend(overridden(requirements));
    evidence
}

/// Where an operator says otherwise than the built-in manifest.
fn overridden(requirements: &[Requirement<'_>]) -> Vec<Evidence> {
    let overridden = requirements.iter().filter_map(|it| Some((it.operation, it.overridden?)));
    let told = |(operation, why): (&str, &str)| {
        Evidence::text(EvidenceKind::OverriddenOperation, format!("{operation}: {why}"))
    };
    overridden.map(told).collect()
}
