//! The transaction that stores an acknowledgement: itself, what it was about for later runs of the same identity, and the audit
//! event, while the run is completed.

use domain::access::{Capability, Entitled, Scope};
use domain::acknowledgement::{AcknowledgedCause, Acknowledgement, outdated};
use domain::audit::AuditEvent;
use domain::finding::AboutWhat;
use domain::operation_run::RunState;

use crate::error::StoreError;
use crate::item::{self, Entity, VERSION, acknowledgement, run, text};
use crate::key;
use crate::run_view::StoredRun;
use crate::table::Store;
use crate::transaction::{self, Expression, Transacted};

/// What came of storing an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acknowledged {
    /// It is stored.
    New,
    /// The check has this one already, and nothing changed.
    Already(Box<Acknowledgement>),
    /// The run has vanished meanwhile.
    Gone,
}

/// Keeps one cause among those of an identity. The item lives as long as the youngest of them could: each carries its own end.
const KEEP_CAUSE: &str =
    "SET #cause = :cause, #ttl = :ttl, #entity = :entity, run_identity_hash = :identity ADD #version :one";

impl Store {
    /// Stores an acknowledgement of a completed run.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] when the rights are for something else; [`StoreError::Unfit`] for a run that is not completed or is
    /// another's; others when the table does not answer.
    pub async fn acknowledge(
        &self,
        entitled: Entitled,
        stored: &StoredRun,
        (about, new): (&AboutWhat, &Acknowledgement),
        audit: &AuditEvent,
    ) -> Result<Acknowledged, StoreError> {
        let header = &stored.run.header;
        if entitled.capability() != Capability::AcknowledgeVerification || entitled.scope() != Scope::of_run(header) {
            return Err(StoreError::Foreign);
        }
        let unfit = |problem| StoreError::Unfit { run_id: header.id, problem };
        let RunState::Completed(completion) = &stored.run.state else {
            return Err(unfit("is not completed, so nothing of it can be acknowledged"));
        };
        if new.run_id != header.id {
            return Err(unfit("is not the one that the acknowledgement is about"));
        }
        let retention = self.settings.run_retention;
        let completed = Expression::new("#status = :completed").name("#status", "status");
        let completed = self.require(key::run(header.id), &completed.value(":completed", text("completed")));
        let token = transaction::token();
        let item = acknowledgement::of_acknowledgement(new, completion.completed_at, retention, &token);
        let cause = AcknowledgedCause {
            about: about.clone(),
            acknowledgement: new.clone(),
            kept_until: completion.completed_at + retention,
        };
        let update = keep(&cause, &outdated(&stored.acknowledged_causes, new.acknowledged_at))
            .value(":ttl", item::number((new.acknowledged_at + retention).as_seconds()))
            .value(":identity", text(header.identity_hash.as_str()));
        let items = [
            self.put_if(item, &Expression::absent()),
            self.record(audit, &token),
            completed,
            self.update(key::acknowledged_causes(header.tenant_id, &header.identity_hash), &update, None),
        ];
        let refusals = match self.transact(&items, &token).await? {
            Transacted::Committed => return Ok(Acknowledged::New),
            Transacted::Refused(refusals) => refusals,
        };
        if let Some(stored) = refusals.of(&key::acknowledgement(header.id, &new.check_key)) {
            // The commit went through, and its answer was lost.
            let mine = item::attribute(stored, run::WRITTEN_BY) == token;
            let stored = acknowledgement::to_acknowledgement(stored.clone())?;
            return Ok(if mine { Acknowledged::New } else { Acknowledged::Already(Box::new(stored)) });
        }
        refusals.of(&key::run(header.id)).map(|_| Acknowledged::Gone).ok_or_else(|| refusals.unexpected())
    }
}

/// Keeps a cause, and makes room for it.
fn keep(cause: &AcknowledgedCause, outdated: &[&AcknowledgedCause]) -> Expression {
    let places: Vec<String> = (0..outdated.len()).map(|place| format!("#outdated{place}")).collect();
    let remove = if places.is_empty() { String::new() } else { format!(" REMOVE {}", places.join(", ")) };
    let update = Expression::new(format!("{KEEP_CAUSE}{remove}"))
        .name("#cause", acknowledgement::name_of_cause(&cause.acknowledgement))
        .name("#ttl", "ttl")
        .name("#entity", "entity")
        .name("#version", VERSION)
        .value(":cause", acknowledgement::of_cause(cause))
        .value(":entity", text(Entity::AcknowledgedCauses.as_str()))
        .value(":one", item::number(1));
    places.iter().zip(outdated).fold(update, |update, (place, cause)| {
        update.name(place, acknowledgement::name_of_cause(&cause.acknowledgement))
    })
}
