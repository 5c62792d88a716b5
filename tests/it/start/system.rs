//! Starts by the deployment itself: by its own authority, which is a stored word, and never by leaving out who asked.

use std::time::Duration;

use domain::access::{Authority, Capability, Scope};
use domain::operation_run::Initiator;
use harness::customer::OPERATOR;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{Scene, now, rules, user};
use serde_json::Value;
use starting::{Named, Start, Started, Starter};
use store::{StartConditions, StoreError};
use tokio::time::Instant;

use super::messages;
use crate::table;
use crate::worker::{deliver, delivery};

fn starter(scene: &Scene) -> Starter {
    Starter { store: scene.store.clone(), queue: scene.reconciler().queue, rules: rules() }
}

async fn start(scene: &Scene, scope: Scope) -> Result<Started, starting::StartError> {
    let (workspace, tenant) = (scene.tenant.workspace_id, scene.tenant.id);
    let data = scene.store.load_start(workspace, tenant, &user(OPERATOR), None, None, now()).await.expect("an answer");
    let data = data.open(Capability::RunProvider).expect("an operator starts").value;
    let start = Start {
        authority: Authority::System(scope),
        initiator: Initiator::System,
        data: &data,
        named: Named::ByRequest(None),
        conditions: StartConditions::default(),
        limit: None,
        now: now(),
        send_by: Instant::now() + Duration::from_secs(5),
    };
    starter(scene).start(start).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_starts_a_run_that_leans_on_nobodys_rights() {
    let scene = Scene::new(Scenario::Healthy).await;
    let scope = Scope::Tenant(scene.tenant.workspace_id, scene.tenant.id);
    let Ok(Started::Accepted(run)) = start(&scene, scope).await else { panic!("nothing is active") };
    assert_eq!(messages(&scene).await, 1);
    assert!(matches!(start(&scene, scope).await, Ok(Started::Deduplicated(active, None)) if active == run));
    assert!(deliver(&scene.worker().await, [delivery(run.header.id, 1)]).await.is_empty());
    let shown = Edge::of(&scene).get(OPERATOR, &format!("/runs/{}", run.header.id)).await.json();
    assert_eq!((&shown["outcome"], &shown["initiator"]["user_id"]), (&Value::from("succeeded"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn authority_over_another_tenant_starts_nothing() {
    let scene = Scene::new(Scenario::Healthy).await;
    let elsewhere = Scope::Tenant(scene.tenant.workspace_id, "9".parse().expect("an id"));
    let refused = start(&scene, elsewhere).await;
    assert!(matches!(refused, Err(starting::StartError::Store(StoreError::Foreign))), "{refused:?}");
    assert!(table::stored(&scene, "run").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_does_not_say_who_started_it_is_nobodys_and_not_the_systems() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let mut item = table::stored(&scene, "run").await.remove(0);
    item.remove("initiator_user_id");
    table::put(&scene, item).await;
    assert_eq!(deliver(&scene.worker().await, [delivery(run, 1)]).await.len(), 1);
    let calls = harness::scene::stand_in().await.calls(&scene.fixture.entra_tenant_id);
    assert!(calls.is_empty(), "nothing is sent to Microsoft in nobody's name");
}
