//! Callers that are no people: tokens by client credentials. Cognito's name a client and no audience, Auth0's are like a person's; both carry
//! scopes. Entra's carry roles instead, which the gateway does not look at, so a deployment that names a role leaves scopes to the functions.

use harness::api::{Answer, Api};
use harness::customer::{OPERATOR, READER, directory};
use harness::issuer::{AUDIENCE, SCOPE};
use harness::microsoft::Scenario;
use harness::shared;
use reqwest::Method;
use serde_json::{Value, json};

use super::gateway::routes;
use super::verified;

const ROLE: &str = "Verify.All";
/// The object id of the principal that an app signs in as.
const ROBOT: &str = "8d7e0a4c-1f0b-4f0e-9a52-6f5d3c2b1a00";
/// The API as tokens of version 1.0 name it.
const APP_ID_URI: &str = "api://tenantcheck";

/// What Entra's token for an app says: of version 1.0, or of version 2.0.
fn of_robot(version: &str) -> Value {
    let (app, audience) = if version == "1.0" { ("appid", APP_ID_URI) } else { ("azp", AUDIENCE) };
    let client = "6f1d5c5e-0000-4000-8000-000000000001";
    let claims = json!({ "ver": version, "aud": audience, app: client, "oid": ROBOT, "roles": ["Other", ROLE] });
    but(&claims, json!({ "scope": null, "name": null }))
}

/// The same with other claims.
fn but(claims: &Value, change: Value) -> Value {
    let (mut claims, Value::Object(change)) = (claims.clone(), change) else { panic!("claims are an object") };
    claims.as_object_mut().unwrap().extend(change);
    claims
}

/// Holds that every route refuses whoever has no token, and by its function a person's token without the scope, such as an ID token.
async fn no_route_is_open(nobody: &Api, without_scope: &Api) {
    for (method, path) in routes() {
        let answer = Answer::of(nobody.request(method.clone(), &path)).await.unwrap();
        assert_eq!(answer.status, 401, "{method} {path}");
        let answer = Answer::of(without_scope.request(method.clone(), &path)).await.unwrap();
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(answer.json().unwrap()["type"], "urn:tenantcheck:problem:insufficient-scope", "{method} {path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"insufficient_scope\""));
    }
}

#[tokio::test]
async fn a_machine_is_let_through_by_its_scope_and_not_by_a_role_that_nobody_named() {
    let stack = shared::stack().await;
    for (claims, status) in [
        (json!({ "aud": null, "client_id": "tenantcheck", "token_use": "access" }), 404),
        (json!({ "aud": null, "client_id": "another", "token_use": "access" }), 401),
        (json!({ "sub": "robot@clients", "azp": "robot", "gty": "client-credentials" }), 404),
        (of_robot("2.0"), 403),
        (but(&of_robot("1.0"), json!({ "aud": AUDIENCE })), 403),
        (of_robot("1.0"), 401),
    ] {
        let api = stack.anonymous_api().with_token(stack.issuer().token_with(ROBOT, claims.clone()));
        let answer = Answer::of(api.request(Method::GET, "/runs/1")).await.unwrap();
        assert_eq!(answer.status, status, "{claims}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_entra_starts_by_its_role_where_the_deployment_names_one() {
    let audiences = format!("{AUDIENCE},{APP_ID_URI}");
    let parameters = [("MachineRole", ROLE.to_owned()), ("JwtAudience", audiences), ("UserIdClaim", "oid".to_owned())];
    let stack = shared::own_stack(parameters.into()).await;
    let api = |subject: &str, claims: &Value| {
        stack.anonymous_api().with_token(stack.issuer().token_with(subject, claims.clone()))
    };
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let mut file = directory(customer.workspace, &[customer.entry()]);
    let robot = json!({ "user_id": ROBOT, "role": "operator" });
    for people in ["memberships", "tenants/0/entitlements"] {
        let people = file.pointer_mut(&format!("/workspaces/0/{people}")).unwrap();
        people.as_array_mut().unwrap().push(robot.clone());
    }
    stack.apply(&file).await.unwrap();

    // Apps by their role, of either version; people by their scope, as ever, whatever roles they have.
    for version in ["1.0", "2.0"] {
        let run = verified(&api(ROBOT, &of_robot(version)), &customer).await;
        assert_eq!((&run["outcome"], &run["initiator"]["user_id"]), (&json!("succeeded"), &json!(ROBOT)), "{version}");
    }
    let person = json!({ "scope": null, "ver": "2.0", "oid": OPERATOR, "azp": "console", "roles": [ROLE] });
    verified(&api("pairwise", &but(&person, json!({ "scp": format!("openid {SCOPE}") }))), &customer).await;

    no_route_is_open(&stack.anonymous_api(), &api("pairwise", &person)).await;
    let start = async |subject: &str, claims: Value| {
        let answer = api(subject, &claims).post(&customer.verifications(), &json!({})).await.unwrap();
        (answer.status, answer.json().unwrap()["type"].clone())
    };
    let insufficient = (403, json!("urn:tenantcheck:problem:insufficient-scope"));
    for version in ["1.0", "2.0"] {
        for change in [
            json!({ "roles": null }),
            json!({ "roles": ["Other"] }),
            json!({ "roles": ["Verify.All.More"] }),
            json!({ "appid": null, "azp": null }),
            json!({ "oid": OPERATOR }),
            json!({ "idtyp": "user" }),
            json!({ "scp": "openid" }),
        ] {
            assert_eq!(start(ROBOT, but(&of_robot(version), change.clone())).await, insufficient, "{version} {change}");
        }
    }
    // What the gateway still holds, and who an admitted token names.
    assert_eq!(start(ROBOT, but(&of_robot("2.0"), json!({ "aud": "another" }))).await, (401, Value::Null));
    let stranger = but(&of_robot("2.0"), json!({ "oid": "stranger" }));
    assert_eq!(start("stranger", stranger).await, (404, json!("urn:tenantcheck:problem:not-found")));
    let reader = but(&person, json!({ "scp": SCOPE, "oid": READER }));
    assert_eq!(start("pairwise", reader).await, (403, json!("urn:tenantcheck:problem:forbidden")));
}
