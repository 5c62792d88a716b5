//! A connection's health as it is stored, apart from its configuration because another writer owns it.

use domain::connection::{ConnectionHealth, VerificationStatus};
use domain::id::RunId;
use domain::reason::ReasonCode;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The health in the state of an identity.
#[derive(Serialize, Deserialize)]
pub(crate) struct HealthPart {
    verification_status: VerificationStatus,
    last_verified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error_reason_code: Option<ReasonCode>,
    run_id: RunId,
}

impl From<&ConnectionHealth> for HealthPart {
    fn from(health: &ConnectionHealth) -> Self {
        Self {
            verification_status: health.verification_status,
            last_verified_at: health.last_verified_at,
            last_error_reason_code: health.last_error_reason_code.clone(),
            run_id: health.run_id,
        }
    }
}

impl From<HealthPart> for ConnectionHealth {
    fn from(stored: HealthPart) -> Self {
        Self {
            verification_status: stored.verification_status,
            last_verified_at: stored.last_verified_at,
            last_error_reason_code: stored.last_error_reason_code,
            run_id: stored.run_id,
        }
    }
}
