//! The representation of each state, pinned.

use std::time::Duration;

use domain::identity::RunIdentityHash;
use domain::operation_run::{CheckResult, Initiator, RunHeader, RunTarget};
use domain::preflight::Block;
use domain::reason::Reason;
use domain::report::{Report, SealedReport};
use domain::stub::stub;

use super::*;

const LEASE: Duration = Duration::from_secs(65);

fn now() -> Timestamp {
    "2026-11-01T08:00:00Z".parse().expect("a time")
}

fn queued() -> OperationRun {
    let workspace_id = "1".parse().expect("an id");
    let tenant_id = Some("2".parse().expect("an id"));
    let connection_id = Some("3".parse().expect("an id"));
    let operation = Operation::ProviderConnectionCheck;
    OperationRun::queue(RunHeader {
        id: "41".parse().expect("an id"),
        workspace_id,
        tenant_id,
        operation,
        identity_hash: RunIdentityHash::of(workspace_id, tenant_id, operation, Provider::Microsoft, connection_id),
        initiator: Initiator::user(UserId::try_from("ada".to_owned()).expect("a user id"), Some("Ada")),
        target: RunTarget {
            provider: Provider::Microsoft,
            module: Some("intune".to_owned()),
            connection_id,
            entra_tenant_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".to_owned(),
            entra_tenant_name: Some("contoso.example".to_owned()),
        },
        created_at: now(),
    })
}

fn running() -> OperationRun {
    queued().claim(now(), LEASE).expect("queued runs are claimed")
}

fn block() -> Block {
    let url = "https://console.example.com/workspaces/1/tenants/2/connections/3".to_owned();
    let next_steps = vec![NextStep { label: "Enable the connection".to_owned(), url }];
    let connection_id = queued().header.target.connection_id;
    Block { reason: Reason::ProviderConnectionDisabled, next_steps, connection_id }
}

fn report() -> SealedReport {
    Report { run: &queued().header, generated_at: now(), previous: None, checks: stub(&block()) }
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
    let again = waiting.claim(now() + LEASE, LEASE).expect("free runs are claimed");
    insta::assert_json_snapshot!("running", shown(&again, None));
}

#[test]
fn a_succeeded_run_has_its_report() {
    let run = running().finish(now(), CheckResult::Succeeded, &report()).expect("claimed runs finish");
    insta::assert_json_snapshot!("succeeded", shown(&run, Some(report().json())));
}

#[test]
fn a_failed_run_says_why() {
    let failed = CheckResult::Failed(vec![Reason::Throttled.into()]);
    let run = running().finish(now(), failed, &report()).expect("claimed runs finish");
    insta::assert_json_snapshot!("failed", shown(&run, Some(report().json()))["failure_summary"]);
}

#[test]
fn a_blocked_run_says_what_to_do() {
    let run = queued().block(now(), &block(), &report()).expect("queued runs are blocked");
    insta::assert_json_snapshot!("blocked", shown(&run, Some(report().json())));
}

#[test]
fn a_report_is_embedded_byte_for_byte() {
    let run = queued();
    let text = r#"{"b":1, "a":1.0e2}"#;
    let body = serde_json::to_string(&RunBody::of(&run, Some(text.as_bytes())).expect("JSON")).expect("JSON");
    assert!(body.contains(text), "{body}");
    assert!(RunBody::of(&run, Some(b"{")).is_err());
}
