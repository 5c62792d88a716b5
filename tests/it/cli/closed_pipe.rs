//! Whoever reads the program may go away at any time, as `head` does. That is no error, and the exit code stays that of the work.

use std::fs::File;
use std::process::Stdio;

use serde_json::json;

use super::program::{Done, tenantcheck_into};
use super::stand_in::{StandIn, TOKEN, reply};
use super::table::Table;
use super::{BLOCKED, NEEDS_ATTENTION, completed, in_list, problem, started};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/examples/directory.json");
const VERIFY: [&str; 5] = ["verify", "--workspace", "1", "--tenant", "2"];

/// The end of a pipe that nobody reads.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

async fn without_output(arguments: &[&str], environment: &[(&str, &str)]) -> Done {
    tenantcheck_into((unread(), Stdio::piped()), arguments, environment).await
}

async fn without_errors(arguments: &[&str], environment: &[(&str, &str)]) -> Done {
    tenantcheck_into((Stdio::piped(), unread()), arguments, environment).await
}

/// The API after a verification whose report is this.
async fn verified(outcome: &str, report: &str) -> StandIn {
    let run = completed(outcome, report);
    let start = reply(202, &started(run.clone(), "deduplicated")).with("location", "/runs/41");
    let listed = in_list(run.clone(), Some("needs_attention"));
    StandIn::start()
        .await
        .on("POST /workspaces/1/tenants/2/verifications", &[start])
        .on("GET /runs/41", &[reply(200, &run)])
        .on("GET /workspaces/1/runs", &[reply(200, &json!({ "runs": [listed] }))])
        .on(
            "GET /workspaces/1/tenants/2/connections",
            &[reply(200, &json!({ "default_connection_id": null, "connections": [] }))],
        )
}

#[tokio::test]
async fn what_the_program_says_of_itself_need_not_be_read() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        without_output(&["completion", shell], &[]).await.printed(0);
    }
    for arguments in [&["--help"][..], &["--version"], &["help"], &["runs", "--help"]] {
        without_output(arguments, &[]).await.printed(0);
    }
}

#[tokio::test]
async fn what_the_api_answers_need_not_be_read() {
    let api = verified("succeeded", NEEDS_ATTENTION).await;
    let environment = [("TENANTCHECK_API_URL", &*api.url), ("TENANTCHECK_TOKEN", TOKEN)];
    for output in ["table", "json", "quiet"] {
        let runs = ["runs", "--workspace", "1", "-o", output];
        let connections = ["connections", "--workspace", "1", "--tenant", "2", "-o", output];
        for arguments in [&["show", "41", "-o", output][..], &runs, &connections] {
            without_output(arguments, &environment).await.printed(0);
        }
        without_output(&[&VERIFY[..], &["-o", output]].concat(), &environment).await.printed(10);
    }
    let api = verified("failed", BLOCKED).await;
    let environment = [("TENANTCHECK_API_URL", &*api.url), ("TENANTCHECK_TOKEN", TOKEN)];
    without_output(&VERIFY, &environment).await.printed(20);
}

#[tokio::test]
async fn what_was_done_to_the_table_need_not_be_read() {
    let table = Table::on_dynoxide().await;
    without_output(&["apply", EXAMPLE, "--stage", "local"], &table.environment()).await.printed(0);
    assert!(table.items().await.contains_key("TENANT#0000000000000002 / TENANT"), "the directory was written");
    without_output(&["audit", "--workspace", "1"], &table.environment()).await.printed(0);
    table.apply_example("archived").await;
    without_output(&["forget", "2", "--yes"], &table.environment()).await.printed(0);
}

#[tokio::test]
async fn the_exit_code_is_left_when_nobody_reads_the_error() {
    let api = StandIn::start().await.on("GET /runs/41", &[reply(404, &problem("not-found").1)]);
    let environment = [("TENANTCHECK_API_URL", &*api.url), ("TENANTCHECK_TOKEN", TOKEN)];
    let missing = ["apply", "no/such/file.json", "--table", "t", "--stage", "local"];
    for (arguments, environment, code) in [
        (&["show", "41"][..], &environment[..], 1),
        (&["show", "41"], &environment[..1], 2),
        (&missing, &[], 2),
        (&["show"], &[], 2),
        (&["unknown"], &[], 2),
        (&[], &[], 2),
    ] {
        assert_eq!(without_errors(arguments, environment).await.complained(code), "", "{arguments:?}");
    }
    let api = verified("succeeded", NEEDS_ATTENTION).await;
    let environment = [("TENANTCHECK_API_URL", &*api.url), ("TENANTCHECK_TOKEN", TOKEN)];
    assert!(without_errors(&VERIFY, &environment).await.printed(10).contains("Overall: needs_attention"));
}

#[tokio::test]
async fn a_full_disk_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let done = tenantcheck_into((full.into(), Stdio::piped()), &["completion", "bash"], &[]).await;
    assert!(done.complained(1).starts_with("tenantcheck: cannot print: "));
}
