//! Whether the tenant is known to have no Intune licence. Only a list of plans that can be read and names none that is enabled says
//! so; a list that is empty may just as well be one that may not be read.

use crate::facts::{AssignedPlan, GraphFacts};

/// What Microsoft calls Intune in a list of plans.
const INTUNE: &str = "SCO";

/// A plan of the same service that is not Intune: Basic Mobility and Security (`INTUNE_O365`).
const BASIC_MOBILITY: &str = "882e1d05-acd1-4ccb-8708-6ee03664b117";

pub(super) fn is_absent(graph: &GraphFacts) -> bool {
    let Some(organization) = graph.organization.known() else { return false };
    let is_intune = |plan: &AssignedPlan| {
        plan.service == INTUNE && plan.plan_id.as_ref().is_none_or(|id| id.as_str() != BASIC_MOBILITY)
    };
    let enabled = organization.plans.iter().any(|plan| plan.enabled && is_intune(plan));
    !organization.plans.is_empty() && !enabled
}
