//! Audit events as they are stored. Written once, and read by nobody but auditors.

use std::time::Duration;

use domain::audit::{AuditAction, AuditEvent};
use domain::check::CheckKey;
use domain::id::{ConnectionId, EventId, RunId, TenantId, UserId, WorkspaceId};
use domain::reason::ReasonCode;
use domain::time::Timestamp;
use serde::Serialize;

use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize)]
struct AuditItem<'a> {
    id: EventId,
    at: Timestamp,
    action: AuditAction,
    workspace_id: WorkspaceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<TenantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<RunId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_key: Option<&'a CheckKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'a ReasonCode>,
}

/// The item of an audit event.
pub(crate) fn of_event(event: &AuditEvent, retention: Duration) -> Item {
    let body = AuditItem {
        id: event.id,
        at: event.at,
        action: event.action,
        workspace_id: event.workspace_id,
        actor: event.actor.as_ref(),
        tenant_id: event.tenant_id,
        connection_id: event.connection_id,
        run_id: event.run_id,
        check_key: event.check_key.as_ref(),
        reason_code: event.reason_code.as_ref(),
    };
    let mut item = item::build(Entity::Audit, &key::audit(event), &body);
    item::expire(&mut item, event.at, retention);
    item
}
