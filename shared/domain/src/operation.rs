//! The kinds of work that a run can do.

use crate::names::names;

names! {
    /// What a run does: a canonical dotted code.
    Operation: "an operation" {
        /// Verifies a provider connection.
        ProviderConnectionCheck = "provider.connection.check",
    }
}
