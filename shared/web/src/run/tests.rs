//! The representation of each state, pinned.

use std::time::Duration;

use domain::check::{Check, CheckDefinition, CheckKey, Severity};
use domain::preflight::Block;
use domain::reason::Reason;
use domain::report::{Report, SealedReport};
use domain::stub;

use super::*;
use crate::testing::{BOUNDS, now, run as queued};

const LEASE: Duration = Duration::from_secs(65);

fn running() -> OperationRun {
    queued().claim(now(), now() + LEASE, &BOUNDS).expect("queued runs are claimed")
}

fn block() -> Block {
    let url = "https://console.example.com/workspaces/1/tenants/2/connections/3".to_owned();
    let next_steps = vec![NextStep { label: "Enable the connection".to_owned(), url }];
    let connection_id = queued().header.target.connection_id;
    Block { reason: Reason::ProviderConnectionDisabled, next_steps, connection_id, client_id: None }
}

fn report() -> SealedReport {
    Report {
        run: &queued().header,
        client_id: None,
        generated_at: now(),
        previous: None,
        checks: stub::blocked(&block()),
    }
    .seal()
    .expect("a stub is valid")
}

fn shown(run: &OperationRun, report: Option<&[u8]>) -> serde_json::Value {
    serde_json::to_value(RunBody::of(run, report).expect("a valid report")).expect("it has a JSON form")
}

#[test]
fn a_queued_run_has_no_report() {
    insta::assert_json_snapshot!("queued", shown(&queued(), None));
}

#[test]
fn a_running_run_tells_its_attempt() {
    let waiting = running().give_back(now(), now() + LEASE).expect("claimed runs are given back");
    let again = waiting.claim(now() + LEASE, now() + LEASE + LEASE, &BOUNDS).expect("free runs are claimed");
    insta::assert_json_snapshot!("running", shown(&again, None));
}

#[test]
fn a_succeeded_run_has_its_report() {
    let definition = |key| CheckDefinition { key, title: "Something", severity: Severity::Critical, blocking: true };
    let needed = [CheckKey::CONNECTION, CheckKey::TENANT_BINDING, CheckKey::INVENTORY];
    let checks = needed.map(|key| Check::pass(&definition(key), Vec::new())).to_vec();
    let report = Report { run: &queued().header, client_id: None, generated_at: now(), previous: None, checks };
    let report = report.seal().expect("a valid report");
    let run = running().finish(now(), &report).expect("claimed runs finish");
    insta::assert_json_snapshot!("succeeded", shown(&run, Some(report.json())));
}

#[test]
fn a_failed_run_says_why() {
    let run = running().finish(now(), &report()).expect("claimed runs finish");
    insta::assert_json_snapshot!("failed", shown(&run, Some(report().json()))["failure_summary"]);
}

#[test]
fn a_blocked_run_says_what_to_do() {
    let run = queued().block(now(), &block(), &report()).expect("queued runs are blocked");
    insta::assert_json_snapshot!("blocked", shown(&run, Some(report().json())));
}

#[test]
fn an_interrupted_run_says_why_it_was_ended() {
    let stub = Report {
        client_id: None,
        run: &queued().header,
        generated_at: now(),
        previous: None,
        checks: stub::interrupted(&queued().header),
    };
    let stub = stub.seal().expect("a stub is valid");
    let run = running().interrupt(now() + LEASE, Interruption::AttemptsUsedUp, &stub).expect("active runs are ended");
    insta::assert_json_snapshot!("interrupted", shown(&run, Some(stub.json())));
}

#[test]
fn a_report_is_embedded_byte_for_byte() {
    let run = queued();
    let text = r#"{"b":1, "a":1.0e2}"#;
    let body = serde_json::to_string(&RunBody::of(&run, Some(text.as_bytes())).expect("JSON")).expect("JSON");
    assert!(body.contains(text), "{body}");
    assert!(RunBody::of(&run, Some(b"{")).is_err());
}
