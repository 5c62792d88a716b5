//! Whether a tenant may be forgotten, and the transaction that holds it to that.

use domain::audit::{Actor, AuditAction, AuditEvent, OperatorArn};
use domain::directory::Versioned;
use domain::id::{EventId, RunId, TenantId};
use domain::tenant::{Tenant, TenantStatus};
use domain::time::Timestamp;

use super::{Archived, Forgettable};
use crate::error::StoreError;
use crate::item::{self, Entity, VERSION, directory, slot};
use crate::key;
use crate::table::Store;
use crate::transaction::{self, Expression, Transacted};

impl Store {
    /// Looks at a tenant that somebody wants to forget.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn forgettable(&self, tenant: TenantId) -> Result<Forgettable, StoreError> {
        let Some(item) = self.get(key::tenant(tenant)).await? else { return Ok(Forgettable::Unknown) };
        let Versioned { value: tenant, version } = item::versioned(Entity::Tenant, item, directory::to_tenant)?;
        match tenant.status {
            TenantStatus::Pending | TenantStatus::Active => Ok(Forgettable::InUse(tenant)),
            TenantStatus::Archived => match self.active_run(tenant.id).await? {
                Some(run) => Ok(Forgettable::Busy(tenant, run)),
                None => Ok(Forgettable::Yes(Archived { tenant, version })),
            },
        }
    }

    /// One of the tenant's active runs.
    pub(super) async fn active_run(&self, tenant: TenantId) -> Result<Option<RunId>, StoreError> {
        let first = self.query(key::slots(tenant)).await?.into_iter().next();
        Ok(first.map(slot::to_slot).transpose()?.map(|slot| slot.run_id))
    }

    /// Records that the tenant is forgotten, if it is still the archived one that was looked at.
    pub(super) async fn record_forgotten(
        &self,
        archived: &Archived,
        operator: OperatorArn,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let unchanged = self.require(key::tenant(archived.tenant.id), &unchanged(archived.version));
        let token = transaction::token();
        let items = [unchanged, self.record(&forgotten(&archived.tenant, operator, now), &token)];
        match self.transact(&items, &token).await? {
            Transacted::Committed => Ok(true),
            Transacted::Refused(_) => Ok(false),
        }
    }
}

/// The tenant is still the archived one of this version. The status stands beside the version, so that no fault in counting versions
/// ever removes what belongs to a live tenant.
pub(super) fn unchanged(version: u64) -> Expression {
    Expression::new("#status = :archived AND #version = :version")
        .name("#status", "status")
        .name("#version", VERSION)
        .value(":archived", item::text(TenantStatus::Archived.as_str()))
        .value(":version", item::number(version))
}

fn forgotten(tenant: &Tenant, operator: OperatorArn, now: Timestamp) -> AuditEvent {
    let (id, actor) = (EventId::new(now, fastrand::u16(..)), Actor::Operator(operator));
    let event = AuditEvent::new(id, now, AuditAction::TenantForgotten, tenant.workspace_id, actor);
    AuditEvent { tenant_id: Some(tenant.id), ..event }
}
