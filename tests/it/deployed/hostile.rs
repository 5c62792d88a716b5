//! Answers and stored credentials that were made to hurt: the run ends within its budget, and the worker stays small.

#![allow(clippy::print_stdout, reason = "the figures are printed for whoever wants to see them")]

use std::fs;
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use futures_util::future::join_all;
use harness::customer::{Customer, OPERATOR, directory};
use harness::microsoft::{Scenario, hostile_credential};
use harness::shared;
use harness::stack::Stack;
use serde_json::Value;

use super::verified;

/// Far below the worker's 256 MB; an answer that is read whole would go far beyond.
const MOST_KIB: u64 = 64 * 1024;

/// What the local deployment gives a check (`Times` of the template).
const CHECK_BUDGET: Duration = Duration::from_secs(4);

/// Far more than storing an outcome takes. A check that ignores its budget takes 10 s: what the invocation's 20 s leave to it.
const WRITING: Duration = Duration::from_secs(5);

#[tokio::test]
async fn what_is_hostile_ends_in_time_and_leaves_the_worker_small() {
    let stack = shared::stack().await;
    let hostile = [
        Scenario::HugeBody,
        Scenario::GzipBomb,
        Scenario::HostileJson,
        Scenario::InvalidUtf8,
        Scenario::SlowDrip,
        Scenario::Redirect,
        Scenario::EvilNextLink,
    ];
    let begun = Instant::now();
    let runs = hostile.map(|scenario| async move {
        let customer = stack.customer(scenario).await.unwrap();
        verified(&stack.api(OPERATOR), &customer).await
    });
    let runs = join_all(runs).await;
    let elapsed = begun.elapsed();
    let times: Vec<Duration> = runs.iter().map(spent).collect();
    for (run, time) in runs.iter().zip(&times) {
        assert_ne!(
            run["context"]["verification_report"]["summary"]["overall"], "blocked",
            "nothing is known to be broken"
        );
        assert_eq!(run["attempt"], 1, "what is hostile is no trouble that passes: {run}");
        assert!(*time < CHECK_BUDGET + WRITING, "{time:?}: {run}");
    }
    for (name, text) in hostile_credential::all() {
        let run = verified(&stack.api(OPERATOR), &with_certificate(stack, text).await).await;
        assert_eq!(run["outcome"], "blocked", "{name}: {run}");
        assert!(spent(&run) < WRITING, "{name}: {run}");
    }
    let beside = verified(&stack.api(OPERATOR), &stack.customer(Scenario::Healthy).await.unwrap()).await;
    assert_eq!(beside["outcome"], "succeeded", "the workers go on");
    let table = &stack.deployed().table_name;
    let peaks = peaks_of_workers(table);
    println!("{} workers, peaks in KiB: {peaks:?}, runs of {times:?}, all of them within {elapsed:?}", peaks.len());
    assert!(!peaks.is_empty(), "no worker of {table} is alive");
    assert!(peaks.iter().all(|peak| *peak < MOST_KIB), "{peaks:?} KiB");
}

/// A customer whose connection has this text for its certificate.
async fn with_certificate(stack: &Stack, text: String) -> Customer {
    let mut customer = stack.customer(Scenario::Healthy).await.unwrap();
    customer.fixture.secret = text;
    stack.store_credential(&customer).await.unwrap();
    let mut entry = customer.entry();
    entry["connections"][0]["credential"]["kind"] = "certificate".into();
    stack.apply(&directory(customer.workspace, &[entry])).await.unwrap();
    customer
}

/// From the run's claim to its end.
fn spent(run: &Value) -> Duration {
    let time = |name: &str| -> Timestamp { run[name].as_str().unwrap().parse().unwrap() };
    time("completed_at").since(time("started_at"))
}

/// The most memory that each living worker of this table ever held, in KiB.
fn peaks_of_workers(table: &str) -> Vec<u64> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let peak = |process: &fs::DirEntry| -> Option<u64> {
        let environment = String::from_utf8_lossy(&fs::read(process.path().join("environ")).ok()?).into_owned();
        let is_worker =
            environment.contains(&format!("TABLE_NAME={table}")) && environment.contains("CHECK_BUDGET_SECONDS=");
        let status = is_worker.then(|| fs::read_to_string(process.path().join("status")).ok()).flatten()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    processes.filter_map(|process| peak(&process)).collect()
}
