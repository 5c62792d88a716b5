//! Reads and writes the directory: workspaces, memberships, entitlements, tenants with their reservations on Entra tenants, connections, and
//! onboarding sessions. `load_directory` reads what is stored of a file's workspaces, `apply_directory` brings in the plan that follows.

mod apply;
mod load;
mod steps;

use domain::id::TenantId;

use crate::item;
use crate::transaction::Expression;

pub use apply::{DirectoryCause, DirectoryError, DirectorySubject};

/// A reservation may be written by the tenant that has it, or by anybody when nobody has.
pub(crate) fn free_or_mine(tenant: TenantId) -> Expression {
    Expression::new("attribute_not_exists(pk) OR tenant_id = :mine").value(":mine", item::number(tenant))
}
