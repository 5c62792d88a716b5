//! The items of the completing transaction and their conditions.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::access::Scope;
use domain::id::{ConnectionId, TenantId};
use domain::idempotency::StartResult;
use domain::operation_run::{Completion, ReportDigest, RunState};
use domain::report::PreviousReport;
use domain::time::Timestamp;

use super::{Completed, Origin};
use crate::error::StoreError;
use crate::item::health::HealthPart;
use crate::item::inventory::InventoryPart;
use crate::item::latest::LatestPart;
use crate::item::state::Said;
use crate::item::{self, report, run, text};
use crate::key;
use crate::table::Store;
use crate::transaction::Expression;

/// Whose the connection's slot is, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotOwner {
    /// This run's, or nobody's: it goes with the run.
    ThisRun,
    /// Another run's: it stays.
    AnotherRun,
}

/// What stands where the run becomes the latest of its identity.
#[derive(Debug, Clone)]
pub(super) enum Replaced {
    /// Nothing, or something that has expired.
    Nothing,
    /// The run that the report follows.
    Run(PreviousReport),
    /// Something that cannot be read, so that the report follows none, with whatever it has for its run's id. Every run that becomes
    /// the latest has another one, which tells whether it is still the same.
    Unreadable(Option<AttributeValue>),
}

impl Replaced {
    /// What the report follows.
    pub(super) fn previous(&self) -> Option<PreviousReport> {
        match self {
            Replaced::Run(previous) => Some(previous.clone()),
            Replaced::Nothing | Replaced::Unreadable(_) => None,
        }
    }
}

/// A completed run whose parts fit together.
pub(super) struct Parts<'a> {
    pub(super) tenant: TenantId,
    pub(super) completed: &'a Completed,
    pub(super) connection: Option<ConnectionId>,
    completion: &'a Completion,
    replaced: Replaced,
}

impl<'a> Parts<'a> {
    /// Holds that the run is completed with this very report, and that the report follows the run that is replaced.
    pub(super) fn of(completed: &'a Completed, replaced: Replaced) -> Result<Self, StoreError> {
        let Completed { run, report, .. } = completed;
        let unfit = |problem| Err(StoreError::Unfit { run_id: run.header.id, problem });
        let RunState::Completed(completion) = &run.state else { return unfit("is not completed") };
        if let Origin::Fresh { authority, .. } = &completed.origin
            && !authority.starts_in(Scope::of_run(&run.header))
        {
            return Err(StoreError::Foreign);
        }
        if report.run_id() != run.header.id || completion.report != ReportDigest::from(report) {
            return unfit("was completed with another report");
        }
        if completion.report.previous != replaced.previous() {
            return unfit("has a report that was sealed after another one");
        }
        let connection = run.header.target.connection_id;
        if connection.is_none() && (completed.inventory.is_some() || completed.health.is_some()) {
            return unfit("has no connection that it could say something about");
        }
        Ok(Self { tenant: run.header.tenant_id, completed, connection, completion, replaced })
    }

    /// The run is still to be written, or still with this attempt.
    fn run_condition(&self) -> Expression {
        match &self.completed.origin {
            Origin::Fresh { .. } => Expression::absent(),
            Origin::Claimed { attempt } => Expression::new("#status = :running AND attempt = :mine")
                .name("#status", "status")
                .value(":running", text("running"))
                .value(":mine", item::number(attempt)),
            // Every claim and every return counts a change, so this is the state, the attempt and the lease that were read.
            Origin::Found { version } => Expression::new("#status <> :completed AND #version = :read")
                .name("#status", "status")
                .name("#version", item::VERSION)
                .value(":completed", text("completed"))
                .value(":read", item::number(version)),
        }
    }

    /// What the run says of its identity, where what it replaces still stands there.
    fn state(&self, store: &Store, now: Timestamp) -> TransactWriteItem {
        let Completed { run, inventory, health, .. } = self.completed;
        let said = Said {
            connection: self.connection,
            latest: LatestPart::of(&run.header, self.completion, store.settings.run_retention),
            health: health.as_ref().map(HealthPart::from),
            inventory: inventory.as_ref().map(|inventory| InventoryPart::of(&run.header, inventory)),
        };
        let update = Expression::set(said.attributes());
        let same = "latest.run_id = :replaced";
        let (update, condition) = match &self.replaced {
            Replaced::Nothing => (
                update.value(":now", item::number(now.as_seconds())),
                "attribute_not_exists(latest) OR latest.expires <= :now",
            ),
            Replaced::Run(previous) => (update.value(":replaced", item::number(previous.run_id)), same),
            Replaced::Unreadable(Some(run_id)) => (update.value(":replaced", run_id.clone()), same),
            Replaced::Unreadable(None) => (update, "attribute_not_exists(latest.run_id)"),
        };
        store.update(key::state(self.tenant, &run.header.identity_hash), &update, Some(condition))
    }
}

impl Store {
    /// The items of the transaction.
    pub(super) fn completing_items(
        &self,
        parts: &Parts<'_>,
        now: Timestamp,
        slot: SlotOwner,
        token: &str,
    ) -> Vec<TransactWriteItem> {
        let Parts { tenant, completed, completion, .. } = *parts;
        let (header, retention) = (&completed.run.header, self.settings.run_retention);
        let run_item = run::of_run(&completed.run, retention, token);
        let mut items = vec![
            self.put_if(run_item, &parts.run_condition()),
            parts.state(self, now),
            self.record(&completed.audit, token),
        ];
        let report_item = report::of_report(&completed.report, completion.completed_at, retention);
        let what = (tenant, header.id, StartResult::Blocked);
        match (&completed.origin, parts.connection, slot) {
            (Origin::Fresh { conditions, .. }, _, _) => items.extend(conditions.items(self, what, now, token)),
            (Origin::Claimed { .. } | Origin::Found { .. }, Some(connection), SlotOwner::ThisRun) => {
                let mine = Expression::new("attribute_not_exists(pk) OR run_id = :mine");
                let mine = mine.value(":mine", item::number(header.id));
                items.push(self.delete_if(key::slot(tenant, connection), &mine));
            }
            (Origin::Claimed { .. } | Origin::Found { .. }, None, _)
            | (Origin::Claimed { .. } | Origin::Found { .. }, _, SlotOwner::AnotherRun) => {}
        }
        items.push(self.put_always(report_item));
        items
    }
}
