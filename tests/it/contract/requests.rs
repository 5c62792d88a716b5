//! Bodies: what the contract's schema accepts, the function accepts, and what it refuses, the function refuses.

use harness::contract::{is_valid, operations};
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, Scene};
use serde_json::{Value, json};

/// Bodies that no operation takes.
fn no_objects() -> [Value; 4] {
    [json!([]), json!(null), json!(3), json!("{}")]
}

fn starts() -> Vec<Value> {
    let ids = [json!(null), json!(3), json!(9_007_199_254_740_991_u64), json!(0), json!(-1), json!(1.5)];
    let others = [
        json!(9_007_199_254_740_992_u64),
        json!(1e300),
        json!(3.0),
        json!(0.0),
        json!("3"),
        json!(true),
        json!([3]),
        json!({}),
    ];
    let mut starts: Vec<_> = ids.into_iter().chain(others).map(|id| json!({ "provider_connection_id": id })).collect();
    starts.extend(no_objects());
    starts.extend([json!({}), json!({ "connection": 3 }), json!({ "provider_connection_id": 3, "note": "" })]);
    starts
}

fn acknowledgements() -> Vec<Value> {
    let long = ["x".repeat(160), "ä".repeat(160), "x".repeat(161)];
    let reasons =
        ["known", " x ", "", " ", "\u{a0}\u{3000}", "a\nb", "a\u{202e}b", "\u{2066}", "\u{7f}", "\u{9f}", "\u{200b}"]
            .map(str::to_owned);
    let mut bodies: Vec<_> = long.into_iter().chain(reasons).map(|reason| json!({ "ack_reason": reason })).collect();
    let ends = [
        json!(null),
        json!("2099-12-31T23:59:59Z"),
        json!("2099-12-31T23:59:59.123456789+14:00"),
        json!("9999-12-31T23:59:59-12:00"),
        json!("tomorrow"),
        json!("2099-12-31"),
        json!(4_102_444_800_u64),
    ];
    bodies.extend(ends.into_iter().map(|end| json!({ "ack_reason": "known", "expires_at": end })));
    bodies.extend(no_objects());
    bodies.extend([json!({}), json!({ "ack_reason": 3 }), json!({ "ack_reason": "known", "status": "pass" })]);
    bodies
}

/// Each operation with a body, where it can be called in a scene, and bodies that are right and wrong in many ways.
fn cases(run: &Value) -> [(&'static str, String, Vec<Value>); 3] {
    let check = "checks/provider.connection.check/acknowledgement";
    let sessions = no_objects().into_iter().chain([json!({}), json!({}), json!({ "provider_connection_id": 3 })]);
    [
        ("startVerification", "/workspaces/1/tenants/2/verifications".to_owned(), starts()),
        ("startSessionVerification", "/onboarding-sessions/7/verifications".to_owned(), sessions.collect()),
        ("acknowledgeCheck", format!("/runs/{run}/{check}"), acknowledgements()),
    ]
}

#[tokio::test]
async fn the_functions_accept_what_the_contract_accepts_and_nothing_else() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    crate::onboarding::session(&scene, |_| {}).await;
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let run = edge.start(MANAGER, "/workspaces/1/tenants/2/verifications").await.json()["id"].clone();
    let cases = cases(&run);
    for operation in operations().filter(|operation| operation.object.get("requestBody").is_some()) {
        let id = operation.id();
        let case = cases.iter().find(|(name, ..)| *name == id);
        let (_, path, bodies) = case.unwrap_or_else(|| panic!("no bodies to try for {id}"));
        let schema = &operation.object["requestBody"]["content"]["application/json"]["schema"];
        let mut verdicts = [0, 0];
        for body in bodies {
            let expected = is_valid(schema, body);
            let text = body.to_string();
            let answer = edge.send(Call::new(operation.method, path).by(MANAGER).with_json(&text)).await;
            assert_eq!(answer.status != 422, expected, "{id} {text} is answered with {}", answer.status);
            verdicts[usize::from(expected)] += 1;
        }
        assert!(verdicts.iter().all(|count| *count > 1), "{id} tries {verdicts:?} wrong and right bodies");
    }
}
