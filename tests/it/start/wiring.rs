//! What the functions read from their environment.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use harness::emulator::sdk_config;
use harness::shared::Sandbox;
use runtime::Environment;

/// What Lambda sets and the AWS clients read, and the address of the emulator.
const AWS: [&str; 4] = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"];

const START: [&str; 12] = [
    "TABLE_NAME",
    "QUEUE_URL",
    "STAGE",
    "CONSOLE_BASE_URL",
    "CONSENT_REDIRECT_URI",
    "JWT_SCOPE",
    "MACHINE_ROLE",
    "USER_ID_CLAIM",
    "USER_NAME_CLAIM",
    "STARTS_PER_MINUTE",
    "RUN_RETENTION_DAYS",
    "AUDIT_RETENTION_DAYS",
];

const VIEWER: [&str; 7] = [
    "TABLE_NAME",
    "JWT_SCOPE",
    "MACHINE_ROLE",
    "USER_ID_CLAIM",
    "WORKER_TIMEOUT_SECONDS",
    "PATIENCE_SECONDS",
    "RUN_DEADLINE_SECONDS",
];

const RECONCILER: [&str; 7] = [
    "TABLE_NAME",
    "QUEUE_URL",
    "RUN_RETENTION_DAYS",
    "AUDIT_RETENTION_DAYS",
    "WORKER_TIMEOUT_SECONDS",
    "PATIENCE_SECONDS",
    "RUN_DEADLINE_SECONDS",
];

const ACKNOWLEDGE: [&str; 8] = [
    "TABLE_NAME",
    "JWT_SCOPE",
    "MACHINE_ROLE",
    "USER_ID_CLAIM",
    "USER_NAME_CLAIM",
    "USER_EMAIL_CLAIM",
    "RUN_RETENTION_DAYS",
    "AUDIT_RETENTION_DAYS",
];

const WORKER: [&str; 14] = [
    "TABLE_NAME",
    "QUEUE_URL",
    "STAGE",
    "CONSOLE_BASE_URL",
    "CONSENT_REDIRECT_URI",
    "RUN_RETENTION_DAYS",
    "AUDIT_RETENTION_DAYS",
    "MAX_RECEIVE_COUNT",
    "PROPAGATION_SECONDS",
    "CHECK_BUDGET_SECONDS",
    "VISIBILITY_TIMEOUT_SECONDS",
    "WORKER_TIMEOUT_SECONDS",
    "PATIENCE_SECONDS",
    "RUN_DEADLINE_SECONDS",
];

/// These may be left out.
const OPTIONAL: [&str; 3] = ["AWS_ENDPOINT_URL", "CONSENT_REDIRECT_URI", "MACHINE_ROLE"];

fn environment(sandbox: &Sandbox, names: &'static [&'static str], left_out: &'static str) -> Environment {
    with_visibility(sandbox, names, left_out, "360")
}

fn with_visibility(
    sandbox: &Sandbox,
    names: &'static [&'static str],
    left_out: &'static str,
    visibility: &'static str,
) -> Environment {
    let endpoint = sandbox.aws.endpoint_url().expect("the emulator has an address").to_owned();
    let (table, queue) = (sandbox.table.clone(), sandbox.queues.verifications.clone());
    Environment::new(move |name| {
        let value = match name {
            "AWS_REGION" => "eu-central-1",
            "AWS_ENDPOINT_URL" => &endpoint,
            "TABLE_NAME" => &table,
            "QUEUE_URL" => &queue,
            "CONSOLE_BASE_URL" => "https://console.example.com",
            "RUN_RETENTION_DAYS" | "AUDIT_RETENTION_DAYS" | "STARTS_PER_MINUTE" => "90",
            "CHECK_BUDGET_SECONDS" | "PROPAGATION_SECONDS" => "45",
            "MAX_RECEIVE_COUNT" => "5",
            "VISIBILITY_TIMEOUT_SECONDS" => visibility,
            "WORKER_TIMEOUT_SECONDS" | "PATIENCE_SECONDS" | "RUN_DEADLINE_SECONDS" => "60",
            _ => "test",
        };
        ((AWS.contains(&name) || names.contains(&name)) && name != left_out).then(|| value.to_owned())
    })
}

/// Holds that a function starts with these variables, and names each that is left out.
macro_rules! needs {
    ($function:ident, $names:ident, $sandbox:ident) => {
        assert!($function::App::wire(&environment(&$sandbox, &$names, "")).await.is_ok(), stringify!($function));
        for name in AWS.into_iter().chain($names).filter(|name| !OPTIONAL.contains(name)) {
            let error = $function::App::wire(&environment(&$sandbox, &$names, name)).await.err().expect(name);
            assert_eq!(error.to_string(), format!("the environment variable {name} is missing"));
        }
    };
}

#[tokio::test]
async fn a_function_starts_with_its_variables_and_names_one_that_is_missing() {
    let sandbox = Sandbox::new().await;
    needs!(start, START, sandbox);
    needs!(viewer, VIEWER, sandbox);
    needs!(acknowledge, ACKNOWLEDGE, sandbox);
    needs!(worker, WORKER, sandbox);
    needs!(reconciler, RECONCILER, sandbox);
}

#[tokio::test]
async fn a_table_that_takes_connections_and_never_answers_keeps_no_function_from_starting() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let mut sandbox = Sandbox::new().await;
    sandbox.aws = sdk_config(&format!("http://{}", silent.local_addr().expect("a bound socket has an address")));
    let begun = Instant::now();
    assert!(viewer::App::wire(&environment(&sandbox, &VIEWER, "")).await.is_ok());
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn nothing_starts_with_platform_apps_that_cannot_be_read() {
    let sandbox = Sandbox::new().await;
    // "test" is what the environment says.
    let apps = |names: &[&'static str]| environment(&sandbox, [names, &["PLATFORM_APPS"]].concat().leak(), "");
    let start = start::App::wire(&apps(&START)).await.map(drop).expect_err("refused").to_string();
    let worker = worker::App::wire(&apps(&WORKER)).await.map(drop).expect_err("refused").to_string();
    assert_eq!([start, worker], ["the environment variable PLATFORM_APPS is malformed"; 2]);
}

#[tokio::test]
async fn a_worker_does_not_start_where_messages_come_back_while_it_may_hold_their_runs() {
    let sandbox = Sandbox::new().await;
    let error = worker::App::wire(&with_visibility(&sandbox, &WORKER, "", "60")).await.err().expect("refused");
    assert!(
        error.to_string().starts_with("the environment variable VISIBILITY_TIMEOUT_SECONDS cannot work"),
        "{error}"
    );
}
