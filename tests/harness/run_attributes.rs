//! Runs that nobody made: what makes a stored run one of another tenant and time. Lists need more of them than a test can start.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::RunId;
use domain::time::Timestamp;

/// The attributes that differ between a stored run and its copy of this tenant, created then.
#[must_use]
pub fn run_attributes(tenant: u64, created_at: Timestamp) -> [(String, AttributeValue); 7] {
    let (id, text) = (RunId::new(created_at, 0).get(), AttributeValue::S);
    let (run, of_tenant) = (format!("RUN#{id:016}"), format!("TENANT#{tenant:016}"));
    [
        ("pk", text(run.clone())),
        ("gsi1pk", text(of_tenant)),
        ("gsi1sk", text(run.clone())),
        ("gsi2sk", text(run)),
        ("created_at", text(created_at.to_string())),
        ("id", AttributeValue::N(id.to_string())),
        ("tenant_id", AttributeValue::N(tenant.to_string())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}
