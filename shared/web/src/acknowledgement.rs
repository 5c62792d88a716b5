//! How acknowledgements look on the wire.

use domain::acknowledgement::{AckReason, Acknowledgement, Person};
use domain::check::CheckKey;
use domain::id::RunId;
use domain::time::Timestamp;
use serde::Serialize;

/// An acknowledgement: `schemas/verification-check-acknowledgement.schema.json`.
#[derive(Debug, Serialize)]
pub struct AcknowledgementBody<'a> {
    report_id: RunId,
    check_key: &'a CheckKey,
    ack_reason: &'a AckReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    acknowledged_at: Timestamp,
    acknowledged_by: &'a Person,
}

impl<'a> From<&'a Acknowledgement> for AcknowledgementBody<'a> {
    fn from(acknowledgement: &'a Acknowledgement) -> Self {
        Self {
            report_id: acknowledgement.run_id,
            check_key: &acknowledgement.check_key,
            ack_reason: &acknowledgement.reason,
            expires_at: acknowledgement.expires_at,
            acknowledged_at: acknowledgement.acknowledged_at,
            acknowledged_by: &acknowledgement.acknowledged_by,
        }
    }
}

/// An acknowledgement of an earlier run, as a later one shows it that found the same.
#[derive(Debug, Serialize)]
pub struct PreviouslyAcknowledgedBody<'a> {
    check_key: &'a CheckKey,
    run_id: RunId,
    by: &'a Person,
    at: Timestamp,
    reason: &'a AckReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl<'a> From<&'a Acknowledgement> for PreviouslyAcknowledgedBody<'a> {
    fn from(acknowledgement: &'a Acknowledgement) -> Self {
        Self {
            check_key: &acknowledgement.check_key,
            run_id: acknowledgement.run_id,
            by: &acknowledgement.acknowledged_by,
            at: acknowledgement.acknowledged_at,
            reason: &acknowledgement.reason,
            expires_at: acknowledgement.expires_at,
        }
    }
}
