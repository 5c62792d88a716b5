//! What the table shows of a run or a tenant, as the viewer reads it: the head first, then the decision, then the rest.

use domain::access::Capability;
use domain::id::{RunId, TenantId, UserId, WorkspaceId};
use domain::time::Timestamp;
use store::{Store, StoreError, StoredRun, TenantView};

/// A run with everything beside it.
///
/// # Errors
/// [`StoreError`] when the table does not answer, or something cannot be read.
///
/// # Panics
/// When the user may not see it.
pub async fn run(store: &Store, run: RunId, user: &UserId, now: Timestamp) -> Result<StoredRun, StoreError> {
    let head = store.load_run_head(run, user, now).await?;
    let opened = head.open(Capability::ViewVerification).expect("the user sees the run");
    Ok(store.load_run_view(opened, now).await?.value)
}

/// A tenant.
///
/// # Errors
/// [`StoreError`] when the table does not answer, or something cannot be read.
///
/// # Panics
/// When the user may not see it.
pub async fn tenant(
    store: &Store,
    (workspace, tenant): (WorkspaceId, TenantId),
    user: &UserId,
    now: Timestamp,
) -> Result<TenantView, StoreError> {
    let head = store.load_tenant(workspace, tenant, user).await?;
    let opened = head.open(Capability::ViewVerification).expect("the user sees the tenant");
    Ok(store.load_tenant_view(opened, now).await?.value)
}
