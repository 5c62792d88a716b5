//! The deployed API against its contract, as an independent tool reads both: schemathesis makes requests from the document, right and
//! wrong ones, and compares every answer with what the document promises.

#![allow(clippy::print_stdout, reason = "its summary is shown to whoever wants to see it")]

use std::fs::{self, File};
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use harness::contract::{document, operations};
use harness::customer::OWNER;
use harness::microsoft::Scenario;
use harness::python::Python;
use harness::shared;
use harness::workspace::Workspace;
use serde_json::{Map, Value};
use tokio::process::Command;
use tokio::time::timeout;

/// Requests of a kind for an operation: enough to have found a float that was refused as an id, in seconds.
const EXAMPLES: &str = "25";

/// Any number, but the same each time: a test that fails by chance teaches nothing. Try others with `SCHEMATHESIS_SEED`.
const SEED: &str = "1";

/// It ends within a minute on two cores. Several times that is no slow machine any more, and CI is not to wait for it.
const PATIENCE: Duration = Duration::from_mins(5);

/// Real ids, so that requests reach more than 404. Names are those of the contract's parameters.
fn settings(ids: &[(&str, Vec<Value>)]) -> String {
    let mut settings = String::from(
        // What only ever met 404 or 401 was not tested.
        "warnings.fail-on = ['missing_test_data', 'missing_auth']\ncache.enabled = false\n",
    );
    for (parameter, values) in ids {
        let values = serde_json::to_string(values).unwrap();
        settings += &format!("dictionaries.'{parameter}'.values = {values}\n");
        // The others are random: what does not exist has its answer too.
        settings += &format!("parameters.'{parameter}' = {{ dictionary = '{parameter}', probability = 0.8 }}\n");
    }
    settings
}

/// The contract as schemathesis is to read it: the examples of path parameters are real ones, and responses have none.
///
/// Ids out of examples of responses would be mixed into the requests now and then, by a counter that goes on from one scenario to the
/// next. Hypothesis then finds a scenario that it repeats to differ, and schemathesis answers that by starting the stateful phase
/// again, without an end. The examples themselves are held against their schemas by other tests.
fn prepared(ids: &[(&str, Vec<Value>)]) -> Value {
    let mut document = document().clone();
    for parameter in document["components"]["parameters"].as_object_mut().unwrap().values_mut() {
        let name = format!("path.{}", parameter["name"].as_str().unwrap());
        if let Some((_, values)) = ids.iter().find(|(known, _)| *known == name) {
            parameter["example"] = values[0].clone();
        }
    }
    without_examples(&mut document["components"]["responses"]);
    for path in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in path.as_object_mut().unwrap().values_mut().filter(|value| value.is_object()) {
            without_examples(&mut operation["responses"]);
        }
    }
    document
}

/// Of responses.
fn without_examples(responses: &mut Value) {
    for response in responses.as_object_mut().unwrap().values_mut() {
        // Some have no body, and some are references.
        for content in response.get_mut("content").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
        {
            content.as_object_mut().unwrap().retain(|key, _| key != "example" && key != "examples");
        }
    }
}

/// What it prints is left in the folder. It does not outlive the call.
async fn run(python: &Python, folder: &Path, url: &str, token: &str) -> Option<ExitStatus> {
    let seed = std::env::var("SCHEMATHESIS_SEED").unwrap_or_else(|_| SEED.to_owned());
    let mut command = Command::from(python.schemathesis());
    command.current_dir(folder).args(["--config-file", "schemathesis.toml", "run", "openapi.json", "--url", url]);
    command.arg("--header").arg(format!("Authorization: Bearer {token}"));
    command.args(["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"]);
    command.args(["--max-examples", EXAMPLES, "--seed", &seed, "--workers", "1", "--continue-on-failure"]);
    // No memory of earlier runs, so that what is seen does not depend on them.
    command.args(["--generation-database", "none", "--no-color"]);
    command.args(["--report", "json", "--report-json-path", "report.json"]);
    // Files have what was printed before it was killed, too.
    command.env("PYTHONUNBUFFERED", "1").kill_on_drop(true);
    command.stdout(File::create(folder.join("stdout")).unwrap()).stderr(File::create(folder.join("stderr")).unwrap());
    let mut child = command.spawn().unwrap();
    if let Ok(status) = timeout(PATIENCE, child.wait()).await {
        return Some(status.unwrap());
    }
    child.kill().await.unwrap();
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_that_the_contract_does_not_say() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::MissingScripts).await.unwrap();
    let session = stack.fresh_id();
    stack.apply(&customer.directory_with_session(session)).await.unwrap();
    let ada = stack.api(OWNER);
    let run_id = crate::deployed::verified(&ada, &customer).await["id"].clone();
    let ids = [
        ("path.workspace_id", vec![customer.workspace.into()]),
        ("path.tenant_id", vec![customer.tenant.into()]),
        ("path.run_id", vec![run_id]),
        ("path.session_id", vec![session.into()]),
        ("path.check_key", vec!["permissions.scripts_remediations".into(), "permissions.admin_consent".into()]),
        ("body.provider_connection_id", vec![customer.connection.into()]),
    ];
    let workspace = Workspace::locate().unwrap();
    let python = tokio::task::block_in_place(|| Python::prepare_schemathesis(&workspace));
    let python = python.unwrap_or_else(|error| panic!("{error:#}"));
    let folder = workspace.local_stack().join(format!("contract-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("openapi.json"), prepared(&ids).to_string()).unwrap();
    fs::write(folder.join("schemathesis.toml"), settings(&ids)).unwrap();
    let status = run(&python, &folder, &ada.url(""), ada.token().unwrap()).await;
    let [printed, complaint, report] =
        ["stdout", "stderr", "report.json"].map(|name| fs::read_to_string(folder.join(name)).unwrap_or_default());
    fs::remove_dir_all(&folder).ok();
    println!("{printed}");
    let status = status.unwrap_or_else(|| panic!("not done after {PATIENCE:?}, and killed: {complaint}"));
    let report: Value = serde_json::from_str(&report).unwrap_or_default();
    let (failures, errors) = (&report["failures"], &report["errors"]);
    assert!(status.success(), "{complaint}{failures:#}{errors:#}{:#}", report["warnings"]);
    // Not its count of errored test cases: that has those too that were made and never sent.
    assert_eq!((failures, errors), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert_eq!(report["operations"]["tested"], operations().count(), "not every operation was tried");
    assert!(report["test_cases"]["generated"].as_u64() > Some(100), "{}", report["test_cases"]);
    for phase in ["examples", "coverage", "fuzzing", "stateful"] {
        assert_eq!(report["phases"][phase]["status"], "success", "{phase}");
    }
}
