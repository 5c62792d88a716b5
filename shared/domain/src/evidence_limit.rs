//! Keeps a report within its size: evidence is cut from the end, and the check that lost some says how many items.

use crate::check::Check;

/// Cuts evidence in growing steps, so that even a very large report is sealed in a few rounds.
pub(crate) struct Trimmer {
    original: Vec<(usize, String)>,
    step: usize,
}

impl Trimmer {
    pub(crate) fn new(checks: &[Check]) -> Self {
        let original = checks.iter().map(|check| (check.evidence.len(), check.message.to_string())).collect();
        Self { original, step: 16 }
    }

    /// Cuts the next items from the end; false when there is nothing left to cut.
    pub(crate) fn trim(&mut self, checks: &mut [Check]) -> bool {
        let mut left = self.step;
        self.step *= 2;
        let before = left;
        for (check, (count, message)) in checks.iter_mut().zip(&self.original).rev() {
            let kept = check.evidence.len().saturating_sub(left);
            left -= check.evidence.len() - kept;
            check.evidence.truncate(kept);
            if kept < *count {
                check.message = format!("{message} ({} items of evidence left out.)", count - kept).into();
            }
        }
        left < before
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Check, CheckKey};
    use crate::evidence::{Evidence, EvidenceKind};
    use crate::report::{MAX_GZIP_BYTES, MAX_JSON_BYTES};
    use crate::testing;

    #[test]
    fn a_report_that_is_too_large_loses_evidence_from_the_end_and_says_so() {
        let mut checks = testing::passing_checks();
        let evidence =
            |at: u64| Evidence::text(EvidenceKind::UnknownRole, crate::fingerprint::sha256_hex(&at.to_be_bytes()));
        checks[0].evidence = vec![evidence(0)];
        let last = checks.len() - 1;
        checks[last].evidence = (0..20_000).map(evidence).collect();
        let sealed = testing::seal(checks);
        assert!(sealed.json().len() <= MAX_JSON_BYTES && sealed.gzip().len() <= MAX_GZIP_BYTES);
        let document: serde_json::Value = serde_json::from_slice(sealed.json()).expect("JSON");
        assert_eq!(document["checks"][0]["evidence"].as_array().map(Vec::len), Some(1));
        let kept = document["checks"][last]["evidence"].as_array().map_or(0, Vec::len);
        assert!(kept > 1_000, "{kept}");
        let message = document["checks"][last]["message"].as_str().expect("a message");
        assert!(message.ends_with(&format!("({} items of evidence left out.)", 20_000 - kept)), "{message}");
    }

    #[test]
    fn a_report_within_its_size_keeps_everything() {
        let mut checks: Vec<Check> = testing::passing_checks();
        let evidence = Evidence::text(EvidenceKind::StoppedBy, CheckKey::CONNECTION.as_str());
        checks[0].evidence = vec![evidence; 100];
        let document: serde_json::Value = serde_json::from_slice(testing::seal(checks).json()).expect("JSON");
        assert_eq!(document["checks"][0]["evidence"].as_array().map(Vec::len), Some(100));
    }
}
