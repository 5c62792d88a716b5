//! A check: one question about a connection and its answer.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::evidence::Evidence;
use crate::facts::Cause;
use crate::names::names;
use crate::next_step::NextStep;
use crate::parsed_text::parsed_text;
use crate::reason::Reason;
use crate::reason_table;

names! {
    /// How a check ended.
    CheckStatus: "a check status" {
        /// As it should be.
        Pass = "pass",
        /// Known to be wrong.
        Fail = "fail",
        /// Wrong without consequence yet, or could not be verified.
        Warn = "warn",
        /// Does not apply, or was stopped by an earlier check.
        Skip = "skip",
    }
}

/// What a check says. Whatever is wrong has a reason, and what is in order has none:
///
/// ```compile_fail,E0599
/// let verdict = domain::check::Verdict::Fail(domain::reason::Reason::Ok);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that it looks at is in order.
    Pass,
    /// Wrong without consequence yet, or could not be verified.
    Warn(Reason),
    /// Known to be wrong.
    Fail(Reason),
    /// Nothing was judged.
    Skip(Skip),
}

/// Why a check judged nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// It does not apply, or an earlier check stopped it.
    NotApplicable,
    /// What it looks at is not there to be judged.
    Because(Reason),
}

impl Verdict {
    /// How the check ended, in a word.
    #[must_use]
    pub fn status(self) -> CheckStatus {
        match self {
            Verdict::Pass => CheckStatus::Pass,
            Verdict::Warn(_) => CheckStatus::Warn,
            Verdict::Fail(_) => CheckStatus::Fail,
            Verdict::Skip(_) => CheckStatus::Skip,
        }
    }

    /// What is wrong, if something is.
    #[must_use]
    pub fn problem(self) -> Option<Reason> {
        match self {
            Verdict::Warn(reason) | Verdict::Fail(reason) => Some(reason),
            Verdict::Pass | Verdict::Skip(_) => None,
        }
    }

    /// The stable code of why the check ended so.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Pass => reason_table::OK.0,
            Verdict::Skip(Skip::NotApplicable) => reason_table::NOT_APPLICABLE.0,
            Verdict::Warn(reason) | Verdict::Fail(reason) | Verdict::Skip(Skip::Because(reason)) => reason.code(),
        }
    }

    fn message(self) -> &'static str {
        match self {
            Verdict::Pass => reason_table::OK.1.message,
            Verdict::Skip(Skip::NotApplicable) => reason_table::NOT_APPLICABLE.1.message,
            Verdict::Warn(reason) | Verdict::Fail(reason) | Verdict::Skip(Skip::Because(reason)) => {
                reason.text().message
            }
        }
    }
}

impl Serialize for Verdict {
    /// As reports have it: `status` and `reason_code`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Verdict", 2)?;
        form.serialize_field("status", &self.status())?;
        form.serialize_field("reason_code", self.code())?;
        form.end()
    }
}

names! {
    /// How bad it is when a check fails.
    Severity: "a severity" {
        /// Nothing to worry about.
        Info = "info",
        /// Can wait.
        Low = "low",
        /// Should be mended.
        Medium = "medium",
        /// A feature does not work.
        High = "high",
        /// Nothing works.
        Critical = "critical",
    }
}

/// The most bytes of a check key in a path.
const MAX_KEY_BYTES: usize = 128;

/// Why a text is not a check key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a check key is dotted lower case words of letters, digits and underscores, at most {MAX_KEY_BYTES} bytes")]
pub struct InvalidCheckKey;

parsed_text! {
    /// The stable name of a check within its flow.
    CheckKey, or InvalidCheckKey, by parse_check_key;
}

fn parse_check_key(text: String) -> Result<String, InvalidCheckKey> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let is_one = text.len() <= MAX_KEY_BYTES && text.split('.').all(is_word);
    is_one.then_some(text).ok_or(InvalidCheckKey)
}

impl CheckKey {
    /// Gate 1: Entra and Graph answer.
    pub const CONNECTION: CheckKey = CheckKey(Cow::Borrowed("provider.connection.check"));
    /// Gate 2: it is the right organization.
    pub const TENANT_BINDING: CheckKey = CheckKey(Cow::Borrowed("provider.tenant_binding"));
    /// The app's principal may be used, by its owner alone.
    pub const APP_STATE: CheckKey = CheckKey(Cow::Borrowed("provider.app_state"));
    /// The credential does not expire soon.
    pub const CREDENTIAL_EXPIRY: CheckKey = CheckKey(Cow::Borrowed("provider.credential_expiry"));
    /// The permission inventory was refreshed.
    pub const INVENTORY: CheckKey = CheckKey(Cow::Borrowed("permissions.inventory"));
    /// Permissions of the connection itself.
    pub const ADMIN_CONSENT: CheckKey = CheckKey(Cow::Borrowed("permissions.admin_consent"));
    /// Permissions to read the directory.
    pub const DIRECTORY_GROUPS: CheckKey = CheckKey(Cow::Borrowed("permissions.directory_groups"));
    /// Permissions for configuration, devices and enrollment.
    pub const INTUNE_CONFIGURATION: CheckKey = CheckKey(Cow::Borrowed("permissions.intune_configuration"));
    /// Permissions for apps.
    pub const INTUNE_APPS: CheckKey = CheckKey(Cow::Borrowed("permissions.intune_apps"));
    /// Permissions for role assignments.
    pub const INTUNE_RBAC_ASSIGNMENTS: CheckKey = CheckKey(Cow::Borrowed("permissions.intune_rbac_assignments"));
    /// Permissions for scripts and remediations.
    pub const SCRIPTS_REMEDIATIONS: CheckKey = CheckKey(Cow::Borrowed("permissions.scripts_remediations"));
    /// No dangerous permission is granted without need.
    pub const EXCESSIVE: CheckKey = CheckKey(Cow::Borrowed("permissions.excessive"));
}

/// What stays the same about a check whatever it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckDefinition {
    /// Its stable name.
    pub key: CheckKey,
    /// Its name for people.
    pub title: &'static str,
    /// How bad a fail is.
    pub severity: Severity,
    /// Whether nothing should go on after a fail.
    pub blocking: bool,
}

/// One check of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its stable name.
    pub key: CheckKey,
    /// Its name for people.
    pub title: &'static str,
    /// What it says.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// How bad a fail is.
    pub severity: Severity,
    /// Whether nothing should go on after a fail.
    pub blocking: bool,
    /// One or two sentences for people.
    pub message: Cow<'static, str>,
    /// Pointers and codes that back it.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub next_steps: Vec<NextStep>,
}

impl Check {
    /// A check with the verdict's own message.
    #[must_use]
    pub fn new(definition: &CheckDefinition, verdict: Verdict, evidence: Vec<Evidence>) -> Self {
        Self {
            key: definition.key.clone(),
            title: definition.title,
            verdict,
            severity: definition.severity,
            blocking: definition.blocking,
            message: Cow::Borrowed(verdict.message()),
            evidence,
            next_steps: Vec::new(),
        }
    }

    /// A check that found everything in order.
    #[must_use]
    pub fn pass(definition: &CheckDefinition, evidence: Vec<Evidence>) -> Self {
        Self::new(definition, Verdict::Pass, evidence)
    }

    /// "Could not verify": never green and never a blocker.
    #[must_use]
    pub fn unverified(definition: &CheckDefinition, cause: &Cause) -> Self {
        Self::new(definition, Verdict::Warn(cause.reason), cause.evidence.clone())
    }

    /// The same check with another message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// Whether nothing should go on: there is no extra status for it.
    #[must_use]
    pub fn is_blocker(&self) -> bool {
        self.blocking && matches!(self.verdict, Verdict::Fail(_))
    }

    /// Rank in the order in which people read checks: blocking fail, fail, warn, skip, pass.
    #[must_use]
    pub fn shown_rank(&self) -> u8 {
        match self.verdict {
            Verdict::Fail(_) if self.blocking => 0,
            Verdict::Fail(_) => 1,
            Verdict::Warn(_) => 2,
            Verdict::Skip(_) => 3,
            Verdict::Pass => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_keys_are_dotted_lower_case_words() {
        assert_eq!("permissions.intune_apps".parse(), Ok(CheckKey::INTUNE_APPS));
        for text in ["", ".", "a.", "A.b", "a b", "a/b", "a#b", &"x".repeat(129)] {
            assert_eq!(text.parse::<CheckKey>(), Err(InvalidCheckKey), "{text:?}");
        }
    }

    #[test]
    fn people_read_what_blocks_first() {
        let check = crate::testing::passing_checks().remove(0);
        let problem = Reason::UnknownError;
        let rank = |blocking, verdict| Check { verdict, blocking, ..check.clone() }.shown_rank();
        let ranks = [
            rank(true, Verdict::Fail(problem)),
            rank(false, Verdict::Fail(problem)),
            rank(true, Verdict::Warn(problem)),
            rank(true, Verdict::Skip(Skip::NotApplicable)),
            rank(true, Verdict::Pass),
        ];
        assert_eq!(ranks, [0, 1, 2, 3, 4]);
    }
}
