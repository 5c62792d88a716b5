//! The program against the API and the table as they are deployed.

use harness::customer::{Customer, OPERATOR, directory};
use harness::microsoft::Scenario;
use harness::shared;
use harness::stack::Stack;
use serde_json::{Value, json};

use super::program::{Done, tenantcheck};

/// Runs a command that speaks to the API, as a user.
async fn ask(stack: &Stack, user: &str, arguments: &[&str]) -> Done {
    let url = stack.anonymous_api().url("");
    tenantcheck(arguments, &[("TENANTCHECK_API_URL", &url), ("TENANTCHECK_TOKEN", &stack.issuer().token(user))]).await
}

/// Runs a command that speaks to the table.
async fn operate(stack: &Stack, arguments: &[&str]) -> Done {
    let emulator = stack.emulator();
    let environment = [
        ("AWS_ENDPOINT_URL", emulator.endpoint()),
        ("AWS_REGION", harness::emulator::REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("TABLE_NAME", &stack.deployed().table_name),
    ];
    tenantcheck(arguments, &environment).await
}

async fn verify(stack: &Stack, customer: &Customer, more: &[&str]) -> Done {
    let (workspace, tenant) = (customer.workspace.to_string(), customer.tenant.to_string());
    ask(stack, OPERATOR, &[&["verify", "--workspace", &workspace, "--tenant", &tenant], more].concat()).await
}

#[tokio::test]
async fn a_verification_tells_its_result_by_the_exit_code() {
    let stack = shared::stack().await;
    for (scenario, code, overall) in [
        (Scenario::Healthy, 0, "ready"),
        (Scenario::MissingScripts, 10, "needs_attention"),
        (Scenario::MissingPermission, 20, "blocked"),
        (Scenario::WrongSecret, 20, "blocked"),
    ] {
        let customer = stack.customer(scenario).await.unwrap();
        let printed = verify(stack, &customer, &[]).await.printed(code);
        assert!(printed.contains(&format!("\nOverall: {overall} (")), "{printed}");
    }
}

#[tokio::test]
async fn a_start_that_is_blocked_says_what_to_do() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let mut entry = customer.entry();
    entry["connections"][0]["is_enabled"] = json!(false);
    stack.apply(&directory(customer.workspace, &[entry])).await.unwrap();
    let printed = verify(stack, &customer, &[]).await.printed(20);
    assert!(
        printed.contains("provider_connection_disabled") && printed.contains("-> Enable the connection: "),
        "{printed}"
    );
}

#[tokio::test]
async fn runs_and_connections_are_shown_to_whom_may_see_them() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let run: Value = serde_json::from_str(&verify(stack, &customer, &["-o", "json"]).await.printed(0)).unwrap();
    let id = run["id"].to_string();
    let shown = ask(stack, OPERATOR, &["show", &id]).await.printed(0);
    assert!(shown.contains("Started by    grace (local) (grace)") && shown.contains("Overall: ready"), "{shown}");
    let foreign = ask(stack, "mallory", &["show", &id]).await.complained(1);
    assert!(foreign.contains("(status 404") && foreign.contains("the API does not tell which"), "{foreign}");

    let (workspace, tenant) = (customer.workspace.to_string(), customer.tenant.to_string());
    let arguments = ["connections", "--workspace", &workspace, "--tenant", &tenant];
    let connections = ask(stack, OPERATOR, &arguments).await.printed(0);
    assert!(connections.contains("Connection to \"healthy\"") && connections.contains("  healthy  "), "{connections}");
    let quiet = ask(stack, OPERATOR, &[&arguments[..], &["-o", "quiet"]].concat()).await.printed(0);
    assert_eq!(quiet, format!("{}\n", customer.connection));

    let anonymous = [("TENANTCHECK_API_URL", &*stack.anonymous_api().url("")), ("TENANTCHECK_TOKEN", "not.a.token")];
    let refused = tenantcheck(&arguments, &anonymous).await.complained(1);
    assert!(refused.contains("(status 401)") && refused.contains("TENANTCHECK_TOKEN"), "{refused}");
}

#[tokio::test]
async fn what_was_done_is_on_record_and_a_customer_who_leaves_is_forgotten() {
    let stack = shared::stack().await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let run: Value = serde_json::from_str(&verify(stack, &customer, &["-o", "json"]).await.printed(0)).unwrap();
    let (workspace, tenant, id) = (customer.workspace.to_string(), customer.tenant.to_string(), run["id"].to_string());
    let audit = ["audit", "--workspace", &workspace, "-o", "json"];
    let actions = async |more: &[&str]| -> Vec<String> {
        let printed = operate(stack, &[&audit[..], more].concat()).await.printed(0);
        let events: Value = serde_json::from_str(&printed).unwrap();
        events.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        actions(&[]).await,
        ["verification.completed", "verification.started", "directory.applied", "directory.applied"]
    );
    assert_eq!(actions(&["--run", &id, "--actor", OPERATOR, "--limit", "1"]).await, ["verification.completed"]);

    let mut entry = customer.entry();
    entry["status"] = json!("archived");
    stack.apply(&directory(customer.workspace, &[entry])).await.unwrap();
    let forgotten = operate(stack, &["forget", &tenant, "--yes"]).await.printed(0);
    for kind in ["run", "report", "entitlement", "connection", "connection_claim", "state"] {
        assert!(forgotten.contains(&format!("\n  {kind} ")), "{kind}: {forgotten}");
    }
    assert!(ask(stack, OPERATOR, &["show", &id]).await.complained(1).contains("(status 404"));
    assert_eq!(actions(&["--limit", "1"]).await, ["tenant.forgotten"]);
}
