//! The keys of the table, and the only place that formats them. Ids are padded with zeros to 16 digits, so that they sort as
//! numbers (2^53-1 has 16); user ids are percent-encoded, so that none can contain the separator.

mod range;

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::AuditEvent;
use domain::check::CheckKey;
use domain::directory::AppInTenant;
use domain::fingerprint::sha256_hex;
use domain::id::{ConnectionId, EntraTenantId, RunId, SessionId, TenantId, UserId, WorkspaceId};
use domain::identity::RunIdentityHash;
use domain::time::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub(crate) use range::*;

/// Everything but RFC 3986's unreserved characters is encoded.
const USER_ID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Active slots and the audit events of a day are spread over this many partitions, so that no single one takes every write.
const SHARDS: u64 = 8;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    /// The key as the attributes of a request.
    pub(crate) fn attributes(self) -> HashMap<String, AttributeValue> {
        [("pk", self.pk), ("sk", self.sk)].map(|(name, text)| (name.to_owned(), AttributeValue::S(text))).into()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

/// An index that an item is entered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Index {
    /// The runs and onboarding sessions of a tenant.
    Tenant,
    /// The runs of a workspace, and the entries of its directory.
    Workspace,
    /// The slots of active runs, by the time since which nobody has heard of them.
    Active,
}

impl Index {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Index::Tenant => "gsi1",
            Index::Workspace => "gsi2",
            Index::Active => "gsi3",
        }
    }

    /// The attributes that hold the partition and the sort key.
    pub(crate) fn attributes(self) -> (&'static str, &'static str) {
        match self {
            Index::Tenant => ("gsi1pk", "gsi1sk"),
            Index::Workspace => ("gsi2pk", "gsi2sk"),
            Index::Active => ("gsi3pk", "gsi3sk"),
        }
    }
}

/// Where an item stands in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    pub(crate) index: Index,
    /// Partition and sort key in it.
    pub(crate) key: Key,
}

fn tenant_partition(tenant: TenantId) -> String {
    format!("TENANT#{:016}", tenant.get())
}

fn workspace_partition(workspace: WorkspaceId) -> String {
    format!("WORKSPACE#{:016}", workspace.get())
}

fn run_partition(run: RunId) -> String {
    format!("RUN#{:016}", run.get())
}

fn session_partition(session: SessionId) -> String {
    format!("SESSION#{:016}", session.get())
}

fn encoded(user: &UserId) -> String {
    utf8_percent_encode(user.as_str(), USER_ID).to_string()
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

pub(crate) fn workspace(workspace: WorkspaceId) -> Key {
    key(workspace_partition(workspace), "WORKSPACE")
}

fn member_partition(workspace: WorkspaceId, user: &UserId) -> String {
    format!("MEMBER#{:016}#{}", workspace.get(), encoded(user))
}

/// A user's membership in a workspace.
pub(crate) fn membership(workspace: WorkspaceId, user: &UserId) -> Key {
    key(member_partition(workspace, user), "WORKSPACE")
}

/// A user's entitlement to a tenant.
pub(crate) fn entitlement(workspace: WorkspaceId, user: &UserId, tenant: TenantId) -> Key {
    key(member_partition(workspace, user), tenant_partition(tenant))
}

/// A membership that nobody has: workspace ids start at 1. Whoever asks for a run that does not exist is answered after the
/// same calls as somebody who may not see it.
pub(crate) fn nobodys_membership(user: &UserId) -> Key {
    key(format!("MEMBER#{:016}#{}", 0, encoded(user)), "WORKSPACE")
}

/// An item that never exists, to ask for when the answer does not matter.
pub(crate) fn nobody() -> Key {
    key(format!("WORKSPACE#{:016}", 0), "WORKSPACE")
}

pub(crate) fn tenant(tenant: TenantId) -> Key {
    key(tenant_partition(tenant), "TENANT")
}

/// A live tenant's reservation on its Entra tenant.
pub(crate) fn entra_reservation(entra_tenant: &EntraTenantId) -> Key {
    key(format!("ENTRA#{entra_tenant}"), "TENANT")
}

/// A tenant's reservation on the id of its connection: ids are unique over all workspaces.
pub(crate) fn connection_reservation(connection: ConnectionId) -> Key {
    key(format!("CONNECTION#{:016}", connection.get()), "TENANT")
}

/// A workspace's reservation on an app in an Entra tenant.
pub(crate) fn app_reservation(app: &AppInTenant) -> Key {
    key(format!("APP#{}#{}", app.client_id, app.entra_tenant_id), "WORKSPACE")
}

/// The active slot of a connection.
pub(crate) fn slot(tenant: TenantId, connection: ConnectionId) -> Key {
    key(tenant_partition(tenant), format!("ACTIVE#{:016}", connection.get()))
}

/// A connection's configuration.
pub(crate) fn connection(tenant: TenantId, connection: ConnectionId) -> Key {
    key(tenant_partition(tenant), format!("CONNECTION#{:016}", connection.get()))
}

/// What the runs of an identity left behind: the latest of them, and the health and the permissions of their connection.
pub(crate) fn state(tenant: TenantId, identity: &RunIdentityHash) -> Key {
    key(tenant_partition(tenant), format!("STATE#{identity}"))
}

/// The identity whose state has this key.
pub(crate) fn identity_of(key: &Key) -> Option<RunIdentityHash> {
    key.sk.strip_prefix("STATE#")?.parse().ok()
}

/// The acknowledged causes of an identity.
pub(crate) fn acknowledged_causes(tenant: TenantId, identity: &RunIdentityHash) -> Key {
    key(tenant_partition(tenant), format!("ACKED#{identity}"))
}

/// What is remembered of a start, by the caller's own name for it. `~` keeps it out of every stretch that is read.
pub(crate) fn idempotency(tenant: TenantId, caller: &str) -> Key {
    key(tenant_partition(tenant), format!("~IDEMPOTENCY#{caller}"))
}

/// How often a user has started something in a minute, told by its first 16 characters (RFC 3339). The user is told by a digest: a
/// partition's name has a limit, and this one says nothing about anybody.
pub(crate) fn start_counter(user: &UserId, now: Timestamp) -> Key {
    let minute = now.to_string();
    key(format!("CALLER#{}", sha256_hex(user.as_str().as_bytes())), format!("STARTS#{}", &minute[..16]))
}

/// That a caller was given a run of somebody else, or their own once more.
pub(crate) fn given_run(tenant: TenantId, run: RunId, user: &UserId) -> Key {
    let user = sha256_hex(user.as_str().as_bytes());
    key(tenant_partition(tenant), format!("~GIVEN#{:016}#{user}", run.get()))
}

/// The acknowledgement of a run's check.
pub(crate) fn acknowledgement(run: RunId, check: &CheckKey) -> Key {
    key(run_partition(run), format!("ACK#{check}"))
}

pub(crate) fn run(run: RunId) -> Key {
    key(run_partition(run), "RUN")
}

/// A run's report.
pub(crate) fn report(run: RunId) -> Key {
    key(run_partition(run), "REPORT")
}

/// An onboarding session.
pub(crate) fn session(session: SessionId) -> Key {
    key(session_partition(session), "SESSION")
}

fn audit_partition(workspace: WorkspaceId, day: &str, shard: u64) -> String {
    format!("AUDIT#{:016}#{day}#{shard}", workspace.get())
}

/// An audit event, as the write with this token records it. Ids of the same millisecond may be the same; tokens never are.
pub(crate) fn audit(event: &AuditEvent, token: &str) -> Key {
    let partition = audit_partition(event.workspace_id, &event.at.day(), event.id.get() % SHARDS);
    key(partition, format!("{:016}#{token}", event.id.get()))
}

/// The run among those of its tenant.
pub(crate) fn run_of_tenant(tenant: TenantId, run: RunId) -> IndexEntry {
    IndexEntry { index: Index::Tenant, key: key(tenant_partition(tenant), run_partition(run)) }
}

/// The onboarding session among those of its tenant. Behind every run of it: `S` sorts after `R`.
pub(crate) fn session_of_tenant(tenant: TenantId, session: SessionId) -> IndexEntry {
    IndexEntry { index: Index::Tenant, key: key(tenant_partition(tenant), session_partition(session)) }
}

/// The run among those of its workspace.
pub(crate) fn run_of_workspace(workspace: WorkspaceId, run: RunId) -> IndexEntry {
    IndexEntry { index: Index::Workspace, key: key(workspace_partition(workspace), run_partition(run)) }
}

/// The run whose item has this partition.
pub(crate) fn run_of(pk: &str) -> Option<RunId> {
    let digits = pk.strip_prefix("RUN#")?;
    digits.trim_start_matches('0').parse().ok()
}

/// The connection whose configuration has this key.
pub(crate) fn connection_of(key: &Key) -> Option<ConnectionId> {
    let digits = key.sk.strip_prefix("CONNECTION#")?;
    digits.trim_start_matches('0').parse().ok()
}

fn active_partition(shard: u64) -> String {
    format!("ACTIVE#{shard}")
}

/// The slot of an active run, by the time since which nobody has heard of it: who looks after runs decides how long that may be.
pub(crate) fn unheard_since(run: RunId, since: Timestamp) -> IndexEntry {
    let shard = run.get() % SHARDS;
    IndexEntry { index: Index::Active, key: key(active_partition(shard), since.to_string()) }
}

fn directory_entry(workspace: WorkspaceId, sk: String) -> IndexEntry {
    IndexEntry { index: Index::Workspace, key: key(workspace_partition(workspace), sk) }
}

/// The workspace in its own directory.
pub(crate) fn directory_workspace(workspace: WorkspaceId) -> IndexEntry {
    directory_entry(workspace, "DIRECTORY#WORKSPACE".to_owned())
}

/// A membership in the workspace's directory.
pub(crate) fn directory_membership(workspace: WorkspaceId, user: &UserId) -> IndexEntry {
    directory_entry(workspace, format!("DIRECTORY#MEMBER#{}", encoded(user)))
}

/// An entitlement in the workspace's directory.
pub(crate) fn directory_entitlement(workspace: WorkspaceId, user: &UserId, tenant: TenantId) -> IndexEntry {
    directory_entry(workspace, format!("DIRECTORY#ENTITLEMENT#{}#{}", encoded(user), tenant_partition(tenant)))
}

/// A tenant in the workspace's directory.
pub(crate) fn directory_tenant(workspace: WorkspaceId, tenant: TenantId) -> IndexEntry {
    directory_entry(workspace, format!("DIRECTORY#{}", tenant_partition(tenant)))
}

/// Whether a key is that of an entitlement to the tenant: such keys end with the tenant.
pub(crate) fn is_entitlement_to(key: &Key, tenant: TenantId) -> bool {
    key.pk.starts_with("MEMBER#") && key.sk == tenant_partition(tenant)
}

#[cfg(test)]
mod tests;
