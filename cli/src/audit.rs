//! `tenantcheck audit`: who did what in a workspace, newest first.

use std::time::Duration;

use domain::access::Role;
use domain::audit::{Actor, AuditEvent};
use domain::check::CheckKey;
use domain::reason::ReasonCode;
use domain::run_status::RunOutcome;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::Store;

use crate::arguments::{Audit, Output};
use crate::exit::{CommandError, Exit};
use crate::grid::Grid;
use crate::print::{print, print_json};
use crate::text::Text;

/// Events are kept this long unless the deployment says otherwise; a longer range is a slip of the keyboard.
const LONGEST_DAYS: u64 = 400;

/// Why a range of time cannot be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It ends before it begins.
    #[error("--until ({until}) is before --since ({since})")]
    Reversed {
        /// The beginning.
        since: Timestamp,
        /// The end.
        until: Timestamp,
    },
    /// It is too long.
    #[error("--since and --until are more than {LONGEST_DAYS} days apart")]
    TooLong,
}

/// Lists the audit trail.
///
/// # Errors
/// [`CommandError`] when the range is none, or the table cannot be read.
pub async fn audit(store: &Store, arguments: &Audit, now: Timestamp) -> Result<Exit, CommandError> {
    let since = arguments.since.seen_from(now);
    let until = arguments.until.map_or(now, |until| until.seen_from(now));
    check(since, until)?;
    let mut events = store.audit_events(arguments.workspace, since, until, now).await?;
    events.retain(|event| is_wanted(event, arguments));
    events.reverse();
    events.truncate(arguments.limit.and_then(|limit| limit.try_into().ok()).unwrap_or(usize::MAX));
    match arguments.output {
        Output::Table => print(&table(&events))?,
        Output::Json => print_json(&events.iter().map(document).collect())?,
        Output::Quiet => print(&events.iter().map(|event| format!("{}\n", event.id)).collect::<String>())?,
    }
    Ok(Exit::Done)
}

fn check(since: Timestamp, until: Timestamp) -> Result<(), RangeError> {
    if until < since {
        return Err(RangeError::Reversed { since, until });
    }
    if until.since(since) > Duration::from_hours(24 * LONGEST_DAYS) {
        return Err(RangeError::TooLong);
    }
    Ok(())
}

fn is_wanted(event: &AuditEvent, arguments: &Audit) -> bool {
    (arguments.actions.is_empty() || arguments.actions.contains(&event.action))
        && arguments.tenant.is_none_or(|tenant| event.tenant_id == Some(tenant))
        && arguments.run.is_none_or(|run| event.run_id == Some(run))
        && arguments.actor.as_ref().is_none_or(|actor| told(event) == Some(actor))
}

/// Who did it, in one word; none is the system itself.
fn told(event: &AuditEvent) -> Option<&str> {
    match &event.actor {
        Actor::System => None,
        Actor::User(user) => Some(user.as_str()),
        Actor::Operator(operator) => Some(operator.as_str()),
    }
}

fn table(events: &[AuditEvent]) -> String {
    if events.is_empty() {
        return "no events\n".to_owned();
    }
    let mut grid = Grid::new(["TIME", "ACTION", "ACTOR", "TENANT", "CONNECTION", "RUN", "CHECK", "OUTCOME", "REASON"]);
    for event in events {
        let id = |id: Option<u64>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let text = |text: Option<&str>| Text::from(text.unwrap_or("-")).to_string();
        grid.row([
            event.at.to_string(),
            event.action.to_string(),
            text(told(event)),
            id(event.tenant_id.map(Into::into)),
            id(event.connection_id.map(Into::into)),
            id(event.run_id.map(Into::into)),
            text(event.check_key.as_ref().map(CheckKey::as_str)),
            text(event.outcome.map(RunOutcome::as_str)),
            text(event.reason_code.as_ref().map(ReasonCode::as_str)),
        ]);
    }
    format!("{grid}{}", grants(events))
}

/// The rights that changed, each with the time and the actor of its event.
fn grants(events: &[AuditEvent]) -> String {
    let mut grid = Grid::new(["TIME", "ACTOR", "USER", "SCOPE", "BEFORE", "AFTER"]);
    let mut any = false;
    for event in events {
        for grant in event.applied.iter().flat_map(|applied| &applied.changes.grants) {
            any = true;
            let scope = grant.tenant_id.map_or_else(|| "workspace".to_owned(), |tenant| format!("tenant {tenant}"));
            let role = |role: Option<Role>| role.map_or("none", Role::as_str).to_owned();
            let text = |text: &str| Text::from(text).to_string();
            let (actor, user) = (text(told(event).unwrap_or("-")), text(grant.user_id.as_str()));
            grid.row([event.at.to_string(), actor, user, scope, role(grant.before), role(grant.after)]);
        }
    }
    if any { format!("\n{grid}") } else { String::new() }
}

/// An event for programs. Every member is always there.
fn document(event: &AuditEvent) -> Value {
    let applied = event.applied.as_ref();
    json!({
        "id": event.id, "at": event.at, "action": event.action, "workspace_id": event.workspace_id,
        "actor": event.actor.user(), "operator": event.actor.operator(),
        "file_sha256": applied.map(|applied| &applied.digest), "changes": applied.map(|applied| &applied.changes),
        "tenant_id": event.tenant_id, "connection_id": event.connection_id, "run_id": event.run_id,
        "check_key": event.check_key, "outcome": event.outcome, "reason_code": event.reason_code,
    })
}

impl From<RangeError> for CommandError {
    fn from(error: RangeError) -> Self {
        Self::new(Exit::Usage, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_at_most_400_days() {
        let time = |text: &str| -> Timestamp { text.parse().expect("a time") };
        let until = time("2026-11-01T08:00:00Z");
        let longest = until - Duration::from_hours(24 * 400);
        assert_eq!(check(longest, until), Ok(()));
        assert_eq!(check(until, until), Ok(()));
        assert_eq!(check(longest - Duration::from_millis(1), until), Err(RangeError::TooLong));
        assert_eq!(check(until, longest), Err(RangeError::Reversed { since: until, until: longest }));
    }
}
