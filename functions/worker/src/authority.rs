//! Re-authorization at execution: whether the initiator may still do this, and whether the preflight still holds, from data read
//! after the claim. It decides before anything is sent to Microsoft, on every attempt.

use domain::access::{Capability, Denied, Scope, decide};
use domain::next_step::Subject;
use domain::operation_run::{Initiator, RunHeader};
use domain::preflight::{Block, Rules, Runnable};
use domain::reason::Reason;
use domain::tenant::{Tenant, TenantStatus};
use store::ExecutionData;

/// Decides from current data whether the run may go on.
///
/// # Errors
/// The [`Block`] to complete the run with.
pub(crate) fn reauthorize<'a>(run: &RunHeader, data: &ExecutionData, rules: &'a Rules) -> Result<Runnable<'a>, Block> {
    let Some((tenant, scope)) = tenant_in_scope(run, data) else {
        return Err(no_tenant(run));
    };
    match run.initiator {
        Initiator::User { .. } => {
            let subject = Subject { connection_id: run.target.connection_id, ..Subject::of_tenant(tenant) };
            match decide(scope, data.rights, Capability::RunProvider) {
                Ok(_) => {}
                Err(Denied::Lacks(_)) => return Err(rules.block(Reason::MissingCapability, &subject)),
                Err(Denied::Outsider) => return Err(rules.block(Reason::InitiatorNotEntitled, &subject)),
            }
        }
        // The deployment's own runs lean on nobody's rights.
        Initiator::System => {}
    }
    match &data.connection {
        Some(connection) => rules.preflight(tenant, connection),
        None if tenant.status == TenantStatus::Archived => {
            Err(rules.block(Reason::TenantNotOperable, &Subject::of_tenant(tenant)))
        }
        None => Err(rules.no_connection(tenant, true)),
    }
}

fn tenant_in_scope<'a>(run: &RunHeader, data: &'a ExecutionData) -> Option<(&'a Tenant, Scope)> {
    let tenant = data.tenant.as_ref()?;
    Some((tenant, Scope::of_tenant(run.workspace_id, tenant)?))
}

/// The tenant was forgotten, so no link can lead to it any more.
fn no_tenant(run: &RunHeader) -> Block {
    Block {
        reason: Reason::TenantNotOperable,
        next_steps: Vec::new(),
        connection_id: run.target.connection_id,
        client_id: None,
    }
}
