//! Whether the credential expires soon, from the best source there is: the certificate itself, the application object in its home
//! tenant, or the date that an operator typed.

use std::time::Duration;

use crate::check::{Check, CheckDefinition, CheckKey, Severity, Skip, Verdict};
use crate::credential_policy::UsableCredential;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::{GraphFacts, Known, RegisteredCertificate, is_ahead};
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
    /// How many valid credentials of this kind the app has, where its registration tells.
    valid: Option<usize>,
}

impl Expiry {
    fn told(at: Timestamp, source: &'static str) -> Self {
        Self { at, source, others: 0, valid: None }
    }
}

pub(super) fn check(graph: &GraphFacts, runnable: &Runnable<'_>, now: Timestamp) -> Check {
    let skip = |message| Check::new(&DEFINITION, Verdict::Skip(Skip::NotApplicable), Vec::new()).with_message(message);
    let typed = runnable.expires_at.map(|at| Expiry::told(at, "operator"));
    let registration = graph.registration.as_ref();
    let known = match &runnable.credential {
        UsableCredential::Federated => return skip("Federated credentials do not expire."),
        UsableCredential::Certificate(..) => {
            let certificates = registration.and_then(Known::known).and_then(|known| known.certificates.as_deref());
            let is_another = |certificate: &RegisteredCertificate| certificate.is_ours == Some(false);
            if certificates.is_some_and(|all| all.iter().all(is_another)) && has_no_credentials(graph) {
                return taken_off(graph.certificate_expires_at);
            }
            let valid = certificates.map(|all| all.iter().filter(|it| is_ahead(it.expires_at, now)).count());
            graph.certificate_expires_at.map(|at| Expiry { valid, ..Expiry::told(at, "certificate") })
        }
        UsableCredential::ClientSecret(_) => match registration {
            Some(Known::Known(known)) => of_secrets(&known.secrets, runnable.expires_at, now),
            Some(Known::Unknown(_)) | None => None,
        },
    };
    let unread = registration.and_then(Known::cause);
    match (known.or(typed), unread) {
        (Some(expiry), _) => judge(&expiry, now),
        // It was asked and not answered: that is not the same as nothing to ask.
        (None, Some(cause)) => Check::unverified(&DEFINITION, cause),
        (None, None) => skip("Nothing tells when the credential expires. Its date can be stored with the connection."),
    }
}

/// What the refusal of an expired certificate says already; none where it names no date.
pub(super) fn of_refusal(gate: &Check) -> Option<Check> {
    let expired = gate.verdict.problem() == Some(Reason::ProviderCredentialCertificateExpired);
    let date = gate.evidence.iter().find(|evidence| expired && evidence.kind == EvidenceKind::ExpiresAt)?;
    let evidence = vec![date.clone(), Evidence::text(EvidenceKind::Source, "certificate")];
    let reason = Reason::ProviderCredentialExpired;
    Some(Check { severity: Severity::Critical, ..Check::new(&DEFINITION, Verdict::Fail(reason), evidence) })
}

/// Whether the app's principal is known to have none beside the registration's.
fn has_no_credentials(graph: &GraphFacts) -> bool {
    let principal = graph.service_principal.known();
    principal.is_some_and(|principal| principal.credentials.as_ref().is_some_and(Vec::is_empty))
}

/// The certificate signed in a moment ago, and the registration has it no more: it will soon be refused.
fn taken_off(expires_at: Option<Timestamp>) -> Check {
    let date = expires_at.map(|at| Evidence::text(EvidenceKind::ExpiresAt, at.to_string()));
    let evidence = date.into_iter().chain([Evidence::text(EvidenceKind::Source, "application")]).collect();
    let reason = Reason::ProviderCredentialCertificateNotRegistered;
    Check { severity: Severity::High, ..Check::new(&DEFINITION, Verdict::Warn(reason), evidence) }
}

/// Graph does not say which secret is in use. One whose day the operator typed is taken for it, else the one that expires next.
fn of_secrets(secrets: &[Option<Timestamp>], typed: Option<Timestamp>, now: Timestamp) -> Option<Expiry> {
    let valid = Some(secrets.iter().filter(|end| is_ahead(**end, now)).count());
    let ends = || secrets.iter().copied().flatten();
    let told = |at, others| Expiry { others, valid, ..Expiry::told(at, "application") };
    if let Some(at) = ends().find(|at| typed.is_some_and(|typed| typed.day() == at.day())) {
        return Some(told(at, 0));
    }
    // One of them was accepted a moment ago: it has not expired unless all of them have, and one without an end never does.
    let is_endless = secrets.contains(&None);
    let next = ends().filter(|at| *at > now).min().or_else(|| ends().max().filter(|_| !is_endless));
    next.map(|at| told(at, secrets.len() - 1))
}

fn judge(expiry: &Expiry, now: Timestamp) -> Check {
    let left = expiry.at.since(now);
    let expiring = Verdict::Warn(Reason::ProviderCredentialExpiring);
    let (verdict, severity) = match left {
        Duration::ZERO => (Verdict::Fail(Reason::ProviderCredentialExpired), Severity::Critical),
        left if left <= HIGH => (expiring, Severity::High),
        left if left <= MEDIUM => (expiring, Severity::Medium),
        left if left <= LOW => (expiring, Severity::Low),
        _ => (Verdict::Pass, Severity::Info),
    };
    let mut evidence = vec![
        Evidence::text(EvidenceKind::ExpiresAt, expiry.at.to_string()),
        Evidence::number(EvidenceKind::DaysLeft, left.as_secs() / DAY.as_secs()),
        Evidence::text(EvidenceKind::Source, expiry.source),
    ];
    let count = |kind, count: usize| Evidence::number(kind, u64::try_from(count).unwrap_or(u64::MAX));
    if expiry.others > 0 {
        evidence.push(count(EvidenceKind::OtherCredentials, expiry.others));
    }
    evidence.extend(expiry.valid.map(|valid| count(EvidenceKind::ValidCredentials, valid)));
    Check { severity, ..Check::new(&DEFINITION, verdict, evidence) }
}
