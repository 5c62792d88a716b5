//! What may stand in what is stored.

use domain::evidence::EvidenceKind;
use serde_json::Value;

use super::every_scenario::every_scenario;
use super::text;

/// What the stand-in's texts name and documents hold: users, the app, addresses, tokens, the hint of a secret, pages.
const NEVER_STORED: [&str; 14] = [
    "@",
    "adele",
    "contoso.com",
    "Fabrikam",
    "203.0.113.7",
    "169.254",
    "eyJ",
    "Bearer",
    "x7Q",
    "AADSTS",
    "Trace ID",
    "never heard of",
    "Insufficient privileges",
    "Sign in to your account",
];

/// No word of ours and no id is longer.
const LONGEST_EVIDENCE: usize = 128;

/// Words of the project itself, which may have spaces between them.
const OF_THE_MANIFEST: [EvidenceKind; 3] = [EvidenceKind::Operation, EvidenceKind::Why, EvidenceKind::DirectoryRole];

#[tokio::test(flavor = "multi_thread")]
async fn mistake_12_nothing_but_listed_evidence_is_stored() {
    for verified in every_scenario().await {
        let scenario = verified.scenario();
        for piece in verified.checks().iter().flat_map(|check| check["evidence"].as_array().expect("a list")) {
            let kind = text(&piece["kind"]).parse::<EvidenceKind>();
            assert!(kind.is_ok(), "{scenario}: {piece} is not on the list");
            match &piece["value"] {
                Value::Number(number) => assert!(number.is_u64(), "{scenario}: {piece}"),
                Value::String(value) => {
                    let is_of_the_manifest = OF_THE_MANIFEST.contains(&kind.expect("on the list"));
                    let code = !value.is_empty()
                        && value.len() <= LONGEST_EVIDENCE
                        && (is_of_the_manifest || !value.contains(' '));
                    assert!(code, "{scenario}: {piece} is a sentence, not a code or an id");
                }
                _ => panic!("{scenario}: {piece}"),
            }
        }

        let scene = &verified.scene;
        let items = aws_sdk_dynamodb::Client::new(&scene.sandbox.aws).scan().table_name(&scene.sandbox.table);
        let items: Vec<_> = items.into_paginator().items().send().collect::<Result<_, _>>().await.unwrap();
        let table = format!("{items:?}");
        assert!(table.contains("RUN#"), "{scenario}: the table was read");
        // The run holds the summary of its failures.
        let run = format!("{:?}", verified.stored.run);
        let report = verified.report.to_string();
        for word in NEVER_STORED.into_iter().chain([scene.fixture.secret.as_str()]) {
            for (place, stored) in [("report", &report), ("run", &run), ("table", &table)] {
                assert!(!stored.contains(word), "{scenario}: {word} stands in the {place}: {stored}");
            }
        }
    }
}
