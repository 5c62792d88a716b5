//! Lists of runs. Who may see which tenants' runs is read from the base table; the runs themselves come from the indexes, which may
//! lag by a moment.

use std::collections::BTreeSet;

use domain::access::{Capability, Entitled, Role, Scope};
use domain::guarded::Guarded;
use domain::id::{RunId, TenantId, UserId, WorkspaceId};
use domain::run_list::{RunFilter, RunPage, RunSlice};
use domain::run_status::{RunOutcome, RunStatus};
use domain::time::Timestamp;
use futures_util::future::try_join_all;

use crate::batch_get::TenantKeys;
use crate::error::StoreError;
use crate::item::{self, Stored, text};
use crate::key::{self, Index};
use crate::query::{IndexPage, IndexQuery};
use crate::table::Store;
use crate::transaction::Expression;

/// Of up to this many tenants the runs are read tenant by tenant, side by side, where the workspace's newest are not theirs. For more, the
/// workspace's index is read further.
const SIDE_BY_SIDE: usize = 25;

/// The most pages of an index in one call: a caller who sees little of a workspace is given what they are worth.
const INDEX_PAGES: usize = 4;

/// How many items are looked at where only some of them count, over all tenants. About half a megabyte, or 64 read units.
const LOOKED_AT: usize = 500;

/// How often tenants are looked at further where their heads do not reach to the end of the page. Each time it is four times as many items.
const ROUNDS: usize = 3;

/// DynamoDB takes so many values in a list of a condition.
const MOST_NAMED: usize = 100;

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
        let list = List { store: self, query, now };
        let mut some = tenants.iter();
        match (some.next(), some.next()) {
            (None, _) => return Ok(RunPage::default()),
            (Some(only), None) => {
                let slice = list.reach(Part::Tenant(*only), Depth::Deep).await?;
                return Ok(RunPage::merge(vec![slice], query.page_size));
            }
            (Some(_), Some(_)) => {}
        }
        let has_few = tenants.len() <= SIDE_BY_SIDE;
        // Most callers see nearly all of a workspace: then its newest runs are theirs, and a page or two of them are enough.
        let depth = if has_few { Depth::Shallow } else { Depth::Deep };
        let mut newest = list.reach(Part::Workspace(workspace, &tenants), depth).await?;
        let rest = newest.looked_to.and_then(RunId::before).filter(|_| has_few && newest.runs.len() < query.page_size);
        let Some(before) = rest else { return Ok(RunPage::merge(vec![newest], query.page_size)) };
        let rest = RunQuery { ids: (query.ids.0, before), page_size: query.page_size - newest.runs.len(), ..*query };
        let mut slices = List { query: &rest, ..list }.heads(&tenants).await?;
        // What is behind is looked at tenant by tenant.
        newest.looked_to = None;
        slices.push(newest);
        Ok(RunPage::merge(slices, query.page_size))
    }
}

/// Which runs are looked at with one query.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// Those of one tenant.
    Tenant(TenantId),
    /// Those of a workspace that belong to one of these tenants.
    Workspace(WorkspaceId, &'a BTreeSet<TenantId>),
}

/// How far a part is looked at where most of what is there does not count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// No further: there is a better way.
    Shallow,
    /// Many items at once.
    Deep,
}

/// A list that somebody asks for.
#[derive(Clone, Copy)]
struct List<'a> {
    store: &'a Store,
    query: &'a RunQuery,
    now: Timestamp,
}

impl List<'_> {
    /// The newest runs of one part: as many items are looked at as a page has, and while at least half of them count, as many again.
    async fn reach(&self, part: Part<'_>, depth: Depth) -> Result<RunSlice, StoreError> {
        let mut all = RunSlice::default();
        let mut looked_at = self.query.page_size + 1;
        for _ in 0..INDEX_PAGES {
            let before = all.runs.len();
            self.look_further(part, &mut all, looked_at).await?;
            if all.looked_to.is_none() || all.runs.len() >= self.query.page_size {
                break;
            }
            let most_count = (all.runs.len() - before) * 2 >= looked_at;
            looked_at = match depth {
                _ if most_count => self.query.page_size + 1,
                Depth::Deep => LOOKED_AT,
                Depth::Shallow => break,
            };
        }
        Ok(all)
    }

    /// The newest runs of each of a few tenants, side by side. Of each its share of a page is looked at, and then more of those only
    /// that may have others which belong to the page.
    async fn heads(&self, tenants: &BTreeSet<TenantId>) -> Result<Vec<RunSlice>, StoreError> {
        let size = self.query.page_size;
        let most = if self.query.filter.is_selective() { LOOKED_AT / tenants.len() } else { 0 }.max(size + 1);
        let mut looked_at = size / tenants.len() + 2;
        let mut slices = vec![RunSlice::default(); tenants.len()];
        for round in 0..ROUNDS {
            // With one run more than a page has, it is known whether there is another page.
            let end = RunPage::last_of(&slices, size + 1);
            let looks = slices.iter_mut().zip(tenants).filter(|(slice, _)| round == 0 || slice.may_reach(end));
            let looks =
                looks.map(|(slice, tenant)| self.look_further(Part::Tenant(*tenant), slice, looked_at.min(most)));
            try_join_all(looks).await?;
            looked_at *= 4;
        }
        Ok(slices)
    }

    /// Looks at so many items more of a part, behind those of the slice.
    async fn look_further(&self, part: Part<'_>, slice: &mut RunSlice, looked_at: usize) -> Result<(), StoreError> {
        let (first, last) = self.query.ids;
        let last = slice.looked_to.map_or(Some(last), RunId::before).filter(|last| *last >= first);
        let Some(last) = last else {
            slice.looked_to = None;
            return Ok(());
        };
        let filter = condition(&self.query.filter, part);
        let (index, range) = match part {
            Part::Tenant(tenant) => (Index::Tenant, key::runs_of_tenant(tenant, (first, last))),
            Part::Workspace(workspace, _) => (Index::Workspace, key::runs_of_workspace(workspace, (first, last))),
        };
        let page = self.store.query_index(IndexQuery { index, range, filter, looked_at }).await?;
        let IndexPage { items, looked_to } = page;
        let stored = Stored::of(items.into_iter().filter_map(|item| item::live(item, self.now)));
        self.store.leave_out(&stored.damaged);
        slice.runs.extend(stored.runs.into_iter().filter(|run| match part {
            Part::Tenant(_) => true,
            Part::Workspace(_, tenants) => tenants.contains(&run.header.tenant_id),
        }));
        slice.looked_to = looked_to.and_then(|key| key::run_of(&key.pk));
        Ok(())
    }
}

/// The condition of a list's items, besides their time. Of more tenants than a condition can name, all are read.
fn condition(filter: &RunFilter, part: Part<'_>) -> Option<Expression> {
    let words = [
        ("#status", "status", ":status", filter.status.map(RunStatus::as_str)),
        ("#outcome", "outcome", ":outcome", filter.outcome.map(RunOutcome::as_str)),
    ];
    let words = words.into_iter().filter_map(|(name, attribute, value, word)| Some((name, attribute, value, word?)));
    let mut terms: Vec<String> = words.clone().map(|(name, _, value, _)| format!("{name} = {value}")).collect();
    let named: Vec<_> = match part {
        Part::Workspace(_, tenants) if tenants.len() <= MOST_NAMED => {
            tenants.iter().enumerate().map(|(place, tenant)| (format!(":tenant{place}"), *tenant)).collect()
        }
        Part::Workspace(..) | Part::Tenant(_) => Vec::new(),
    };
    if !named.is_empty() {
        let values: Vec<_> = named.iter().map(|(value, _)| value.as_str()).collect();
        terms.push(format!("#tenant IN ({})", values.join(", ")));
    }
    if terms.is_empty() {
        return None;
    }
    let mut expression = Expression::new(terms.join(" AND "));
    for (name, attribute, value, word) in words {
        expression = expression.name(name, attribute).value(value, text(word));
    }
    if !named.is_empty() {
        expression = expression.name("#tenant", "tenant_id");
    }
    Some(named.into_iter().fold(expression, |all, (value, tenant)| all.value(&value, item::number(tenant))))
}
