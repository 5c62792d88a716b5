//! Whoever is not entitled to something cannot tell it from what does not exist: users times workspaces times tenants times every
//! route, in one matrix.

use std::collections::BTreeSet;

use harness::api::{Answer, Api};
use harness::customer::Customer;
use harness::microsoft::Scenario;
use harness::shared;
use harness::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};

const ABSENT: u64 = 999_999;

/// Manages the first workspace and its first tenant, may look at the second and has nothing to do with the third.
const MANAGER: &str = "mia";
/// May look at both workspaces and at the first tenant of each.
const READER: &str = "ron";
/// Owns the second workspace with all of its tenants.
const OWNER: &str = "oda";

/// A tenant with a completed run and an onboarding session.
struct Tenant {
    customer: Customer,
    session: u64,
    run: u64,
}

type Role = Option<&'static str>;

/// A user's role in each of the two workspaces, and on the three tenants of each.
type Roles = (&'static str, [Role; 2], [[Role; 3]; 2]);

const ROLES: [Roles; 3] = [
    (MANAGER, [Some("manager"), None], [[Some("manager"), Some("readonly"), None], [None; 3]]),
    (READER, [Some("readonly"), Some("readonly")], [[Some("readonly"), None, None], [Some("readonly"), None, None]]),
    (OWNER, [None, Some("owner")], [[None; 3], [Some("owner"), Some("owner"), Some("owner")]]),
];

fn grants(roles: impl Iterator<Item = (&'static str, Role)>) -> Value {
    roles.filter_map(|(user, role)| Some(json!({ "user_id": user, "role": role? }))).collect()
}

/// Two workspaces with three tenants each. Their connections are disabled, so that every run is completed at once.
async fn workspaces(stack: &Stack) -> Vec<Vec<Tenant>> {
    let (mut all, mut file) = (Vec::new(), json!({ "workspaces": [] }));
    for place in 0..2 {
        let workspace = stack.fresh_id();
        let tenants: Vec<Tenant> = (0..3)
            .map(|_| {
                let (tenant, connection) = (stack.fresh_id(), stack.fresh_id());
                let fixture = stack.microsoft().tenant(Scenario::Healthy);
                let customer = Customer { workspace, tenant, connection, fixture };
                Tenant { customer, session: stack.fresh_id(), run: 0 }
            })
            .collect();
        let entries = tenants.iter().enumerate().map(|(number, tenant)| {
            let mut entry = tenant.customer.entry();
            entry["entitlements"] = grants(ROLES.iter().map(|(user, _, tenants)| (*user, tenants[place][number])));
            entry["connections"][0]["is_enabled"] = json!(false);
            // Somebody who may start whatever is there, to begin with.
            entry["entitlements"].as_array_mut().unwrap().push(json!({ "user_id": "grace", "role": "operator" }));
            entry
        });
        let mut members = grants(ROLES.iter().map(|(user, workspaces, _)| (*user, workspaces[place])));
        members.as_array_mut().unwrap().push(json!({ "user_id": "grace", "role": "operator" }));
        let sessions = tenants.iter().map(|tenant| tenant.customer.session(tenant.session));
        file["workspaces"].as_array_mut().unwrap().push(json!({
            "id": workspace,
            "name": format!("Workspace {workspace}"),
            "memberships": members,
            "tenants": entries.collect::<Vec<_>>(),
            "onboarding_sessions": sessions.collect::<Vec<_>>(),
        }));
        all.push(tenants);
    }
    stack.apply(&file).await.unwrap();
    let grace = stack.api("grace");
    for tenant in all.iter_mut().flatten() {
        let started = grace.post(&tenant.customer.verifications(), &json!({})).await.unwrap();
        tenant.run = started.json().unwrap()["id"].as_u64().unwrap();
    }
    all
}

/// Every route for these ids, with its column.
fn routes(workspace: &str, tenant: &str, run: &str, session: &str) -> Vec<(&'static str, Method, String)> {
    let of_tenant = format!("/workspaces/{workspace}/tenants/{tenant}");
    let check = format!("/runs/{run}/checks/provider.connection.check/acknowledgement");
    vec![
        ("view", Method::GET, format!("{of_tenant}/verification")),
        ("connections", Method::GET, format!("{of_tenant}/connections")),
        ("permissions", Method::GET, format!("{of_tenant}/permissions")),
        ("runs", Method::GET, format!("{of_tenant}/runs")),
        ("all runs", Method::GET, format!("/workspaces/{workspace}/runs")),
        ("run", Method::GET, format!("/runs/{run}")),
        ("report", Method::GET, format!("/runs/{run}/report")),
        ("session", Method::GET, format!("/onboarding-sessions/{session}")),
        ("acknowledge", Method::POST, check),
        ("start", Method::POST, format!("{of_tenant}/verifications")),
        ("onboard", Method::POST, format!("/onboarding-sessions/{session}/verifications")),
    ]
}

async fn send(api: &Api, method: Method, path: &str) -> Answer {
    let mut request = api.request(method, path);
    if path.ends_with("acknowledgement") {
        request = request.header("content-type", "application/json").body(r#"{"ack_reason":"known"}"#);
    }
    Answer::of(request).await.unwrap()
}

#[tokio::test]
async fn every_route_hides_what_a_caller_may_not_see_byte_for_byte() {
    let stack = shared::stack().await;
    let workspaces = workspaces(stack).await;
    let (mut matrix, mut hidden) = (String::new(), BTreeSet::new());
    let header = routes("", "", "", "").iter().map(|(name, ..)| format!("{name:>12}")).collect::<String>();
    for (user, ..) in ROLES {
        let api = stack.api(user);
        matrix += &format!("{user:<26}{header}\n");
        for (place, tenants) in workspaces.iter().enumerate() {
            let id = |number: u64| number.to_string();
            let of = |tenant: &Tenant| [id(tenant.customer.tenant), id(tenant.run), id(tenant.session)];
            let mut rows: Vec<_> =
                (1..).zip(tenants).map(|(number, tenant)| (format!("tenant {number}"), of(tenant))).collect();
            rows.push(("foreign".to_owned(), of(&workspaces[1 - place][0])));
            rows.push(("absent".to_owned(), [id(ABSENT), id(ABSENT), id(ABSENT)]));
            rows.push(("malformed".to_owned(), ["x".to_owned(), "007".to_owned(), "0".to_owned()]));
            for (what, [tenant, run, session]) in rows {
                matrix += &format!("  workspace {} {what:<13}", place + 1);
                let workspace = if what == "malformed" { "-1".to_owned() } else { id(tenants[0].customer.workspace) };
                for (_, method, path) in routes(&workspace, &tenant, &run, &session) {
                    let answer = send(&api, method, &path).await;
                    matrix += &format!("{:>12}", answer.status);
                    if answer.status == 404 {
                        hidden.insert(answer.text());
                    }
                }
                matrix += "\n";
            }
        }
    }
    insta::assert_snapshot!("matrix", matrix);
    let hidden: Vec<String> = hidden.into_iter().collect();
    let [not_found] = hidden.as_slice() else { panic!("{} different bodies: {hidden:#?}", hidden.len()) };
    insta::assert_snapshot!("not_found", not_found);
}

#[tokio::test]
async fn a_connection_of_another_tenant_cannot_be_named() {
    let stack = shared::stack().await;
    let workspaces = workspaces(stack).await;
    let [own, neighbour, _] = workspaces[1].as_slice() else { panic!("three tenants") };
    let (own, neighbour, oda) = (&own.customer, &neighbour.customer, stack.api(OWNER));
    let foreign = oda.post(&own.verifications(), &json!({ "provider_connection_id": neighbour.connection })).await;
    let absent = oda.post(&own.verifications(), &json!({ "provider_connection_id": ABSENT })).await;
    let (foreign, absent) = (foreign.unwrap(), absent.unwrap());
    assert_eq!((foreign.status, &foreign.body), (404, &absent.body));
    let runs = oda.get(&own.runs()).await.unwrap().json().unwrap();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1, "nothing was recorded");
}
