//! Lists of runs. Who may see which tenants' runs is read from the base table; the runs themselves come from the indexes, which may
//! lag by a moment.

use std::collections::BTreeSet;

use domain::access::{Capability, Entitled, Role, Scope};
use domain::guarded::Guarded;
use domain::id::{RunId, TenantId, UserId, WorkspaceId};
use domain::operation_run::OperationRun;
use domain::run_list::{RunFilter, RunPage, RunSlice};
use domain::run_status::{RunOutcome, RunStatus};
use domain::time::Timestamp;
use futures_util::future::try_join_all;

use crate::batch_get::TenantKeys;
use crate::error::StoreError;
use crate::item::{self, Stored, text};
use crate::key::{self, Index, Range};
use crate::query::{IndexPage, IndexQuery};
use crate::table::Store;
use crate::transaction::Expression;

/// Up to this many tenants are read one by one, side by side, and merged: exact and cheap. For more, the workspace's index is read
/// and filtered.
const SIDE_BY_SIDE: usize = 25;

/// The most pages of the workspace's index in one call: a caller who sees little of a workspace is given what they are worth.
const INDEX_PAGES: usize = 4;

/// How many items are looked at where only some of them count, over all tenants. About half a megabyte, or 64 read units.
const LOOKED_AT: usize = 500;

/// What a list asks for, its time as a stretch of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunQuery {
    /// The first and the last id.
    pub ids: (RunId, RunId),
    /// Which of these runs.
    pub filter: RunFilter,
    /// The most runs of a page.
    pub page_size: usize,
}

/// What a user holds in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Member {
    /// The role in the workspace; none for somebody who is not a member.
    pub membership: Option<Role>,
    /// The roles on its tenants.
    pub entitlements: Vec<(TenantId, Role)>,
}

impl Store {
    /// Loads a user's rights on a tenant of a workspace; there is nothing inside.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_tenant_rights(
        &self,
        workspace: WorkspaceId,
        tenant: TenantId,
        user: &UserId,
    ) -> Result<Guarded<()>, StoreError> {
        let keys = TenantKeys::of(workspace, tenant, user);
        let mut found = self.batch_get(keys.all().collect()).await?;
        keys.guard(&mut found, |_, _| Ok(()))
    }

    /// Loads what a user holds in a workspace.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_member(&self, workspace: WorkspaceId, user: &UserId) -> Result<Member, StoreError> {
        let mut stored = Stored::of(self.query(key::rights(workspace, user)).await?);
        if let Some(damaged) = stored.damage_of(&key::membership(workspace, user)) {
            return Err(damaged.into());
        }
        // An entitlement that cannot be read gives no rights.
        self.leave_out(&stored.damaged);
        Ok(Member {
            membership: stored.memberships.first().map(|membership| membership.role),
            entitlements: stored.entitlements.iter().map(|it| (it.tenant_id, it.role)).collect(),
        })
    }

    /// A page of the runs of these tenants of a workspace.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] when the rights are for something else; others when the table cannot be read.
    pub async fn list_runs(
        &self,
        workspace: WorkspaceId,
        entitled: &[Entitled],
        query: &RunQuery,
        now: Timestamp,
    ) -> Result<RunPage, StoreError> {
        let tenants = entitled.iter().map(|entitled| match (entitled.scope(), entitled.capability()) {
            (Scope::Tenant(of, tenant), Capability::ViewVerification) if of == workspace => Ok(tenant),
            _ => Err(StoreError::Foreign),
        });
        let tenants: BTreeSet<TenantId> = tenants.collect::<Result<_, _>>()?;
        if tenants.len() > SIDE_BY_SIDE {
            return self.list_filtered(workspace, &tenants, query, now).await;
        }
        let slices = tenants.iter().map(async |tenant| {
            let shared = if query.filter.is_selective() { LOOKED_AT / tenants.len() } else { 0 };
            let looked_at = shared.max(query.page_size + 1);
            let range = key::runs_of_tenant(*tenant, query.ids);
            self.slice(Index::Tenant, range, query, looked_at, now).await
        });
        Ok(RunPage::merge(try_join_all(slices).await?, query.page_size))
    }

    /// The same from the workspace's index, without the runs of other tenants.
    async fn list_filtered(
        &self,
        workspace: WorkspaceId,
        tenants: &BTreeSet<TenantId>,
        query: &RunQuery,
        now: Timestamp,
    ) -> Result<RunPage, StoreError> {
        let mut all = RunSlice::default();
        let (first, mut last) = query.ids;
        for page in 0..INDEX_PAGES {
            // Most callers of so many tenants see nearly all of them: then the first page is enough.
            let looked_at = if page == 0 && !query.filter.is_selective() { query.page_size + 1 } else { LOOKED_AT };
            let range = key::runs_of_workspace(workspace, (first, last));
            let slice = self.slice(Index::Workspace, range, query, looked_at, now).await?;
            let seen = |run: &OperationRun| tenants.contains(&run.header.tenant_id);
            all.runs.extend(slice.runs.into_iter().filter(seen));
            all.looked_to = slice.looked_to;
            match slice.looked_to.and_then(|id| RunId::try_from(id.get() - 1).ok()) {
                Some(next) if next >= first && all.runs.len() <= query.page_size => last = next,
                Some(_) | None => break,
            }
        }
        Ok(RunPage::merge(vec![all], query.page_size))
    }

    /// The newest runs of a stretch of an index, of which at most so many are looked at.
    async fn slice(
        &self,
        index: Index,
        range: Range,
        query: &RunQuery,
        looked_at: usize,
        now: Timestamp,
    ) -> Result<RunSlice, StoreError> {
        let query = IndexQuery { index, range, filter: condition(&query.filter), looked_at };
        let IndexPage { items, looked_to } = self.query_index(query).await?;
        let stored = Stored::of(items.into_iter().filter_map(|item| item::live(item, now)));
        self.leave_out(&stored.damaged);
        Ok(RunSlice { runs: stored.runs, looked_to: looked_to.and_then(|key| key::run_of(&key.pk)) })
    }
}

/// The condition of a list's items, besides their time.
fn condition(filter: &RunFilter) -> Option<Expression> {
    let text_of = match (filter.status, filter.outcome) {
        (None, None) => return None,
        (Some(_), None) => "#status = :status",
        (None, Some(_)) => "#outcome = :outcome",
        (Some(_), Some(_)) => "#status = :status AND #outcome = :outcome",
    };
    let words = [
        ("#status", "status", ":status", filter.status.map(RunStatus::as_str)),
        ("#outcome", "outcome", ":outcome", filter.outcome.map(RunOutcome::as_str)),
    ];
    let named = words.into_iter().filter_map(|(name, attribute, value, word)| Some((name, attribute, value, word?)));
    Some(named.fold(Expression::new(text_of), |expression, (name, attribute, value, word)| {
        expression.name(name, attribute).value(value, text(word))
    }))
}
