//! Reports of every size: what is stored of them, and what they say about the rest.

use serde_json::Value;

use crate::check::{Check, CheckKey, Skip, Verdict};
use crate::evidence::{Evidence, EvidenceKind};
use crate::fingerprint::Fingerprint;
use crate::reason::Reason;
use crate::report::{Counts, MAX_GZIP_BYTES, MAX_JSON_BYTES, Overall, SealedReport};
use crate::schema::ReportSchema;
use crate::testing;

const MIB: usize = 1 << 20;

/// A text of so many bytes, its own for each number. Digits that follow no rule do not compress below half.
fn text(number: usize, bytes: usize, compressible: bool) -> String {
    if compressible {
        return format!("{number:08}").chars().cycle().take(bytes).collect();
    }
    let mut state = number as u64;
    let digits = std::iter::repeat_with(|| {
        // Knuth's linear congruential generator, whose high bits are the good ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"0123456789abcdef"[(state >> 60) as usize])
    });
    digits.take(bytes).collect()
}

/// One report of the table.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// How many bytes the evidence has in all.
    bytes: usize,
    /// How many bytes an item has.
    item: usize,
    compressible: bool,
    /// Whether every check has its part, or the last one has it all.
    spread: bool,
}

impl Size {
    fn all() -> impl Iterator<Item = Size> {
        let sizes = [0, 1, MIB / 4, MIB, 2 * MIB];
        sizes.into_iter().flat_map(|bytes| {
            [64, 4096, 700_000, 2 * MIB].into_iter().flat_map(move |item| {
                [(true, true), (true, false), (false, true), (false, false)].map(|(compressible, spread)| Size {
                    bytes,
                    item,
                    compressible,
                    spread,
                })
            })
        })
    }

    /// Eleven checks that ended in every way, each with a pointer before its part of the evidence.
    fn checks(self) -> Vec<Check> {
        let keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        let problem = Reason::UnknownError;
        let verdicts =
            [Verdict::Fail(problem), Verdict::Warn(problem), Verdict::Skip(Skip::NotApplicable), Verdict::Pass];
        let mut checks: Vec<Check> = keys
            .iter()
            .zip(verdicts.iter().cycle())
            .map(|(key, verdict)| {
                let key: CheckKey = key.parse().expect("a key");
                let evidence = vec![Evidence::number(EvidenceKind::ProviderConnectionId, 3_u64)];
                Check { key, verdict: *verdict, evidence, ..testing::passing_checks()[0].clone() }
            })
            .collect();
        let last = checks.len() - 1;
        for number in 0..self.bytes.div_ceil(self.item) {
            let bytes = self.item.min(self.bytes - number * self.item);
            let at = if self.spread { number % checks.len() } else { last };
            let value = text(number, bytes, self.compressible);
            checks[at].evidence.push(Evidence::text(EvidenceKind::UnknownRole, value));
        }
        checks
    }
}

/// Holds what is true of every sealed report; tells how many items of evidence it kept.
fn holds(checks: &[Check], sealed: &SealedReport) -> usize {
    assert!(sealed.json().len() <= MAX_JSON_BYTES && sealed.gzip().len() <= MAX_GZIP_BYTES);
    assert_eq!(sealed.fingerprint(), &Fingerprint::of(checks));
    assert_eq!((sealed.overall(), sealed.counts()), (Overall::of(checks), Counts::of(checks)));
    let document: Value = serde_json::from_slice(sealed.json()).expect("JSON");
    ReportSchema::validate(&document).expect("valid");
    let mut kept = 0;
    let mut cut = false;
    for (check, stored) in checks.iter().zip(document["checks"].as_array().expect("checks")) {
        let evidence = stored["evidence"].as_array().expect("evidence");
        let whole = serde_json::to_value(&check.evidence).expect("JSON");
        assert_eq!(whole.as_array().expect("evidence")[..evidence.len()], evidence[..], "cut from the end");
        assert!(!cut || evidence.is_empty(), "what comes before is cut later");
        let message = match check.evidence.len() - evidence.len() {
            0 => check.message.to_string(),
            1 => format!("{} (1 item of evidence left out.)", check.message),
            lost => format!("{} ({lost} items of evidence left out.)", check.message),
        };
        assert_eq!(stored["message"], message);
        kept += evidence.len();
        cut |= evidence.len() < check.evidence.len();
    }
    kept
}

#[test]
fn a_report_of_any_size_is_valid_and_says_what_it_lost() {
    for size in Size::all() {
        let checks = size.checks();
        let sealed = testing::seal(checks.clone());
        let kept = holds(&checks, &sealed);
        let all: usize = checks.iter().map(|check| check.evidence.len()).sum();
        assert!(kept == all || size.bytes > MIB / 4, "{size:?} is small, and kept {kept} of {all}");
    }
}

/// 20,000 random items fill the gzip, as many that repeat themselves the JSON.
#[test]
fn a_report_that_is_too_large_keeps_nearly_all_that_fits() {
    let of = |compressible| testing::seal(Size { bytes: 20_000 * 64, item: 64, compressible, spread: true }.checks());
    let (random, repeating) = (of(false).gzip().len(), of(true).json().len());
    assert!(random > MAX_GZIP_BYTES / 100 * 95, "{random} bytes of gzip");
    assert!(repeating > MAX_JSON_BYTES / 100 * 95, "{repeating} bytes of JSON");
}

#[test]
fn one_item_that_is_too_large_takes_nothing_with_it() {
    let checks = Size { bytes: 2 * MIB, item: 2 * MIB, compressible: false, spread: false }.checks();
    let sealed = testing::seal(checks.clone());
    assert_eq!(holds(&checks, &sealed), checks.len(), "every check keeps its pointer");
}
