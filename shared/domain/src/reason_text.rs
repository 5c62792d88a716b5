//! What people read about a reason: a label, a message, who can mend it, and the next step.

use crate::names::names;
use crate::next_step::NextStepTemplate;

/// What people read about a reason.
#[derive(Debug, PartialEq, Eq)]
pub struct ReasonText {
    /// A few words.
    pub label: &'static str,
    /// One or two plain sentences without customer data.
    pub message: &'static str,
    /// Who can mend it.
    pub fixed_by: FixedBy,
    /// What to do about it, where there is something to do.
    pub next_step: Option<NextStepTemplate>,
}

names! {
    /// Who can mend a cause.
    FixedBy: "somebody who can mend it" {
        /// Nothing is broken, or it passes by itself.
        Nobody = "nobody",
        /// The operator of the SaaS or MSP.
        Operator = "operator",
        /// An administrator of the customer's Microsoft tenant.
        TenantAdmin = "tenant_admin",
        /// Whoever runs this product: a fault on our side.
        Vendor = "vendor",
    }
}
