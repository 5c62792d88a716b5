//! Acknowledgements: somebody has seen a finding and says why it may stand. An acknowledgement is shown beside its check and never
//! changes the report. Later reports show it too, while they say the same of the check, name the same, are of the same app, and it has
//! not expired.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::{CheckKey, CheckStatus};
use crate::finding::{AboutWhat, Finding, Findings};
use crate::id::{RunId, UserId};
use crate::parsed_text::parsed_text;
use crate::plain_text::{self, is_obeyed};
use crate::reason::Reason;
use crate::time::Timestamp;

/// The most characters of a reason.
const MAX_REASON: usize = 160;

/// The most characters that are kept of a person's name or address: enough to recognise them.
const MAX_PERSON_TEXT: usize = 200;

/// Why a text is not a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason has 1 to {MAX_REASON} characters, not only spaces, and none that moves a cursor or turns text round")]
pub struct InvalidReason;

parsed_text! {
    /// Why a finding may stand, in the words of the person who says so.
    AckReason, or InvalidReason, by parse_reason;
}

fn parse_reason(text: String) -> Result<String, InvalidReason> {
    let is_one =
        !text.chars().all(char::is_whitespace) && text.chars().count() <= MAX_REASON && !text.chars().any(is_obeyed);
    is_one.then_some(text).ok_or(InvalidReason)
}

/// Who acknowledged, as their token named them then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The user.
    pub id: UserId,
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Person {
    /// A user with what the token says of them, each at most 200 characters that are shown and not obeyed.
    #[must_use]
    pub fn new(id: UserId, name: Option<&str>, email: Option<&str>) -> Self {
        let claim = |text: &str| plain_text::of_claim(text, MAX_PERSON_TEXT);
        Self { id, name: name.map(claim), email: email.map(claim) }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Why the finding may stand.
    pub reason: AckReason,
    /// Until when; only shown.
    pub expires_at: Option<Timestamp>,
}

/// An acknowledgement: made once, never changed or removed. At most one of a run and check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The run whose report it is about; the report's id.
    pub run_id: RunId,
    /// The check.
    pub check_key: CheckKey,
    /// Why the finding may stand.
    pub reason: AckReason,
    /// Until when; only shown.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub acknowledged_at: Timestamp,
    /// Who made it.
    pub acknowledged_by: Person,
}

/// What an acknowledgement was about, kept for later reports of the same identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgedCause {
    /// What the report said of the check.
    pub about: AboutWhat,
    /// What somebody said to that.
    pub acknowledgement: Acknowledgement,
    /// When the run of the acknowledgement vanishes, and with it what was said there.
    pub kept_until: Timestamp,
}

/// The most causes that are kept of an identity, each of at most about three kilobytes: an item of the table holds 400.
const MOST_CAUSES: usize = 100;

impl AcknowledgedCause {
    fn is_current(&self, now: Timestamp) -> bool {
        self.kept_until > now && self.acknowledgement.expires_at.is_none_or(|end| end > now)
    }
}

/// The causes that no later report shows any more, and the oldest of those that are too many beside a new one.
#[must_use]
pub fn outdated(causes: &[AcknowledgedCause], now: Timestamp) -> Vec<&AcknowledgedCause> {
    let (mut current, mut outdated): (Vec<_>, Vec<_>) = causes.iter().partition(|cause| cause.is_current(now));
    current.sort_by_key(|cause| std::cmp::Reverse(cause.acknowledgement.run_id));
    outdated.extend(current.into_iter().skip(MOST_CAUSES - 1));
    outdated
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// It is new: to be stored.
    New(Acknowledgement),
    /// The same person has said the same before.
    Repeated(Acknowledgement),
    /// It is refused.
    Refused(Refusal),
}

/// Why an acknowledgement is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The check passed, was skipped, or could not see what it asks for: there is nothing to acknowledge.
    NothingToAcknowledge,
    /// Somebody has acknowledged it already, or the same person in other words.
    AlreadyAcknowledged,
    /// It would have ended before it began.
    Expired,
}

impl Acknowledgement {
    /// Whether this person has said just that.
    #[must_use]
    pub fn says(&self, person: &UserId, request: &Request) -> bool {
        self.acknowledged_by.id == *person && self.reason == request.reason && self.expires_at == request.expires_at
    }
}

/// Judges a request for one check of a completed run. `existing` is that check's acknowledgement, if there is one: what was said
/// before is compared before the expiry is judged, so that a caller may always repeat a request.
#[must_use]
pub fn judge(
    (run_id, check_key, finding): (RunId, CheckKey, &Finding),
    existing: Option<&Acknowledgement>,
    person: Person,
    request: Request,
    now: Timestamp,
) -> Judged {
    if let Some(existing) = existing {
        let repeated = existing.says(&person.id, &request);
        return if repeated {
            Judged::Repeated(existing.clone())
        } else {
            Judged::Refused(Refusal::AlreadyAcknowledged)
        };
    }
    let nothing = [CheckStatus::Pass, CheckStatus::Skip].iter().any(|status| finding.status == status.as_str());
    // Whoever acknowledged that would have acknowledged what comes next time.
    if nothing || Reason::is_of_nothing_seen(&finding.reason_code) {
        return Judged::Refused(Refusal::NothingToAcknowledge);
    }
    if request.expires_at.is_some_and(|end| end < now) {
        return Judged::Refused(Refusal::Expired);
    }
    let Request { reason, expires_at } = request;
    Judged::New(Acknowledgement {
        run_id,
        check_key,
        reason,
        expires_at,
        acknowledged_at: now,
        acknowledged_by: person,
    })
}

/// The causes that were acknowledged in earlier runs and that this report finds again, in the order of their checks: of each check
/// what was said last and still counts.
#[must_use]
pub fn previously<'a>(
    run_id: RunId,
    findings: &Findings,
    causes: &'a [AcknowledgedCause],
    now: Timestamp,
) -> Vec<&'a Acknowledgement> {
    let again = |cause: &&AcknowledgedCause| {
        let earlier = &cause.acknowledgement;
        let now_found = findings.about(earlier.check_key.as_str());
        let same = now_found.is_some_and(|found| found.is_again(&cause.about));
        same && earlier.run_id < run_id && cause.is_current(now)
    };
    let mut last: BTreeMap<&CheckKey, &Acknowledgement> = BTreeMap::new();
    for earlier in causes.iter().filter(again).map(|cause| &cause.acknowledgement) {
        let shown = last.entry(&earlier.check_key).or_insert(earlier);
        if shown.run_id < earlier.run_id {
            *shown = earlier;
        }
    }
    last.into_values().collect()
}

#[cfg(test)]
mod tests;
