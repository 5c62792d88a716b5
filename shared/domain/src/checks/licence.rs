//! Whether the tenant is known to have no Intune licence. Only a list of plans that can be read and names none that is enabled says
//! so; a list that is empty may just as well be one that may not be read.

use crate::facts::GraphFacts;

/// What Microsoft calls Intune in a list of plans.
const INTUNE: &str = "SCO";

pub(super) fn is_absent(graph: &GraphFacts) -> bool {
    let Some(organization) = graph.organization.known() else { return false };
    let enabled = organization.plans.iter().any(|plan| plan.service == INTUNE && plan.enabled);
    !organization.plans.is_empty() && !enabled
}
