//! Stretches of one partition: what is read with one query, in the table or in an index.

use domain::id::{RunId, TenantId, UserId, WorkspaceId};
use domain::time::Timestamp;

use super::{
    Key, SHARDS, active_partition, audit_partition, member_partition, run_partition, tenant_partition,
    workspace_partition,
};

/// A stretch of one partition, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) pk: String,
    /// The first sort key.
    pub(crate) from: String,
    /// The last sort key.
    pub(crate) to: String,
}

/// Everything of a run: its acknowledgements, its report and the run itself.
pub(crate) fn whole_run(run: RunId) -> Range {
    Range { pk: run_partition(run), from: "ACK#".to_owned(), to: "RUN".to_owned() }
}

/// What stands beside a run: its acknowledgements and its report.
pub(crate) fn beside_run(run: RunId) -> Range {
    Range { pk: run_partition(run), from: "ACK#".to_owned(), to: "REPORT".to_owned() }
}

/// A user's membership in a workspace and entitlements to its tenants.
pub(crate) fn rights(workspace: WorkspaceId, user: &UserId) -> Range {
    Range { pk: member_partition(workspace, user), from: "TENANT#".to_owned(), to: "WORKSPACE".to_owned() }
}

/// A tenant's slots and connections. `~` sorts after every digit.
pub(crate) fn slots_and_connections(tenant: TenantId) -> Range {
    Range { pk: tenant_partition(tenant), from: "ACTIVE#".to_owned(), to: "CONNECTION#~".to_owned() }
}

/// The same of a tenant that nobody has: tenant ids start at 1.
pub(crate) fn nobodys_slots_and_connections() -> Range {
    Range { pk: format!("TENANT#{:016}", 0), from: "ACTIVE#".to_owned(), to: "CONNECTION#~".to_owned() }
}

/// A tenant's acknowledged causes, slots, connections and what runs of them left behind. `~` sorts after every hexadecimal digit.
pub(crate) fn acknowledged_to_state(tenant: TenantId) -> Range {
    Range { pk: tenant_partition(tenant), from: "ACKED#".to_owned(), to: "STATE#~".to_owned() }
}

/// A tenant's acknowledged causes, slots and connections.
pub(crate) fn acknowledged_to_connections(tenant: TenantId) -> Range {
    Range { pk: tenant_partition(tenant), from: "ACKED#".to_owned(), to: "CONNECTION#~".to_owned() }
}

/// A tenant's connections and what runs of them left behind.
pub(crate) fn connections_to_state(tenant: TenantId) -> Range {
    Range { pk: tenant_partition(tenant), from: "CONNECTION#".to_owned(), to: "STATE#~".to_owned() }
}

/// A tenant's connections.
pub(crate) fn connections(tenant: TenantId) -> Range {
    Range { pk: tenant_partition(tenant), from: "CONNECTION#".to_owned(), to: "CONNECTION#~".to_owned() }
}

/// The runs of a tenant from one id to another, in its index.
pub(crate) fn runs_of_tenant(tenant: TenantId, (first, last): (RunId, RunId)) -> Range {
    Range { pk: tenant_partition(tenant), from: run_partition(first), to: run_partition(last) }
}

/// The runs of a workspace from one id to another, in its index.
pub(crate) fn runs_of_workspace(workspace: WorkspaceId, (first, last): (RunId, RunId)) -> Range {
    Range { pk: workspace_partition(workspace), from: run_partition(first), to: run_partition(last) }
}

/// The whole directory of a workspace in its index.
pub(crate) fn directory(workspace: WorkspaceId) -> Range {
    Range { pk: workspace_partition(workspace), from: "DIRECTORY#".to_owned(), to: "DIRECTORY#~".to_owned() }
}

/// The audit events of a workspace on a day (`yyyy-mm-dd`), shard by shard. `~` sorts after every digit.
pub(crate) fn audit_day(workspace: WorkspaceId, day: &str) -> impl Iterator<Item = Range> {
    let range = |pk| Range { pk, from: "0".to_owned(), to: "~".to_owned() };
    (0..SHARDS).map(move |shard| audit_partition(workspace, day, shard)).map(range)
}

/// The entitlements in a workspace's directory, by user. A user's id may begin with `~`, after which only one character of ASCII comes.
pub(crate) fn directory_entitlements(workspace: WorkspaceId) -> Range {
    let prefix = "DIRECTORY#ENTITLEMENT#";
    Range { pk: workspace_partition(workspace), from: prefix.to_owned(), to: format!("{prefix}\u{7f}") }
}

/// Everything in a tenant's partition. `!` sorts before every letter, and no key starts with two `~`.
pub(crate) fn whole_tenant(tenant: TenantId) -> Range {
    Range { pk: tenant_partition(tenant), from: "!".to_owned(), to: "~~".to_owned() }
}

/// Everything that is entered under a tenant in its index.
pub(crate) fn entered_under(tenant: TenantId) -> Range {
    whole_tenant(tenant)
}

/// Everything in the partition of a run, if this is the key of one.
pub(crate) fn whole_partition_of_run(run: &Key) -> Option<Range> {
    let is_run = run.pk.starts_with("RUN#") && run.sk == "RUN";
    is_run.then(|| Range { pk: run.pk.clone(), from: "!".to_owned(), to: "~~".to_owned() })
}

/// The slots of active runs of which nobody has heard since this time or longer, shard by shard, in their index.
pub(crate) fn unheard(since: Timestamp) -> impl Iterator<Item = Range> {
    (0..SHARDS).map(move |shard| Range { pk: active_partition(shard), from: "0".to_owned(), to: since.to_string() })
}

/// A tenant's slots.
pub(crate) fn slots(tenant: TenantId) -> Range {
    Range { pk: tenant_partition(tenant), from: "ACTIVE#".to_owned(), to: "ACTIVE#~".to_owned() }
}
