//! Acknowledgements as they are stored: each beside its run, and what it was about among the acknowledged causes of the run's
//! identity, where later runs find it.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::acknowledgement::{AckReason, AcknowledgedCause, Acknowledgement, Person};
use domain::check::CheckKey;
use domain::finding::{AboutWhat, Finding};
use domain::id::RunId;
use domain::identity::RunIdentityHash;
use domain::naming::NamingDigest;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Damaged, Unreadable};
use crate::item::run::WRITTEN_BY;
use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize, Deserialize)]
pub(super) struct AcknowledgementItem {
    run_id: RunId,
    check_key: CheckKey,
    ack_reason: AckReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    acknowledged_at: Timestamp,
    acknowledged_by: Person,
}

impl From<&Acknowledgement> for AcknowledgementItem {
    fn from(acknowledgement: &Acknowledgement) -> Self {
        let it = acknowledgement.clone();
        Self {
            run_id: it.run_id,
            check_key: it.check_key,
            ack_reason: it.reason,
            expires_at: it.expires_at,
            acknowledged_at: it.acknowledged_at,
            acknowledged_by: it.acknowledged_by,
        }
    }
}

impl From<AcknowledgementItem> for Acknowledgement {
    fn from(stored: AcknowledgementItem) -> Self {
        Self {
            run_id: stored.run_id,
            check_key: stored.check_key,
            reason: stored.ack_reason,
            expires_at: stored.expires_at,
            acknowledged_at: stored.acknowledged_at,
            acknowledged_by: stored.acknowledged_by,
        }
    }
}

/// The item of an acknowledgement of a run that was completed at this time, as the call with this token writes it. It vanishes with
/// its run.
pub(crate) fn of_acknowledgement(
    acknowledgement: &Acknowledgement,
    completed_at: Timestamp,
    retention: Duration,
    token: &str,
) -> Item {
    let key = key::acknowledgement(acknowledgement.run_id, &acknowledgement.check_key);
    let mut item = item::build(Entity::Acknowledgement, &key, &AcknowledgementItem::from(acknowledgement));
    item.insert(WRITTEN_BY.to_owned(), item::text(token));
    item::expire(&mut item, completed_at, retention);
    item
}

/// Reads an acknowledgement.
pub(crate) fn to_acknowledgement(item: Item) -> Result<Acknowledgement, Damaged> {
    let stored: AcknowledgementItem = item::read(Entity::Acknowledgement, item)?;
    Ok(stored.into())
}

#[derive(Serialize, Deserialize)]
struct CauseMap {
    finding: Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    naming: Option<NamingDigest>,
    acknowledgement: AcknowledgementItem,
    kept_until: Timestamp,
}

/// Attributes that hold a cause start with this. Each cause has an attribute of its own, so that two people who acknowledge
/// different ones at once do not undo each other's.
const CAUSE: &str = "cause ";

/// The attribute of a cause: its check and its run, of which there is one acknowledgement.
pub(crate) fn name_of_cause(acknowledgement: &Acknowledgement) -> String {
    format!("{CAUSE}{} {}", acknowledgement.check_key, acknowledgement.run_id)
}

/// The value of a cause's attribute.
pub(crate) fn of_cause(cause: &AcknowledgedCause) -> AttributeValue {
    let map = CauseMap {
        finding: cause.about.finding.clone(),
        naming: cause.about.naming.clone(),
        acknowledgement: (&cause.acknowledgement).into(),
        kept_until: cause.kept_until,
    };
    serde_dynamo::to_attribute_value(map).expect("wire structs hold texts, numbers, lists and maps by text")
}

/// Acknowledged causes with the identity that they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgedCauses {
    /// What the runs have in common.
    pub identity_hash: RunIdentityHash,
    /// The causes.
    pub causes: Vec<AcknowledgedCause>,
}

#[derive(Deserialize)]
struct CausesItem {
    run_identity_hash: RunIdentityHash,
}

/// Reads the acknowledged causes of an identity.
pub(crate) fn to_causes(item: Item) -> Result<AcknowledgedCauses, Damaged> {
    let key = item::key_of(&item);
    let (causes, rest): (Item, Item) = item.into_iter().partition(|(name, _)| name.starts_with(CAUSE));
    let CausesItem { run_identity_hash } = item::read(Entity::AcknowledgedCauses, rest)?;
    let read = |value| serde_dynamo::from_attribute_value::<AttributeValue, CauseMap>(value);
    let causes: Result<Vec<CauseMap>, _> = causes.into_values().map(read).collect();
    let causes = causes.map_err(|source| item::damaged(Entity::AcknowledgedCauses, &key, Unreadable::Shape(source)))?;
    let causes = causes.into_iter().map(|CauseMap { finding, naming, acknowledgement, kept_until }| {
        AcknowledgedCause { about: AboutWhat { finding, naming }, acknowledgement: acknowledgement.into(), kept_until }
    });
    Ok(AcknowledgedCauses { identity_hash: run_identity_hash, causes: causes.collect() })
}
