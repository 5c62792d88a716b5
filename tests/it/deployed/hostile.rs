//! Answers that were made to hurt: the run ends within its budget, and the worker stays small.

#![allow(clippy::print_stdout, reason = "the figures are printed for whoever wants to see them")]

use std::fs;
use std::time::Instant;

use futures_util::future::join_all;
use harness::customer::OPERATOR;
use harness::microsoft::Scenario;
use harness::shared;

use super::verified;

/// Far below the worker's 256 MB; an answer that is read whole would go far beyond.
const MOST_KIB: u64 = 64 * 1024;

#[tokio::test]
async fn hostile_answers_end_in_time_and_leave_the_worker_small() {
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
    for run in join_all(runs).await {
        assert_ne!(
            run["context"]["verification_report"]["summary"]["overall"], "blocked",
            "nothing is known to be broken"
        );
    }
    let table = &stack.deployed().table_name;
    let peaks = peaks_of_workers(table);
    println!("{} workers, peaks in KiB: {peaks:?}, all runs within {} ms", peaks.len(), begun.elapsed().as_millis());
    assert!(!peaks.is_empty(), "no worker of {table} is alive");
    assert!(peaks.iter().all(|peak| *peak < MOST_KIB), "{peaks:?} KiB");
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
