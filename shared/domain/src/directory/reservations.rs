//! The order in which tenants are written: an Entra tenant must be free before another tenant can take it, and each tenant is a
//! transaction of its own.

use std::collections::BTreeMap;

use super::{Refusal, TenantEdits};
use crate::id::{EntraTenantId, TenantId};

/// Who holds which Entra tenant.
pub(super) type Holders = BTreeMap<EntraTenantId, TenantId>;

/// Puts each tenant behind the one that frees what it takes; otherwise the order stays.
pub(super) fn in_order(tenants: Vec<TenantEdits>, holders: &Holders) -> Result<Vec<TenantEdits>, Refusal> {
    let order: Vec<TenantId> = tenants.iter().map(TenantEdits::tenant_id).collect();
    let mut waiting: BTreeMap<TenantId, TenantEdits> =
        tenants.into_iter().map(|edits| (edits.tenant_id(), edits)).collect();
    let mut ordered = Vec::with_capacity(order.len());
    for first in order {
        // Each tenant waits for at most one other, so what must come before it is a chain.
        let mut chain: Vec<TenantId> = Vec::new();
        let mut next = Some(first);
        while let Some((tenant, edits)) = next.and_then(|tenant| Some((tenant, waiting.get(&tenant)?))) {
            if let Some(start) = chain.iter().position(|earlier| *earlier == tenant) {
                return Err(Refusal::EntraTenantsSwapped { tenants: chain.split_off(start) });
            }
            chain.push(tenant);
            next = edits.entra.takes.as_ref().and_then(|reservation| holders.get(reservation)).copied();
            next = next.filter(|holder| *holder != tenant);
        }
        ordered.extend(chain.iter().rev().filter_map(|tenant| waiting.remove(tenant)));
    }
    Ok(ordered)
}
