//! `tenantcheck verify`: one start, patience, and an exit code for pipelines.

use serde_json::Value;

use super::program::tenantcheck;
use super::stand_in::{Reply, StandIn, TOKEN, reply};
use super::{BLOCKED, NEEDS_ATTENTION, READY, completed, problem, run, started};

const START: &str = "POST /workspaces/1/tenants/2/verifications";
const ARGUMENTS: [&str; 5] = ["verify", "--workspace", "1", "--tenant", "2"];

/// A start that made a run.
pub(super) fn accepted() -> Reply {
    reply(202, &started(run("queued", "pending"), "accepted")).with("location", "/runs/41").at_once()
}

/// The API with a run that is queued, running, and then this.
async fn ends_with(end: &Value) -> StandIn {
    let running = reply(200, &run("running", "pending")).at_once();
    StandIn::start().await.on(START, &[accepted()]).on("GET /runs/41", &[running.clone(), running, reply(200, end)])
}

#[tokio::test]
async fn a_ready_report_is_code_0_after_one_start_and_as_many_looks_as_it_takes() {
    let api = ends_with(&completed("succeeded", READY)).await;
    let printed = api.tenantcheck(&ARGUMENTS).await.printed(0);
    insta::assert_snapshot!("ready", printed);

    assert_eq!(api.lines(), [START, "GET /runs/41", "GET /runs/41", "GET /runs/41"]);
    let start = &api.seen()[0];
    assert_eq!((start.body.as_str(), start.header("content-type")), ("{}", "application/json"));
    assert_eq!(start.header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(start.header("idempotency-key").len(), 36);
}

#[tokio::test]
async fn warnings_are_code_10_and_blockers_code_20() {
    let api = ends_with(&completed("succeeded", NEEDS_ATTENTION)).await;
    assert!(api.tenantcheck(&ARGUMENTS).await.printed(10).contains("Overall: needs_attention"));
    let api = ends_with(&completed("failed", BLOCKED)).await;
    assert!(api.tenantcheck(&ARGUMENTS).await.printed(20).contains("Overall: blocked"));
    // The code tells what quiet does not.
    let quiet = [&ARGUMENTS[..], &["-o", "quiet"]].concat();
    let api = ends_with(&completed("failed", BLOCKED)).await;
    assert_eq!(api.tenantcheck(&quiet).await.printed(20), "");
}

#[tokio::test]
async fn a_blocked_start_is_code_20_with_its_next_steps() {
    let blocked = completed("blocked", BLOCKED);
    let start = reply(202, &started(blocked.clone(), "blocked")).with("location", "/runs/41");
    let api = StandIn::start().await.on(START, &[start]).on("GET /runs/41", &[reply(200, &blocked)]);
    let printed = api.tenantcheck(&ARGUMENTS).await.printed(20);
    assert!(printed.contains("\n          -> "), "{printed}");
}

#[tokio::test]
async fn the_connection_is_named_and_the_document_is_printed_as_json() {
    let end = completed("succeeded", READY);
    let api = ends_with(&end).await;
    let arguments = [&ARGUMENTS[..], &["--connection", "3", "--output", "json"]].concat();
    let printed = api.tenantcheck(&arguments).await.printed(0);
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), end);
    assert_eq!(api.seen()[0].body, r#"{"provider_connection_id":3}"#);
}

#[tokio::test]
async fn a_start_that_comes_again_has_the_same_key_and_the_next_call_another() {
    let (status, unavailable) = problem("unavailable");
    let busy = reply(status, &unavailable).at_once();
    let end = completed("succeeded", READY);
    let api =
        StandIn::start().await.on(START, &[busy.clone(), busy, accepted()]).on("GET /runs/41", &[reply(200, &end)]);
    api.tenantcheck(&ARGUMENTS).await.printed(0);
    api.tenantcheck(&ARGUMENTS).await.printed(0);
    let starts = api.seen().into_iter().filter(|seen| seen.line == START);
    let keys: Vec<String> = starts.map(|start| start.header("idempotency-key").to_owned()).collect();
    assert_eq!(keys.len(), 4);
    assert!(keys[0] == keys[1] && keys[1] == keys[2] && keys[2] != keys[3], "{keys:?}");
}

#[tokio::test]
async fn a_run_that_takes_longer_than_the_operator_waits_is_code_1() {
    let running = reply(200, &run("running", "pending")).with("retry-after", "30");
    let api = StandIn::start().await.on(START, &[accepted()]).on("GET /runs/41", &[running]);
    let error = api.tenantcheck(&[&ARGUMENTS[..], &["--timeout", "1"]].concat()).await.complained(1);
    insta::assert_snapshot!("timeout", error);
}

#[tokio::test]
async fn an_api_that_is_down_is_code_1_and_wrong_arguments_are_code_2() {
    let down = [("TENANTCHECK_API_URL", "http://127.0.0.1:9"), ("TENANTCHECK_TOKEN", TOKEN)];
    let error = tenantcheck(&ARGUMENTS, &down).await.complained(1);
    assert!(error.starts_with("tenantcheck: http://127.0.0.1:9/ does not answer: "), "{error}");
    assert!(error.contains("is this the API's address (--api, TENANTCHECK_API_URL)?\n"), "{error}");

    for (arguments, environment) in [
        (&ARGUMENTS[..3], &down[..]),
        (&ARGUMENTS, &down[1..]),
        (&ARGUMENTS, &down[..1]),
        (&["verify", "--workspace", "0", "--tenant", "2"], &down),
        (&["verify", "--workspace", "1", "--tenant", "2", "--timeout", "0"], &down),
        (&["verify", "--workspace", "1", "--tenant", "2", "--api", "http://api.example.com"], &down[1..]),
        (&["verify", "--workspace", "1", "--tenant", "2", "--token", "x"], &down),
    ] {
        tenantcheck(arguments, environment).await.complained(2);
    }
}
