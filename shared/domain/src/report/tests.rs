//! The seal, the published schema and its examples.

use serde_json::{Value, json};

use super::*;
use crate::check::{CheckDefinition, CheckKey, Severity, Skip, Verdict};
use crate::checks::evaluate;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::{Cause, Facts, Known};
use crate::graph_permission::GraphPermission;
use crate::reason::Reason;
use crate::stub;
use crate::testing;

fn document(sealed: &SealedReport) -> Value {
    serde_json::from_slice(sealed.json()).expect("a sealed report is JSON")
}

#[test]
fn a_sealed_report_is_canonical_and_its_numbers_follow_from_its_checks() {
    let mut checks = testing::passing_checks();
    checks[1].verdict = Verdict::Warn(Reason::Throttled);
    let sealed = testing::seal(checks.clone());
    let document = document(&sealed);
    assert_eq!(sealed.json(), serde_json::to_vec(&document).expect("JSON"), "compact, with sorted keys");
    let keys: Vec<_> = document.as_object().expect("an object").keys().cloned().collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(document["summary"]["overall"], "needs_attention");
    assert_eq!(document["summary"]["counts"], json!({"total":3,"pass":2,"fail":0,"warn":1,"skip":0,"running":0}));
    assert_eq!(document["fingerprint"], Fingerprint::of(&checks).as_str());
    assert_eq!(document["previous_report_id"], Value::Null);
}

#[test]
fn a_sealed_report_tells_what_lists_show_of_it() {
    let mut checks = testing::passing_checks();
    checks[1].verdict = Verdict::Warn(Reason::Throttled);
    let previous = PreviousReport { run_id: testing::run_id(40), last_verified: None };
    let (run, generated_at) = (testing::header(), testing::now());
    let report = Report { run: &run, client_id: None, generated_at, previous: Some(previous.clone()), checks };
    let sealed = report.seal().expect("valid");
    assert_eq!(sealed.counts(), Counts { total: 3, pass: 2, warn: 1, ..Counts::default() });
    assert_eq!(sealed.previous(), Some(&previous));
    assert_eq!(document(&sealed)["previous_report_id"], json!(previous.run_id));
}

#[test]
fn the_gzip_holds_the_same_bytes() {
    use std::io::Read;

    let sealed = testing::seal(testing::passing_checks());
    let mut json = Vec::new();
    flate2::read::GzDecoder::new(sealed.gzip()).read_to_end(&mut json).expect("gzip");
    assert_eq!(json, sealed.json());
}

#[test]
fn a_report_that_breaks_a_rule_cannot_be_sealed() {
    let run = testing::header();
    let seal =
        |checks| Report { run: &run, client_id: None, generated_at: testing::now(), previous: None, checks }.seal();
    let [first, second, _] = testing::passing_checks().try_into().expect("three checks");
    assert!(matches!(seal(vec![first.clone(), first.clone()]), Err(SealError::DuplicateKey(_))));
    let endless = Check { message: "x".repeat(MAX_JSON_BYTES).into(), ..second };
    assert!(matches!(seal(vec![first, endless]), Err(SealError::TooLarge)));
}

#[test]
fn a_document_of_exactly_the_limit_is_sealed() {
    let run = testing::header();
    let with = |bytes| {
        let mut checks = testing::passing_checks();
        checks[1].message = "x".repeat(bytes).into();
        Report { run: &run, client_id: None, generated_at: testing::now(), previous: None, checks }.seal()
    };
    let bytes = MAX_JSON_BYTES - with(0).expect("small").json().len();
    assert_eq!(with(bytes).expect("at the limit").json().len(), MAX_JSON_BYTES);
    assert!(matches!(with(bytes + 1), Err(SealError::TooLarge)));
}

#[test]
fn overall_follows_the_rule_for_every_pair_of_checks() {
    let definition =
        |blocking| CheckDefinition { key: CheckKey::INVENTORY, title: "T", severity: Severity::Low, blocking };
    let mut table = String::new();
    let problem = Reason::UnknownError;
    let verdicts = [Verdict::Pass, Verdict::Fail(problem), Verdict::Warn(problem), Verdict::Skip(Skip::NotApplicable)];
    for first in verdicts {
        for (second, blocking) in verdicts.into_iter().flat_map(|verdict| [(verdict, false), (verdict, true)]) {
            let checks = [
                Check::new(&definition(false), first, Vec::new()),
                Check::new(&definition(blocking), second, Vec::new()),
            ];
            let (first, second) = (first.status(), second.status());
            let blocker = if blocking { "blocking" } else { "" };
            table += &format!("{first:8} {second:8} {blocker:8} -> {}\n", Overall::of(&checks));
        }
    }
    insta::assert_snapshot!("overall_of_pairs", table);
    assert_eq!(Overall::of(&[]), Overall::Ready);
}

/// The published examples are what this program writes for these facts. `UPDATE_EXAMPLES=1` writes them anew.
#[test]
#[allow(clippy::disallowed_methods, reason = "published files are compared, and written where somebody asks for it")]
fn the_published_examples_are_what_is_written() {
    for (name, sealed) in examples() {
        let path = format!("{}/../../schemas/examples/verification-report.{name}.json", env!("CARGO_MANIFEST_DIR"));
        let document = document(&sealed);
        ReportSchema::validate(&document).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = format!("{document:#}\n");
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            std::fs::write(&path, &written).expect("the folder of examples");
        }
        assert_eq!(std::fs::read_to_string(&path).expect("the example"), written, "{name}");
    }
}

#[test]
fn every_counter_example_is_refused_by_the_schema() {
    let file = include_str!("../../../../schemas/counter-examples/verification-report.json");
    let cases: Vec<Value> = serde_json::from_str(file).expect("JSON");
    assert!(cases.len() > 30);
    for case in cases {
        let mut report = document(&examples()[0].1);
        assert!(ReportSchema::validate(&report).is_ok());
        let path = case["path"].as_str().expect("a path");
        let (parent, key) = path.rsplit_once('/').expect("a path");
        let parent = report.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        match case.get("value") {
            Some(value) => parent.insert(key.to_owned(), value.clone()),
            None => parent.remove(key),
        };
        assert!(ReportSchema::validate(&report).is_err(), "{case}");
    }
}

fn examples() -> Vec<(&'static str, SealedReport)> {
    let rules = testing::rules();
    let connection = testing::connection();
    let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
    let run = testing::header();
    let previous = || Some(PreviousReport { run_id: testing::run_id(40), last_verified: None });
    let seal = |checks, previous| {
        Report { run: &run, client_id: Some(&runnable.app.client_id), generated_at: testing::now(), previous, checks }
            .seal()
            .expect("valid")
    };
    let checked = |facts: Facts| seal(evaluate(&facts, &runnable, &rules, testing::now()).checks, previous());
    let without = |names: [&str; 1]| {
        let mut facts = testing::graph_facts();
        let Known::Known(assignments) = &mut facts.assignments else { panic!("known") };
        facts.token.as_mut().expect("readable").roles.retain(|role| !names.contains(&role.as_str()));
        assignments.retain(|it| !names.contains(&GraphPermission::name_of(&it.app_role_id).expect("named")));
        Facts::Token(facts)
    };
    let trace = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let wrong_secret = Cause {
        reason: Reason::ProviderCredentialSecretInvalid,
        evidence: vec![
            Evidence::number(EvidenceKind::HttpStatus, 401_u64),
            Evidence::text(EvidenceKind::OauthError, "invalid_client"),
            Evidence::number(EvidenceKind::EntraErrorCode, 7_000_215_u64),
            Evidence::text(EvidenceKind::TraceId, trace),
        ],
        retry_after: None,
    };
    let throttled = Cause {
        reason: Reason::Throttled,
        evidence: vec![
            Evidence::number(EvidenceKind::HttpStatus, 429_u64),
            Evidence::number(EvidenceKind::RetryAfterSeconds, 120_u64),
        ],
        retry_after: None,
    };
    let stubbed = seal(stub::blocked(&rules.block(Reason::ProviderConsentRevoked, &runnable.subject)), None);
    vec![
        ("ready", checked(Facts::Token(testing::graph_facts()))),
        ("needs-attention", checked(without(["DeviceManagementScripts.Read.All"]))),
        ("blocked-by-permission", checked(without(["DeviceManagementApps.Read.All"]))),
        ("failed-by-authentication", checked(Facts::NoToken(wrong_secret))),
        ("throttled", checked(Facts::NoToken(throttled))),
        ("blocked-stub", stubbed),
    ]
}
