//! Bodies: what the contract's schema accepts, the function accepts, and what it refuses, the function refuses.

use harness::contract::{is_valid, operations};
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, Scene};
use serde_json::{Value, json};

/// Each operation with a body, where it can be called in a scene, and bodies that are right and wrong in many ways.
fn cases() -> Vec<(&'static str, &'static str, Vec<Value>)> {
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
    starts.extend([json!({}), json!([]), json!(null), json!(3), json!("{}"), json!({ "connection": 3 })]);
    starts.push(json!({ "provider_connection_id": 3, "note": "" }));
    vec![("startVerification", "/workspaces/1/tenants/2/verifications", starts)]
}

#[tokio::test]
async fn the_functions_accept_what_the_contract_accepts_and_nothing_else() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let cases = cases();
    for operation in operations().filter(|operation| operation.object.get("requestBody").is_some()) {
        let id = operation.id();
        let case = cases.iter().find(|(name, ..)| *name == id);
        let (_, path, bodies) = case.unwrap_or_else(|| panic!("no bodies to try for {id}"));
        let schema = &operation.object["requestBody"]["content"]["application/json"]["schema"];
        let mut verdicts = [0, 0];
        for body in bodies {
            let expected = is_valid(schema, body);
            let text = body.to_string();
            let answer = edge.send(Call::new(operation.method, path).by(OPERATOR).with_json(&text)).await;
            assert_eq!(answer.status != 422, expected, "{id} {text} is answered with {}", answer.status);
            verdicts[usize::from(expected)] += 1;
        }
        assert!(verdicts.iter().all(|count| *count > 1), "{id} tries {verdicts:?} wrong and right bodies");
    }
}
