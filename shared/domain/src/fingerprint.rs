//! The fingerprint of a report: two reports with the same one say the same, whenever and wherever they were written.

use sha2::{Digest, Sha256};

use crate::check::Check;
use crate::parsed_text::parsed_text;

/// Lower-case hexadecimal SHA-256 of a text.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes every write");
        hex
    })
}

/// Why a text is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits in lower case")]
pub struct InvalidFingerprint;

parsed_text! {
    /// SHA-256 over what the checks found, in 64 lower-case hexadecimal digits.
    Fingerprint, or InvalidFingerprint, by parse_digest;
}

/// The text, if it is a SHA-256 as [`sha256_hex`] writes it.
pub(crate) fn parse_digest(text: String) -> Result<String, InvalidFingerprint> {
    let is_one = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_one.then_some(text).ok_or(InvalidFingerprint)
}

impl Fingerprint {
    /// Of the compact JSON array of `[key, status, severity, blocking, reason_code]` of each check, sorted bytewise by key. Messages,
    /// evidence, next steps, times and ids are not part of it.
    #[must_use]
    pub fn of(checks: &[Check]) -> Self {
        let mut rows: Vec<_> = checks
            .iter()
            .map(|check| {
                let severity = check.severity.as_str();
                (check.key.as_str(), check.verdict.status().as_str(), severity, check.blocking, check.verdict.code())
            })
            .collect();
        rows.sort_unstable_by_key(|row| row.0);
        Self(sha256_hex(&serde_json::to_vec(&rows).expect("texts and bools have a JSON form")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{CheckDefinition, CheckKey, Severity, Verdict};
    use crate::evidence::{Evidence, EvidenceKind};
    use crate::reason::Reason;

    const BINDING: CheckDefinition = CheckDefinition {
        key: CheckKey::TENANT_BINDING,
        title: "Binding",
        severity: Severity::Critical,
        blocking: true,
    };
    const APPS: CheckDefinition =
        CheckDefinition { key: CheckKey::INTUNE_APPS, title: "Apps", severity: Severity::High, blocking: true };

    /// The golden values were computed outside of this program, with `printf '%s' '<array>' | sha256sum`.
    #[test]
    fn golden_values_hold() {
        assert_eq!(Fingerprint::of(&[]).as_str(), "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945");
        let binding = Check::pass(&BINDING, Vec::new());
        // [["provider.tenant_binding","pass","critical",true,"ok"]]
        assert_eq!(
            Fingerprint::of(std::slice::from_ref(&binding)).as_str(),
            "a6cada6fe93ba6dec17a1b4c5be7e43d7375a2c2d5d623a35f56f98943f703b6"
        );
        let apps = Check::new(&APPS, Verdict::Fail(Reason::ProviderPermissionMissing), Vec::new());
        // [["permissions.intune_apps","fail","high",true,"provider_permission_missing"],["provider.tenant_binding",...]]
        let both = "ce2ec7f4f3dad8a680a621b6311e2861d50e560daecb895095e46aa64cc4d9f5";
        assert_eq!(Fingerprint::of(&[binding.clone(), apps.clone()]).as_str(), both);
        assert_eq!(Fingerprint::of(&[apps, binding]).as_str(), both);
    }

    #[test]
    fn each_of_the_five_fields_changes_it_and_nothing_else_does() {
        let check = Check::pass(&BINDING, Vec::new());
        let of = |check: Check| Fingerprint::of(&[check]);
        let before = of(check.clone());
        assert_ne!(before, of(Check { key: CheckKey::INVENTORY, ..check.clone() }));
        let warn = |reason| Check { verdict: Verdict::Warn(reason), ..check.clone() };
        assert_ne!(before, of(warn(Reason::Throttled)));
        assert_ne!(before, of(Check { severity: Severity::High, ..check.clone() }));
        assert_ne!(before, of(Check { blocking: false, ..check.clone() }));
        assert_ne!(of(warn(Reason::Throttled)), of(warn(Reason::UnknownError)));
        let evidence = vec![Evidence::number(EvidenceKind::HttpStatus, 200_u64)];
        assert_eq!(before, of(Check { title: "Other", message: "Other.".into(), evidence, ..check }));
    }

    #[test]
    fn a_fingerprint_is_64_lower_case_digits() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(text.parse::<Fingerprint>().map(|it| it.to_string()), Ok(text.clone()));
        for text in ["", &text[1..], &"g".repeat(64), &text.to_uppercase(), &format!("{text}0")] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
