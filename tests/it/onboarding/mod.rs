//! Onboarding sessions, shown and started from in process over a table of each test's own.

mod access;
mod racing;
mod showing;
mod starting;

use aws_sdk_dynamodb::types::AttributeValue;
use harness::edge::{Answer, Call, Edge};
use harness::scene::{OWNER, Scene};
use serde_json::{Value, json};

use crate::table;

const SESSION: &str = "/onboarding-sessions/7";
const START: &str = "/onboarding-sessions/7/verifications";

/// Stores session 7 of the scene's tenant as `apply` does, with these fields on top.
pub(crate) async fn session(scene: &Scene, fields: Value) {
    let mut body = json!({
        "pk": "SESSION#0000000000000007",
        "sk": "SESSION",
        "entity": "onboarding_session",
        "gsi1pk": "TENANT#0000000000000002",
        "gsi1sk": "SESSION#0000000000000007",
        "id": 7,
        "workspace_id": 1,
        "tenant_id": 2,
        "entra_tenant_id": scene.tenant.entra_tenant_id,
        "current_step": "verify",
        "state": { "provider_connection_id": 3 },
        "started_by": OWNER,
        "updated_by": OWNER,
        "version": 4,
    });
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    body.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    table::put(scene, serde_dynamo::to_item(body).expect("an item")).await;
}

/// A second connection of the tenant.
async fn with_second_connection(scene: &Scene) {
    let second = domain::connection::ProviderConnection {
        id: "4".parse().expect("an id"),
        is_default: false,
        ..scene.connection.clone()
    };
    let connections = [scene.connection.clone(), second];
    scene.store.put_tenant(&scene.tenant, &connections).await.expect("the table takes the tenant");
}

async fn start(edge: &Edge, user: &str) -> Answer {
    edge.send(Call::new("POST", START).by(user).with_json("{}")).await
}

/// What is stored of the session: its pointer and its version.
async fn pointer(scene: &Scene) -> (Option<u64>, String) {
    let session = table::stored(scene, "onboarding_session").await.remove(0);
    let state = session["state"].as_m().expect("a map");
    let number = |value: &AttributeValue| value.as_n().expect("a number").parse().expect("digits");
    (state.get("verification_operation_run_id").map(number), session["version"].as_n().expect("a number").clone())
}
