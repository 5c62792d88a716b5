//! Whether the tenant has an Intune licence. Only a list of plans that can be read and names none that is enabled says that it has
//! none; a list that is empty may just as well be one that may not be read.

use crate::facts::{AssignedPlan, Cause, GraphFacts, Known};

/// What Microsoft calls Intune in a list of plans.
const INTUNE: &str = "SCO";

/// A plan of the same service that is not Intune: Basic Mobility and Security (`INTUNE_O365`).
const BASIC_MOBILITY: &str = "882e1d05-acd1-4ccb-8708-6ee03664b117";

/// What is known of the licence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Licence<'a> {
    /// There is one.
    Held,
    /// There is none.
    Absent,
    /// The organization was read, and tells no plans.
    Untold,
    /// The organization could not be read.
    Unread(&'a Cause),
}

impl<'a> Licence<'a> {
    pub(super) fn of(graph: &'a GraphFacts) -> Self {
        let organization = match &graph.organization {
            Known::Known(organization) => organization,
            Known::Unknown(cause) => return Self::Unread(cause),
        };
        let is_intune = |plan: &AssignedPlan| {
            plan.service == INTUNE && plan.plan_id.as_ref().is_none_or(|id| id.as_str() != BASIC_MOBILITY)
        };
        if organization.plans.is_empty() {
            return Self::Untold;
        }
        let is_held = organization.plans.iter().any(|plan| plan.enabled && is_intune(plan));
        if is_held { Self::Held } else { Self::Absent }
    }
}
