//! The steps that lead to a missing permission. Consent grants what the app's registration asks for and nothing else, so a permission
//! that it does not ask for has to be added there first.

use std::collections::BTreeSet;

use crate::evidence::{Evidence, EvidenceKind, EvidenceValue};
use crate::facts::{Facts, Known};
use crate::graph_permission::GraphPermission;
use crate::id::ObjectId;
use crate::next_step::{NextStepTemplate, Target};
use crate::reason::Reason;

/// What the registration asks for, where it could be read.
pub(super) fn asked(facts: &Facts) -> Option<&BTreeSet<ObjectId>> {
    match facts {
        Facts::Token(graph) => graph.registration.as_ref().and_then(Known::known)?.asks.as_ref(),
        Facts::NoToken(_) => None,
    }
}

/// The steps of a check with this problem, in their order.
pub(super) fn steps(
    problem: Reason,
    evidence: &[Evidence],
    asked: Option<&BTreeSet<ObjectId>>,
) -> Vec<NextStepTemplate> {
    let own = problem.text().next_step;
    let missing: Vec<_> = evidence.iter().filter_map(missing_permission).collect();
    let is_about_permissions = matches!(
        problem,
        Reason::ProviderPermissionMissing | Reason::ProviderPermissionEnding | Reason::ProviderConsentMissing
    );
    if missing.is_empty() || !is_about_permissions {
        return own.into_iter().collect();
    }
    let target = Target::AppPermissions;
    match asked {
        Some(asked) if missing.iter().all(|name| asks_for(asked, name)) => own.into_iter().collect(),
        Some(_) => {
            let add = NextStepTemplate { label: "Add the permissions to the app registration", target };
            std::iter::once(add).chain(own).collect()
        }
        None => {
            let add = NextStepTemplate {
                label: "If consent does not help: add the permissions to the app registration",
                target,
            };
            own.into_iter().chain([add]).collect()
        }
    }
}

fn missing_permission(evidence: &Evidence) -> Option<&str> {
    match (evidence.kind, &evidence.value) {
        (EvidenceKind::MissingPermission | EvidenceKind::ReplacedBy, EvidenceValue::Text(name)) => Some(name),
        _ => None,
    }
}

/// Delegated permissions have ids of their own, which no table here knows: of those nothing is said.
fn asks_for(asked: &BTreeSet<ObjectId>, name: &str) -> bool {
    let id = GraphPermission::named(name).and_then(|permission| permission.id.as_ref());
    id.is_none_or(|id| asked.contains(id))
}
