//! Reasons: why a check has its status, or why a run could not start.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::reason_table::Reason;
pub use crate::reason_text::{FixedBy, ReasonText};

impl Reason {
    /// Why a check could not see what it asks for.
    pub const NOTHING_SEEN: [Self; 4] =
        [Reason::Throttled, Reason::DependencyUnreachable, Reason::PermissionDenied, Reason::Interrupted];

    /// Whether this code, which may come from a stored report, says that a check could not see what it asks for.
    pub(crate) fn is_of_nothing_seen(code: &str) -> bool {
        Self::NOTHING_SEEN.iter().any(|reason| reason.code() == code)
    }

    /// Whether it says "could not verify": trouble that passes by itself and proves nothing about the connection.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Reason::Throttled | Reason::DependencyUnreachable)
    }

    /// Whether it is also what Microsoft says of something new that not all of its servers know yet.
    #[must_use]
    pub fn may_be_late(self) -> bool {
        matches!(
            self,
            Reason::ProviderCredentialSecretInvalid
                // Said of a new secret beside one that has expired.
                | Reason::ProviderCredentialSecretExpired
                | Reason::ProviderCredentialCertificateNotRegistered
                | Reason::ProviderFederationNoMatch
                | Reason::ProviderFederationIssuerMismatch
                | Reason::ProviderFederationAudienceMismatch
                | Reason::ProviderFederationSubjectMismatch
                | Reason::ProviderFederationCredentialMissing
                | Reason::ProviderFederationIssuerKeyUnknown
                | Reason::ProviderAppNotFoundInTenant
                | Reason::ProviderAppServicePrincipalMissing
                | Reason::ProviderConsentMissing
                | Reason::ProviderPermissionMissing
                | Reason::ProviderPermissionPending
                | Reason::ProviderPermissionRevoked
        )
    }

    /// Whether it says that the stored credential itself was refused: another one may work.
    #[must_use]
    pub fn blames_credential(self) -> bool {
        matches!(
            self,
            Reason::AuthenticationFailed
                | Reason::ProviderCredentialSecretInvalid
                | Reason::ProviderCredentialSecretExpired
                | Reason::ProviderCredentialCertificateNotRegistered
                | Reason::ProviderCredentialCertificateRejected
                | Reason::ProviderCredentialCertificateExpired
                | Reason::ProviderCredentialCertificateNotYetValid
                | Reason::ProviderCredentialCertificateRevoked
        )
    }
}

/// A reason code as it is stored and shown. What was stored may be newer than this program's table, so it is text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReasonCode(Cow<'static, str>);

impl ReasonCode {
    /// A code as it was stored.
    #[must_use]
    pub fn stored(code: String) -> Self {
        Self(Cow::Owned(code))
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Reason> for ReasonCode {
    fn from(reason: Reason) -> Self {
        Self(Cow::Borrowed(reason.code()))
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason_table;

    #[test]
    fn codes_are_unique_and_spelled_as_the_specification_says() {
        let base = [
            "ok",
            "not_applicable",
            "missing_configuration",
            "permission_denied",
            "authentication_failed",
            "throttled",
            "dependency_unreachable",
            "invalid_state",
            "unknown_error",
        ];
        let start = ["initiator_not_entitled", "missing_capability", "tenant_not_operable"];
        let mut seen = std::collections::HashSet::new();
        let in_order = [reason_table::OK.0, reason_table::NOT_APPLICABLE.0];
        for code in in_order.into_iter().chain(Reason::ALL.iter().map(|reason| reason.code())) {
            assert!(seen.insert(code), "{code} stands twice");
            assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.".contains(&byte)), "{code}");
            let known = base.contains(&code) || start.contains(&code);
            assert!(known || code.starts_with("provider_") || code.starts_with("ext."), "{code}");
        }
        assert!(base.iter().chain(&start).all(|code| seen.contains(code)));
    }

    #[test]
    fn whatever_somebody_can_mend_has_a_next_step_and_nothing_else_has() {
        for reason in Reason::ALL {
            let text = reason.text();
            assert_eq!(text.fixed_by != FixedBy::Nobody, text.next_step.is_some(), "{}", reason.code());
            assert!(text.message.ends_with('.') && !text.label.ends_with('.'), "{}", reason.code());
        }
    }

    #[test]
    #[allow(
        clippy::disallowed_methods,
        reason = "a published file is compared, and written where somebody asks for it"
    )]
    fn the_published_reasons_are_the_table() {
        let in_order = [&reason_table::OK, &reason_table::NOT_APPLICABLE];
        let in_order = in_order.into_iter().map(|(code, text)| (*code, text, false));
        let wrong = Reason::ALL.iter().map(|reason| (reason.code(), reason.text(), reason.is_transient()));
        let reasons = in_order.chain(wrong).map(|(code, text, retryable)| {
            let ReasonText { label, message, fixed_by, next_step } = text;
            let about = serde_json::json!({
                "label": label,
                "message": message,
                "fixed_by": fixed_by.as_str(),
                "retryable": retryable,
                "next_step": next_step.map(|step| step.label),
            });
            (code.to_owned(), about)
        });
        let reasons: serde_json::Map<_, _> = reasons.collect();
        let text = serde_json::to_string_pretty(&reasons).expect("JSON") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/reasons.json");
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            std::fs::write(path, &text).expect("a file in the checkout");
        }
        assert_eq!(std::fs::read_to_string(path).expect("it is published"), text);
    }

    /// Each list stands in a snapshot a second time, so that none grows or shrinks unseen.
    #[test]
    fn what_may_be_late_and_what_blames_the_credential_are_listed() {
        let codes = |is: fn(Reason) -> bool| -> Vec<&str> {
            Reason::ALL.iter().filter(|reason| is(**reason)).map(|reason| reason.code()).collect()
        };
        insta::assert_snapshot!("may_be_late", codes(Reason::may_be_late).join("\n"));
        insta::assert_snapshot!("blames_credential", codes(Reason::blames_credential).join("\n"));
    }

    #[test]
    fn a_stored_code_is_shown_as_it_was_stored() {
        assert_eq!(ReasonCode::stored("of_a_newer_program".to_owned()).as_str(), "of_a_newer_program");
        assert_eq!(ReasonCode::from(Reason::Throttled).as_str(), "throttled");
    }
}
