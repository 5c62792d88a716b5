//! Directory files that are right, and every way to be wrong, with the place that each error names.

use domain::credential_policy::CredentialPolicy;
use domain::manifest::Manifest;
use serde_json::{Value, json};

use super::{InvalidFile, parse};

const EXAMPLE: &str = include_str!("../../../schemas/examples/directory.json");

fn parse_for(stage: &str, text: &str) -> Result<Vec<domain::directory::WantedWorkspace>, InvalidFile> {
    let now = "2026-11-01T08:00:00Z".parse().expect("a time");
    let apps = "66666666-7777-4888-8999-000000000000@usgov=/tenantcheck/local/platform/app";
    let apps = if stage == "local" { apps } else { "" };
    let policy = CredentialPolicy::new(stage.parse().expect("a stage"), apps).expect("an app");
    parse(text.as_bytes(), &policy, Manifest::built_in(), now)
}

fn problems(document: &Value) -> String {
    match parse_for("local", &document.to_string()) {
        Ok(_) => "valid\n".to_owned(),
        Err(InvalidFile::Encoding(error)) => format!("{error}\n"),
        Err(InvalidFile::Syntax(error)) => format!("{error}\n"),
        Err(InvalidFile::Problems(problems)) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

fn example() -> Value {
    serde_json::from_str(EXAMPLE).expect("JSON")
}

#[test]
fn the_published_example_is_valid() {
    let directory = parse_for("local", EXAMPLE).expect("a valid file");
    let connections: Vec<u64> =
        directory[0].tenants.iter().flat_map(|tenant| &tenant.connections).map(|it| it.id.get()).collect();
    assert_eq!(connections, [3, 4]);
    assert_eq!(problems(&json!({ "workspaces": [] })), "valid\n");
}

/// The example's connection under another id.
fn connection_with(id: u64) -> Value {
    let mut connection = example()["workspaces"][0]["tenants"][0]["connections"][0].take();
    (connection["id"], connection["is_default"]) = (json!(id), json!(false));
    connection
}

/// One change each to the example, and everything that is then wrong with it.
#[test]
fn every_rule_names_the_place_that_breaks_it() {
    let tenant = "/workspaces/0/tenants/0";
    let connection = "/workspaces/0/tenants/0/connections/0";
    let session = "/workspaces/0/onboarding_sessions/0";
    let table: Vec<(&str, String, Value)> = vec![
        ("no workspaces", String::new(), json!({})),
        ("an unknown name at the top", String::new(), json!({ "workspaces": [], "sessions": [] })),
        ("an id that is text", format!("{tenant}/id"), json!("2")),
        ("id 0", format!("{tenant}/id"), json!(0)),
        ("id 2^53", format!("{tenant}/id"), json!(9_007_199_254_740_992_u64)),
        ("an id with a fraction", format!("{tenant}/id"), json!(2.0)),
        (
            "a workspace without a name",
            "/workspaces/0".to_owned(),
            json!({ "id": 1, "memberships": [], "tenants": [] }),
        ),
        ("a name with an escape character", format!("{tenant}/name"), json!("\u{1b}[2J")),
        ("a role that is none", "/workspaces/0/memberships/0/role".to_owned(), json!("admin")),
        ("a member twice", "/workspaces/0/memberships/1/user_id".to_owned(), json!("ada")),
        ("a user id over 255 bytes", "/workspaces/0/memberships/2/user_id".to_owned(), json!("é".repeat(200))),
        ("an entitlement twice", format!("{tenant}/entitlements/1/user_id"), json!("ada")),
        ("an entitlement of a stranger", format!("{tenant}/entitlements/1/user_id"), json!("eve")),
        ("a tenant id twice", "/workspaces/0/tenants/1/id".to_owned(), json!(2)),
        ("an Entra tenant that is no GUID", format!("{tenant}/entra_tenant_id"), json!("contoso.com")),
        (
            "an Entra tenant of two live tenants",
            "/workspaces/0/tenants/1/entra_tenant_id".to_owned(),
            json!("AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE"),
        ),
        ("26 connections", format!("{tenant}/connections"), (11..37).map(connection_with).collect()),
        ("a connection id twice", "/workspaces/0/tenants/0/connections/1/id".to_owned(), json!(3)),
        ("two defaults", "/workspaces/0/tenants/0/connections/1/is_default".to_owned(), json!(true)),
        (
            "another Entra tenant than the tenant's",
            format!("{connection}/entra_tenant_id"),
            json!("99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
        ),
        ("an unknown module", format!("{connection}/module"), json!("exchange")),
        ("an unknown cloud", format!("{connection}/cloud"), json!("germany")),
        ("health", format!("{connection}/verification_status"), json!("healthy")),
        ("a version", format!("{connection}/version"), json!(7)),
        ("a null", format!("{connection}/entra_tenant_name"), json!(null)),
        ("a secret as reference", format!("{connection}/credential/reference"), json!("Sup3r~Secret")),
        (
            "a reference of another workspace",
            format!("{connection}/credential/reference"),
            json!("/tenantcheck/local/2/contoso"),
        ),
        ("a platform connection with its own secret", format!("{connection}/connection_type"), json!("platform")),
        ("a secret without reference", format!("{connection}/credential"), json!({ "kind": "client_secret" })),
        (
            "federation with reference and algorithm",
            format!("{connection}/credential"),
            json!({ "kind": "federated", "reference": "Sup3r~Secret", "certificate_algorithm": "PS256" }),
        ),
        ("an algorithm without certificate", format!("{connection}/credential/certificate_algorithm"), json!("RS256")),
        ("an expiry that is a day", format!("{connection}/credential/expires_at"), json!("2027-06-30")),
        ("sessions that are no list", "/workspaces/0/onboarding_sessions".to_owned(), json!(null)),
        ("a session without anything", session.to_owned(), json!({})),
        ("a session id with a fraction", format!("{session}/id"), json!(6.0)),
        ("a session of a stranger's tenant", format!("{session}/tenant_id"), json!(9)),
        ("a session of another tenant", format!("{session}/tenant_id"), json!(2)),
        ("a session's tenant id that is text", format!("{session}/tenant_id"), json!("5")),
        ("a session's tenant id with a fraction", format!("{session}/tenant_id"), json!(5.0)),
        ("a step in other letters", format!("{session}/current_step"), json!("Add connection")),
        ("a session started by nobody", format!("{session}/started_by"), json!("")),
        ("a session updated by a user id over 255 bytes", format!("{session}/updated_by"), json!("é".repeat(200))),
        ("a state with something else", format!("{session}/state"), json!({ "client_secret": "Sup3r~Secret" })),
        ("a run pointer", format!("{session}/state"), json!({ "verification_operation_run_id": 41 })),
        ("another tenant's connection", format!("{session}/state"), json!({ "provider_connection_id": 3 })),
        ("a connection id with a fraction", format!("{session}/state"), json!({ "provider_connection_id": 3.0 })),
        ("a session completed on a day", format!("{session}/completed_at"), json!("2026-11-01")),
        ("a session cancelled at null", format!("{session}/cancelled_at"), json!(null)),
        ("a session's version", format!("{session}/version"), json!(7)),
    ];
    let mut shown = String::new();
    for (what, pointer, value) in table {
        let mut document = example();
        match pointer.rsplit_once('/') {
            None => document = value,
            Some((parent, name)) => match document.pointer_mut(parent).expect("a parent") {
                Value::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
                object => object[name] = value,
            },
        }
        let problems = problems(&document);
        assert!(!problems.contains("Sup3r"), "a value is repeated: {problems}");
        shown += &format!("# {what}\n{problems}\n");
    }
    insta::assert_snapshot!("broken_rules", shown);
}

/// What is wrong with sessions of which one alone is not enough to see it.
#[test]
fn sessions_are_unique_selected_in_their_tenant_and_end_in_one_way() {
    let mut document = example();
    let sessions = document["workspaces"][0]["onboarding_sessions"].as_array_mut().expect("an array");
    let mut other = sessions[0].clone();
    other["tenant_id"] = json!(null);
    other["state"] = json!({ "provider_connection_id": 3 });
    other["completed_at"] = json!("2026-11-01T08:00:00Z");
    other["cancelled_at"] = json!("2026-11-01T08:00:00Z");
    sessions.push(other);
    insta::assert_snapshot!("sessions", problems(&document));
}

#[test]
fn a_session_needs_no_tenant_no_state_and_may_select_a_connection() {
    let base = json!({
        "id": 8, "entra_tenant_id": "cccccccc-cccc-4ddd-8eee-ffffffffffff", "current_step": "identify",
        "started_by": "ada", "updated_by": "ada"
    });
    let mut selecting = base.clone();
    selecting["tenant_id"] = json!(2);
    selecting["entra_tenant_id"] = json!("AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE");
    selecting["state"] = json!({ "provider_connection_id": 4 });
    selecting["cancelled_at"] = json!("2026-11-01T08:00:00Z");
    for session in [base, selecting] {
        let mut document = example();
        document["workspaces"][0]["onboarding_sessions"] = json!([session]);
        assert_eq!(problems(&document), "valid\n");
    }
    let mut document = example();
    document["workspaces"][0].as_object_mut().expect("an object").remove("onboarding_sessions");
    assert_eq!(problems(&document), "valid\n");
}

#[test]
fn all_problems_of_a_file_are_listed_at_once() {
    let mut document = example();
    let workspace = &mut document["workspaces"][0];
    workspace["memberships"][0]["role"] = json!("admin");
    workspace["memberships"].as_array_mut().expect("an array").swap_remove(1);
    workspace["tenants"][0]["connections"][0]["health"] = json!({});
    workspace["tenants"][0]["connections"][0]["cloud"] = json!("moon");
    workspace["tenants"][0]["connections"][1]["id"] = json!(3);
    workspace["tenants"][1]["id"] = json!(2);
    insta::assert_snapshot!("all_problems", problems(&document));
}

#[test]
fn what_is_no_json_is_named_by_line_and_column() {
    let syntax = |text: &str| match parse_for("local", text) {
        Err(InvalidFile::Syntax(error)) => (error.line(), error.column()),
        other => panic!("not a syntax error: {other:?}"),
    };
    assert_eq!(syntax(""), (1, 0));
    assert_eq!(syntax("{\n  \"workspaces\": [,]\n}"), (2, 18));
    assert_eq!(syntax("{ \"workspaces\": [] } x"), (1, 22));
    assert_eq!(syntax("{ \"workspaces\": [],\n  \"workspaces\": [] }"), (2, 14));
}

#[test]
fn a_byte_order_mark_says_nothing_and_counts_as_no_column() {
    let marked = parse_for("local", &format!("\u{feff}{EXAMPLE}")).expect("a valid file");
    assert_eq!(format!("{marked:?}"), format!("{:?}", parse_for("local", EXAMPLE).expect("a valid file")));
    let twice = parse_for("local", &format!("\u{feff}\u{feff}{EXAMPLE}"));
    assert!(matches!(twice, Err(InvalidFile::Syntax(error)) if (error.line(), error.column()) == (1, 1)));
}

#[test]
fn a_platforms_app_is_what_the_deployment_declares() {
    let app = "66666666-7777-4888-8999-000000000000";
    let with = |client_id: &str, cloud: &str, credential: Value| {
        let mut file = example();
        let connection = &mut file["workspaces"][0]["tenants"][0]["connections"][1];
        for (name, value) in [("connection_type", "platform"), ("client_id", client_id), ("cloud", cloud)] {
            connection[name] = json!(value);
        }
        connection["credential"] = credential;
        problems(&file)
    };
    let secret =
        |name: &str| json!({ "kind": "client_secret", "reference": format!("/tenantcheck/local/platform/{name}") });
    assert_eq!(with(app, "usgov", secret("app")), "valid\n");
    let at = "$.workspaces[0].tenants[0].connections[1]";
    let undeclared = "the deployment declares no platform app with this client id, cloud and credential; --platform-apps names them\n";
    let other = "11111111-2222-4333-8444-555555555555";
    for told in
        [with(app, "global", secret("app")), with(other, "usgov", secret("app")), with(app, "usgov", secret("b"))]
    {
        assert_eq!(told, format!("{at}.credential.reference: {undeclared}"));
    }
    let federated = with(app, "usgov", json!({ "kind": "federated" }));
    assert_eq!(federated, format!("{at}.client_id: {undeclared}"));
}

#[test]
fn credentials_belong_to_the_stage() {
    assert!(matches!(parse_for("production", EXAMPLE), Err(InvalidFile::Problems(problems)) if problems.len() == 2));
}

#[test]
fn an_archived_tenant_may_name_the_entra_tenant_of_a_live_one() {
    let mut document = example();
    document["workspaces"][0]["tenants"][1]["status"] = json!("archived");
    document["workspaces"][0]["onboarding_sessions"] = json!([]);
    document["workspaces"][0]["tenants"][1]["entra_tenant_id"] = json!("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    assert_eq!(problems(&document), "valid\n");
}
