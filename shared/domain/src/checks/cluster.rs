//! The six permission clusters: whether what each needs is granted.

use std::collections::BTreeSet;

use crate::check::{Check, CheckDefinition, Skip, Verdict};
use crate::cluster::Cluster;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::Known;
use crate::manifest::{Moment, PermissionType, Requirement};
use crate::permissions::{Grants, Met};
use crate::reason::Reason;

use super::licence::Licence;

pub(super) fn definitions() -> impl Iterator<Item = CheckDefinition> {
    Cluster::ALL.iter().map(|cluster| cluster.definition())
}

/// One check a cluster, in the fixed order.
pub(super) fn checks(
    grants: &Known<Grants>,
    requirements: &[Requirement<'_>],
    licence: &Licence<'_>,
    at: Moment,
) -> Vec<Check> {
    let of_cluster = |cluster: Cluster| -> Vec<Requirement<'_>> {
        requirements.iter().filter(|requirement| Cluster::of(requirement.area) == cluster).copied().collect()
    };
    Cluster::ALL.iter().map(|cluster| check(*cluster, grants, &of_cluster(*cluster), licence, at)).collect()
}

fn check(
    cluster: Cluster,
    grants: &Known<Grants>,
    requirements: &[Requirement<'_>],
    licence: &Licence<'_>,
    at: Moment,
) -> Check {
    let definition = cluster.definition();
    let skip = |why| Check::new(&definition, Verdict::Skip(why), Vec::new());
    if requirements.is_empty() {
        return skip(Skip::NotApplicable).with_message("The connection's module needs nothing of this kind.");
    }
    let licence = if cluster.needs_intune() { licence } else { &Licence::Held };
    if *licence == Licence::Absent {
        return skip(Skip::Because(Reason::ProviderLicenseMissing));
    }
    let grants = match grants {
        Known::Known(grants) => grants,
        Known::Unknown(cause) => return Check::unverified(&definition, cause),
    };
    let met: Vec<_> = requirements.iter().map(|requirement| (*requirement, grants.meet(requirement, at))).collect();
    let of = |wanted: &dyn Fn(&Requirement<'_>, &Met<'_>) -> bool| -> Vec<Requirement<'_>> {
        met.iter().filter(|(requirement, met)| wanted(requirement, met)).map(|(requirement, _)| *requirement).collect()
    };
    let missing = |kind: PermissionType| of(&|requirement, met| requirement.kind == kind && *met == Met::Missing);
    let (application, delegated) = (missing(PermissionType::Application), missing(PermissionType::Delegated));
    if !application.is_empty() {
        // Nothing at all is granted: then it is not this permission that is missing, but consent.
        let reason = if grants.is_empty() { Reason::ProviderConsentMissing } else { Reason::ProviderPermissionMissing };
        return Check::new(&definition, Verdict::Fail(reason), named(&[application, delegated].concat()));
    }
    if !delegated.is_empty() {
        return Check::new(&definition, Verdict::Warn(Reason::ProviderPermissionMissing), named(&delegated));
    }
    let soon = of(&|_, met| matches!(met, Met::Soon(_)));
    let no_longer = of(&|_, met| matches!(met, Met::NoLonger(_)));
    if !soon.is_empty() {
        return Check::new(&definition, Verdict::Warn(Reason::ProviderPermissionPending), named(&soon));
    }
    if !no_longer.is_empty() {
        return Check::new(&definition, Verdict::Warn(Reason::ProviderPermissionRevoked), named(&no_longer));
    }
    let unknown = met.iter().find_map(|(_, met)| match met {
        Met::Unknown(cause) => Some(*cause),
        Met::By(_) | Met::Ending(..) | Met::Soon(_) | Met::NoLonger(_) | Met::Missing => None,
    });
    let ends = ending(&met);
    match (unknown, licence) {
        (Some(cause), _) => Check::unverified(&definition, cause),
        (None, _) if !ends.is_empty() => Check::new(&definition, Verdict::Warn(Reason::ProviderPermissionEnding), ends),
        (None, Licence::Unread(cause)) => Check::unverified(&definition, cause).with_message(
            "The permissions are granted. Whether the tenant has the licence that they need could not be verified.",
        ),
        (None, Licence::Held | Licence::Absent | Licence::Untold) => Check::pass(&definition, overridden(requirements)),
    }
}

/// What Graph will soon not accept any more, once, with its end and what takes its place.
fn ending(met: &[(Requirement<'_>, Met<'_>)]) -> Vec<Evidence> {
    let mut named = BTreeSet::new();
    let mut evidence = Vec::new();
    for (requirement, met) in met {
        let Met::Ending(name, end) = met else { continue };
        if named.insert(name) {
            evidence.push(Evidence::text(EvidenceKind::EndingPermission, *name));
            evidence.push(Evidence::text(EvidenceKind::AcceptedUntil, end.until.day()));
            evidence.push(Evidence::text(EvidenceKind::ReplacedBy, end.replaced_by.unwrap_or(requirement.name)));
        }
    }
    evidence
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
