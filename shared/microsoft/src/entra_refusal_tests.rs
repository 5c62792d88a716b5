//! Entra's refusals as they come over the wire: one realistic body for each number of the table, and the odd ones.

use std::fmt::Write as _;

use super::*;
use crate::answer::answer;
use crate::entra_errors::TABLE;

fn trouble(answer: &Answer) -> Trouble {
    super::trouble(answer, CredentialKind::ClientSecret)
}

/// A body as the token endpoint writes it, with everything in its text that must never be repeated.
fn body(error: &str, codes: &str) -> String {
    format!(
        r#"{{"error":"{error}","error_description":"AADSTS: Application 'c0ffee00-0000-4000-8000-000000000001' (Fabrikam Sync) of user adele@contoso.com at 203.0.113.7 failed. Trace ID: 0a1b2c3d-0000-4000-8000-000000000002 Timestamp: 2026-10-14 17:26:40Z","error_codes":{codes},"timestamp":"2026-10-14 17:26:40Z","trace_id":"0A1B2C3D-0000-4000-8000-000000000002","correlation_id":"0a1b2c3d-0000-4000-8000-000000000003","error_uri":"https://login.microsoftonline.com/error?code=7000215"}}"#
    )
}

fn shown(trouble: &Trouble) -> String {
    let evidence: Vec<String> = trouble
        .cause
        .evidence
        .iter()
        .map(|evidence| format!("{}={}", evidence.kind, serde_json::to_value(&evidence.value).expect("JSON")))
        .collect();
    format!("{} {:?} [{}]", trouble.cause.reason.code(), trouble.retry, evidence.join(" "))
}

fn judged(status: u16, error: &str, codes: &str) -> String {
    shown(&trouble(&answer(status, &body(error, codes))))
}

#[test]
fn every_number_of_the_table_has_its_reason_with_every_kind_of_credential() {
    let mut lines = String::new();
    for code in TABLE.iter().flat_map(|row| row.codes) {
        let of = |kind: CredentialKind| {
            let trouble = super::trouble(&answer(400, &body("invalid_client", &format!("[{code}]"))), kind);
            let reason = trouble.cause.reason;
            let again = match trouble.retry {
                Retry::Never if reason.may_be_late() => "after a change",
                Retry::Never => "never",
                Retry::Once => "once",
                Retry::Backoff => "with growing pauses",
                Retry::Later => "by redelivery",
            };
            format!("{}, mended by {}, asked again {again}", reason.code(), reason.text().fixed_by.as_str())
        };
        let known = trouble(&answer(400, &body("invalid_client", &format!("[{code}]"))));
        assert_eq!(known.cause.evidence.last().map(|detail| detail.kind), Some(EvidenceKind::Detail), "{code}");
        let (secret, others) =
            (of(CredentialKind::ClientSecret), [CredentialKind::Certificate, CredentialKind::Federated].map(of));
        writeln!(lines, "{code} {secret}").expect("a string");
        if others[0] != secret {
            writeln!(lines, "  with a certificate {}", others[0]).expect("a string");
        }
        if others[1] != others[0] {
            writeln!(lines, "  federated {}", others[1]).expect("a string");
        }
    }
    insta::assert_snapshot!("entra_errors", lines);
}

#[test]
fn a_certificate_is_never_told_about_a_secret() {
    let of = |codes: &str| {
        let trouble = super::trouble(&answer(401, &body("invalid_client", codes)), CredentialKind::Certificate);
        trouble.cause.reason
    };
    assert_eq!(of("[70002, 50012]"), Reason::ProviderCredentialCertificateRejected);
    assert_eq!(of("[70002]"), Reason::AuthenticationFailed);
    assert_eq!(of("[7000222]"), Reason::AuthenticationFailed);
    assert_eq!(of("[424242]"), Reason::UnknownError);
}

#[test]
fn evidence_holds_codes_ids_and_the_time_and_nothing_of_the_text() {
    insta::assert_snapshot!("entra_evidence", judged(401, "invalid_client", "[7000215]"));
}

#[test]
fn the_status_and_the_error_word_come_before_the_numbers() {
    let reason = |status, error, codes| {
        let trouble = trouble(&answer(status, &body(error, codes)));
        (trouble.cause.reason, trouble.retry)
    };
    assert_eq!(reason(429, "invalid_client", "[7000215]"), (Reason::Throttled, Retry::Backoff));
    assert_eq!(reason(429, "invalid_request", "[50196]"), (Reason::Throttled, Retry::Later));
    assert_eq!(reason(503, "invalid_client", "[7000215]"), (Reason::DependencyUnreachable, Retry::Backoff));
    assert_eq!(reason(503, "server_error", "[90055]"), (Reason::Throttled, Retry::Backoff));
    assert_eq!(reason(400, "temporarily_unavailable", "[7000222]"), (Reason::DependencyUnreachable, Retry::Backoff));
    assert_eq!(reason(400, "temporarily_unavailable", "[50000]"), (Reason::DependencyUnreachable, Retry::Once));
    assert_eq!(reason(400, "invalid_request", "[90033]"), (Reason::DependencyUnreachable, Retry::Backoff));
}

#[test]
fn the_first_known_number_decides_and_all_of_them_are_kept() {
    let several = judged(400, "unauthorized_client", "[999999, 700016, 53003]");
    assert!(several.starts_with("provider_app_not_found_in_tenant Never"), "{several}");
    assert!(several.contains("entra_error_code=999999") && several.contains("entra_error_code=53003"), "{several}");
}

#[test]
fn an_unknown_refusal_falls_back_without_loss() {
    let unknown = judged(400, "invalid_client", "[424242]");
    assert!(unknown.starts_with("unknown_error Never"), "{unknown}");
    assert!(unknown.contains("entra_error_code=424242") && unknown.contains("oauth_error"), "{unknown}");
    let unregistered = judged(400, "Adele said no", "[424242]");
    assert!(!unregistered.contains("Adele"), "{unregistered}");
}

#[test]
fn members_of_an_unexpected_type_are_left_out() {
    let odd = r#"{"error":"invalid_client","error_codes":"7000215","timestamp":7,"trace_id":"not a guid","correlation_id":[]}"#;
    assert_eq!(
        shown(&trouble(&answer(400, odd))),
        r#"unknown_error Never [http_status=400 client_request_id="00000000-0000-0000-0000-000000000000" oauth_error="invalid_client"]"#
    );
    let huge = judged(400, "invalid_client", "[9007199254740992, -1, 1.5, \"x\", 7000215]");
    assert!(huge.starts_with("unknown_error"), "only the first few are looked at: {huge}");
}

#[test]
fn whatever_is_not_entras_document_is_garbage_unless_the_status_tells() {
    let detail = |status, body: &str| {
        let trouble = trouble(&answer(status, body));
        (trouble.cause.reason, trouble.cause.evidence.last().expect("evidence").clone())
    };
    let upstream = |word| (Reason::DependencyUnreachable, Evidence::text(EvidenceKind::Detail, word));
    for body in ["", "<html>", "[]", r#"{"error":{"code":"x"}}"#, "{}", "\u{0}"] {
        assert_eq!(detail(400, body), upstream("upstream.garbage"), "{body:?}");
        assert_eq!(detail(200, body), upstream("upstream.garbage"), "{body:?}");
        assert_eq!(detail(502, body), upstream("upstream.unavailable"), "{body:?}");
        assert_eq!(detail(302, body), upstream("upstream.redirect"), "{body:?}");
        assert_eq!(detail(429, body).0, Reason::Throttled, "{body:?}");
    }
}
