//! The six permission clusters: whether what each needs is granted.

use crate::check::{Check, CheckDefinition, CheckStatus};
use crate::cluster::Cluster;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::Known;
use crate::manifest::{PermissionType, Requirement};
use crate::permissions::Grants;
use crate::reason::Reason;

pub(super) fn definitions() -> impl Iterator<Item = CheckDefinition> {
    Cluster::ALL.iter().map(|cluster| cluster.definition())
}

/// One check a cluster, in the fixed order.
pub(super) fn checks(grants: &Known<Grants>, requirements: &[Requirement<'_>]) -> Vec<Check> {
    let of_cluster = |cluster: Cluster| -> Vec<Requirement<'_>> {
        requirements.iter().filter(|requirement| Cluster::of(requirement.area) == cluster).copied().collect()
    };
    Cluster::ALL.iter().map(|cluster| check(*cluster, grants, &of_cluster(*cluster))).collect()
}

fn check(cluster: Cluster, grants: &Known<Grants>, requirements: &[Requirement<'_>]) -> Check {
    let definition = cluster.definition();
    if requirements.is_empty() {
        return Check::new(&definition, CheckStatus::Skip, Reason::NotApplicable, Vec::new())
            .with_message("The connection's module needs nothing of this kind.");
    }
    let grants = match grants {
        Known::Known(grants) => grants,
        Known::Unknown(cause) => return Check::unverified(&definition, cause),
    };
    let missing: Vec<_> = requirements.iter().filter(|requirement| grants.satisfying(requirement).is_none()).collect();
    if missing.is_empty() {
        return Check::pass(&definition, Vec::new());
    }
    // Nothing at all is granted: then it is not this permission that is missing, but consent.
    let reason = if grants.is_empty() { Reason::ProviderConsentMissing } else { Reason::ProviderPermissionMissing };
    let evidence = missing.into_iter().flat_map(|requirement| {
        [
            Evidence::text(EvidenceKind::MissingPermission, requirement.name),
            Evidence::text(EvidenceKind::PermissionType, PermissionType::Application.as_str()),
            Evidence::text(EvidenceKind::Feature, requirement.area.as_str()),
        ]
    });
    Check::new(&definition, CheckStatus::Fail, reason, evidence.collect())
}
