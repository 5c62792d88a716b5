//! Gate 2: the connection reaches the organization that it should. Where the organization may not be read, the tenant that issued
//! the token decides.

use crate::check::{Check, CheckDefinition, CheckKey, Severity, Verdict};
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::{GraphFacts, Known};
use crate::id::EntraTenantId;
use crate::reason::Reason;

pub(super) const DEFINITION: CheckDefinition = CheckDefinition {
    key: CheckKey::TENANT_BINDING,
    title: "Right organization",
    severity: Severity::Critical,
    blocking: true,
};

pub(super) fn check(graph: &GraphFacts, expected: &EntraTenantId) -> Check {
    let token = graph.token.as_ref().and_then(|token| token.tenant_id.as_ref());
    match (&graph.organization, token) {
        (Known::Known(organization), _) => compare(&organization.id, expected, "organization"),
        (Known::Unknown(cause), Some(issuer)) if !cause.reason.is_transient() => compare(issuer, expected, "token_tid"),
        (Known::Unknown(cause), _) => Check::unverified(&DEFINITION, cause),
    }
}

fn compare(actual: &EntraTenantId, expected: &EntraTenantId, source: &'static str) -> Check {
    let source = Evidence::text(EvidenceKind::Source, source);
    if actual == expected {
        return Check::pass(&DEFINITION, vec![source]);
    }
    let evidence = vec![
        source,
        Evidence::text(EvidenceKind::ExpectedEntraTenantId, expected.as_str()),
        Evidence::text(EvidenceKind::ActualEntraTenantId, actual.as_str()),
    ];
    Check::new(&DEFINITION, Verdict::Fail(Reason::ProviderTenantMismatch), evidence)
}
