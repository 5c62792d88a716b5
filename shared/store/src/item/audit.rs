//! Audit events as they are stored. Written once, and read by nobody but auditors and operators.

use std::time::Duration;

use domain::audit::{Actor, Applied, AuditAction, AuditEvent, FileDigest, OperatorArn};
use domain::check::CheckKey;
use domain::directory::DirectoryChanges;
use domain::id::{ConnectionId, EventId, RunId, TenantId, UserId, WorkspaceId};
use domain::reason::ReasonCode;
use domain::run_status::RunOutcome;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize, Deserialize)]
pub(super) struct AuditItem {
    id: EventId,
    at: Timestamp,
    action: AuditAction,
    workspace_id: WorkspaceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<OperatorArn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<TenantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<RunId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_key: Option<CheckKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<RunOutcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_sha256: Option<FileDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<DirectoryChanges>,
}

/// The item of an audit event, as the write with this token records it.
pub(crate) fn of_event(event: &AuditEvent, token: &str, retention: Duration) -> Item {
    let body = AuditItem {
        id: event.id,
        at: event.at,
        action: event.action,
        workspace_id: event.workspace_id,
        actor: event.actor.user().cloned(),
        operator: event.actor.operator().cloned(),
        tenant_id: event.tenant_id,
        connection_id: event.connection_id,
        run_id: event.run_id,
        check_key: event.check_key.clone(),
        outcome: event.outcome,
        reason_code: event.reason_code.clone(),
        file_sha256: event.applied.as_ref().map(|applied| applied.digest.clone()),
        changes: event.applied.as_ref().map(|applied| applied.changes.clone()),
    };
    let mut item = item::build(Entity::Audit, &key::audit(event, token), &body);
    item::expire(&mut item, event.at, retention);
    item
}

/// Reads an audit event.
pub(crate) fn to_event(item: Item) -> Result<AuditEvent, Damaged> {
    let stored: AuditItem = item::read(Entity::Audit, item)?;
    Ok(AuditEvent {
        id: stored.id,
        at: stored.at,
        action: stored.action,
        workspace_id: stored.workspace_id,
        actor: match (stored.actor, stored.operator) {
            (Some(user), _) => Actor::User(user),
            (None, Some(operator)) => Actor::Operator(operator),
            (None, None) => Actor::System,
        },
        tenant_id: stored.tenant_id,
        connection_id: stored.connection_id,
        run_id: stored.run_id,
        check_key: stored.check_key,
        outcome: stored.outcome,
        reason_code: stored.reason_code,
        applied: stored.file_sha256.zip(stored.changes).map(|(digest, changes)| Applied { digest, changes }),
    })
}
