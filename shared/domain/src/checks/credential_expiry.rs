//! Whether the credential expires soon, from the best source there is: the certificate itself, the application object in its home
//! tenant, or the date that an operator typed.

use std::time::Duration;

use crate::check::{Check, CheckDefinition, CheckKey, CheckStatus, Severity};
use crate::credential::UsableCredential;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::{GraphFacts, Known};
use crate::preflight::Runnable;
use crate::reason::Reason;
use crate::time::Timestamp;

/// A credential that has longer than this needs no attention. The steps are those at which people are reminded.
const LOW: Duration = Duration::from_hours(60 * 24);
const MEDIUM: Duration = Duration::from_hours(15 * 24);
const HIGH: Duration = Duration::from_hours(24);

const DAY: Duration = Duration::from_hours(24);

pub(super) const DEFINITION: CheckDefinition = CheckDefinition {
    key: CheckKey::CREDENTIAL_EXPIRY,
    title: "Credential expiry",
    severity: Severity::Info,
    blocking: false,
};

/// When the credential expires, and who says so.
struct Expiry {
    at: Timestamp,
    source: &'static str,
    /// How many other secrets the app has, when nothing tells which one is in use.
    others: usize,
}

pub(super) fn check(graph: &GraphFacts, runnable: &Runnable<'_>, now: Timestamp) -> Check {
    let skip =
        |message| Check::new(&DEFINITION, CheckStatus::Skip, Reason::NotApplicable, Vec::new()).with_message(message);
    let typed = runnable.expires_at.map(|at| Expiry { at, source: "operator", others: 0 });
    let known = match &runnable.credential {
        UsableCredential::Federated => return skip("Federated credentials do not expire."),
        UsableCredential::Certificate(..) => {
            graph.certificate_expires_at.map(|at| Expiry { at, source: "certificate", others: 0 })
        }
        UsableCredential::ClientSecret(_) => match &graph.client_secrets {
            Some(Known::Known(secrets)) => of_secrets(secrets, runnable.expires_at, now),
            Some(Known::Unknown(_)) | None => None,
        },
    };
    // Only where a client secret is in use anybody asks.
    let unread = graph.client_secrets.as_ref().and_then(Known::cause);
    match (known.or(typed), unread) {
        (Some(expiry), _) => judge(&expiry, now),
        // It was asked and not answered: that is not the same as nothing to ask.
        (None, Some(cause)) => Check::unverified(&DEFINITION, cause),
        (None, None) => skip("Nothing tells when the credential expires. Its date can be stored with the connection."),
    }
}

/// What the refusal of an expired certificate says already; none where it names no date.
pub(super) fn of_refusal(gate: &Check) -> Option<Check> {
    let expired = gate.reason == Reason::ProviderCredentialCertificateExpired;
    let date = gate.evidence.iter().find(|evidence| expired && evidence.kind == EvidenceKind::ExpiresAt)?;
    let evidence = vec![date.clone(), Evidence::text(EvidenceKind::Source, "certificate")];
    let reason = Reason::ProviderCredentialExpired;
    Some(Check { severity: Severity::Critical, ..Check::new(&DEFINITION, CheckStatus::Fail, reason, evidence) })
}

/// Graph does not say which secret is in use. One whose day the operator typed is taken for it, else the one that expires next.
fn of_secrets(secrets: &[Timestamp], typed: Option<Timestamp>, now: Timestamp) -> Option<Expiry> {
    let same_day = |at: &&Timestamp| typed.is_some_and(|typed| typed.day() == at.day());
    if let Some(at) = secrets.iter().find(same_day) {
        return Some(Expiry { at: *at, source: "application", others: 0 });
    }
    // One of them was accepted a moment ago, so it has not expired unless all of them have.
    let next = secrets.iter().filter(|at| **at > now).min().or_else(|| secrets.iter().max());
    next.map(|at| Expiry { at: *at, source: "application", others: secrets.len() - 1 })
}

fn judge(expiry: &Expiry, now: Timestamp) -> Check {
    let left = expiry.at.since(now);
    let (status, reason, severity) = match left {
        Duration::ZERO => (CheckStatus::Fail, Reason::ProviderCredentialExpired, Severity::Critical),
        left if left <= HIGH => (CheckStatus::Warn, Reason::ProviderCredentialExpiring, Severity::High),
        left if left <= MEDIUM => (CheckStatus::Warn, Reason::ProviderCredentialExpiring, Severity::Medium),
        left if left <= LOW => (CheckStatus::Warn, Reason::ProviderCredentialExpiring, Severity::Low),
        _ => (CheckStatus::Pass, Reason::Ok, Severity::Info),
    };
    let mut evidence = vec![
        Evidence::text(EvidenceKind::ExpiresAt, expiry.at.to_string()),
        Evidence::number(EvidenceKind::DaysLeft, left.as_secs() / DAY.as_secs()),
        Evidence::text(EvidenceKind::Source, expiry.source),
    ];
    if expiry.others > 0 {
        evidence
            .push(Evidence::number(EvidenceKind::OtherCredentials, u64::try_from(expiry.others).unwrap_or(u64::MAX)));
    }
    Check { severity, ..Check::new(&DEFINITION, status, reason, evidence) }
}
