//! Two tenants times all routes: whoever is not entitled to a tenant cannot tell it from one that does not exist.

use harness::api::{Answer, Api};
use harness::customer::{Customer, OPERATOR, UNENTITLED, directory};
use harness::microsoft::Scenario;
use harness::shared;
use harness::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};

use super::verified;

/// Member of one workspace, entitled to one of its two tenants.
const FRANK: &str = "frank";
const ABSENT: u64 = 999_999;

/// Two tenants of one workspace, of which Frank may operate the first.
async fn workspace_with_two_tenants(stack: &Stack) -> (Customer, Customer) {
    let workspace = stack.fresh_id();
    let tenant = || Customer {
        workspace,
        tenant: stack.fresh_id(),
        connection: stack.fresh_id(),
        fixture: stack.microsoft().tenant(Scenario::Healthy),
    };
    let (first, second) = (tenant(), tenant());
    let frank = json!({ "user_id": FRANK, "role": "operator" });
    let mut entries = [first.entry(), second.entry()];
    push(&mut entries[0]["entitlements"], frank.clone());
    let mut directory = directory(workspace, &entries);
    push(&mut directory["workspaces"][0]["memberships"], frank);
    for customer in [&first, &second] {
        stack.store_credential(customer).await.unwrap();
    }
    stack.apply(&directory).await.unwrap();
    (first, second)
}

fn push(list: &mut Value, entry: Value) {
    list.as_array_mut().unwrap().push(entry);
}

/// Every route of a tenant and of one of its runs.
fn routes(workspace: u64, tenant: u64, run: &Value) -> Vec<(Method, String)> {
    let of_tenant = format!("/workspaces/{workspace}/tenants/{tenant}");
    vec![
        (Method::POST, format!("{of_tenant}/verifications")),
        (Method::GET, format!("{of_tenant}/verification")),
        (Method::GET, format!("{of_tenant}/connections")),
        (Method::GET, format!("/runs/{run}")),
        (Method::GET, format!("/runs/{run}/report")),
    ]
}

async fn statuses(api: &Api, routes: Vec<(Method, String)>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (method, path) in routes {
        statuses.push(Answer::of(api.request(method, &path)).await.unwrap().status);
    }
    statuses
}

#[tokio::test]
async fn what_a_caller_may_not_see_is_answered_byte_for_byte_like_what_does_not_exist() {
    let stack = shared::stack().await;
    let (own, neighbour) = workspace_with_two_tenants(stack).await;
    let foreign = stack.customer(Scenario::Healthy).await.unwrap();
    let grace = stack.api(OPERATOR);
    let own_run = verified(&grace, &own).await["id"].clone();
    let neighbour_run = verified(&grace, &neighbour).await["id"].clone();
    let foreign_run = verified(&grace, &foreign).await["id"].clone();

    let frank = stack.api(FRANK);
    assert_eq!(statuses(&frank, routes(own.workspace, own.tenant, &own_run)).await, [202, 200, 200, 200, 200]);

    let mut hidden = routes(neighbour.workspace, neighbour.tenant, &neighbour_run);
    hidden.extend(routes(foreign.workspace, foreign.tenant, &foreign_run));
    hidden.extend(routes(ABSENT, ABSENT, &json!(ABSENT)));
    // A tenant is found only in its own workspace, whichever of the two the caller belongs to.
    hidden.extend(routes(own.workspace, foreign.tenant, &foreign_run));
    hidden.extend(routes(foreign.workspace, own.tenant, &foreign_run));
    hidden.extend(routes(0, own.tenant, &json!("x")));

    let expected = frank.get(&format!("/runs/{ABSENT}")).await.unwrap().text();
    insta::assert_snapshot!("not_found", expected);
    let eve = stack.api(UNENTITLED);
    for (method, path) in hidden {
        let answer = Answer::of(frank.request(method.clone(), &path)).await.unwrap();
        assert_eq!((answer.status, answer.text()), (404, expected.clone()), "{method} {path}");
    }
    for (method, path) in routes(own.workspace, own.tenant, &own_run) {
        let answer = Answer::of(eve.request(method.clone(), &path)).await.unwrap();
        assert_eq!((answer.status, answer.text()), (404, expected.clone()), "{method} {path} of a colleague");
    }
    assert_eq!(statuses(&grace, routes(neighbour.workspace, neighbour.tenant, &neighbour_run)).await[1], 200);
}

#[tokio::test]
async fn a_connection_of_another_tenant_cannot_be_named() {
    let stack = shared::stack().await;
    let (own, neighbour) = workspace_with_two_tenants(stack).await;
    let frank = stack.api(FRANK);
    let foreign = frank.post(&own.verifications(), &json!({ "provider_connection_id": neighbour.connection })).await;
    let absent = frank.post(&own.verifications(), &json!({ "provider_connection_id": ABSENT })).await;
    let (foreign, absent) = (foreign.unwrap(), absent.unwrap());
    assert_eq!((foreign.status, &foreign.body), (404, &absent.body));
    let view = frank.get(&own.verification()).await.unwrap().json().unwrap();
    assert_eq!(view["state"], "empty");
}
