//! A tenant with some of everything that is stored.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::access::Role;
use domain::connection::ProviderConnection;
use domain::directory::WantedWorkspace;
use domain::id::RunId;
use domain::tenant::Tenant;
use harness::directory::tenant;
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{OWNER, Scene};

use crate::onboarding::session;
use crate::table::{self, Item, items, stored, text};
use crate::worker::{deliver, delivery};

/// Tenant 2 with its connections 3 (the default, disabled), 4 (disabled) and 6, and tenant 5 beside it, whose owner is the same.
pub(super) struct World {
    pub(super) scene: Scene,
    pub(super) edge: Edge,
    /// The last run of connection 3, which has one before it.
    pub(super) run: u64,
    /// The run of connection 4.
    pub(super) other_run: u64,
    /// An idempotency key that was used.
    pub(super) key: &'static str,
}

type Everything = BTreeMap<String, Item>;

impl World {
    /// Runs that are completed, two of which are acknowledged, and a session about the last one of connection 3.
    pub(super) async fn completed() -> Self {
        let scene = Scene::new(Scenario::Healthy).await;
        let edge = Edge::of(&scene);
        let other = |number: &str, is_enabled| ProviderConnection {
            id: number.parse().unwrap(),
            is_default: false,
            is_enabled,
            ..scene.connection.clone()
        };
        let neighbour = Tenant {
            id: "5".parse().unwrap(),
            entra_tenant_id: "55555555-bbbb-4ccc-8ddd-eeeeeeeeeeee".to_owned(),
            ..scene.tenant.clone()
        };
        let theirs = ProviderConnection { tenant_id: neighbour.id, ..other("8", false) };
        let add = |workspace: &mut WantedWorkspace| {
            workspace.tenants[0].connections.extend([other("4", false), other("6", true)]);
            workspace.tenants.push(tenant(&neighbour, &[theirs], &[(OWNER, Role::Owner)]));
        };
        scene.change(add).await;

        scene.change_connection(|connection| connection.is_enabled = false).await;
        let acknowledged = start(&edge, 2, "{}", None).await;
        acknowledge(&edge, acknowledged).await;
        scene.change_connection(|connection| connection.is_enabled = true).await;
        let run: RunId = start(&edge, 2, "{}", None).await.try_into().unwrap();
        assert_eq!(deliver(&scene.worker().await, [delivery(run, 1)]).await, [""; 0]);
        scene.change_connection(|connection| connection.is_enabled = false).await;
        start(&edge, 5, r#"{"provider_connection_id":8}"#, None).await;
        let other_run = start(&edge, 2, r#"{"provider_connection_id":4}"#, None).await;
        let key = "used-before";
        let run = start(&edge, 2, "{}", Some(key)).await;
        acknowledge(&edge, run).await;
        session(&scene, |_| {}).await;
        point_session(&scene, run).await;
        // What is blocked again is the same run for as long as the test asks.
        Self { scene, edge: edge.at_once(), run, other_run, key }
    }

    /// The same with an active run of connection 6.
    pub(super) async fn active() -> Self {
        let world = Self::completed().await;
        start(&world.edge, 2, r#"{"provider_connection_id":6}"#, None).await;
        world
    }

    pub(super) async fn everything(&self) -> Everything {
        items(&self.scene).await
    }

    pub(super) async fn put(&self, item: Item) {
        table::put(&self.scene, item).await;
    }

    /// The item that is meant.
    pub(super) fn item<'a>(&self, whole: &'a Everything, kind: &str) -> &'a Item {
        let run = |number: u64, rest: &str| format!("RUN#{number:016} {rest}");
        let tenant = |rest: &str| format!("TENANT#0000000000000002 {rest}");
        let rights = |rest: &str| format!("MEMBER#0000000000000001#{OWNER} {rest}");
        let of = |entity: &str, run: &str| {
            let is_meant = |item: &&Item| {
                text(item, "entity") == entity
                    && item.get("run_id").is_some_and(|id| id.as_n().is_ok_and(|id| id == run))
            };
            whole.values().find(is_meant).unwrap_or_else(|| panic!("no {entity}"))
        };
        let key = match kind {
            "run" => run(self.run, "RUN"),
            "report" => run(self.run, "REPORT"),
            "acknowledgement" => run(self.run, "ACK#provider.connection.check"),
            "idempotency record" => return of("idempotency", &self.run.to_string()),
            "audit event" => return of("audit_event", &self.run.to_string()),
            "acknowledged causes" => {
                return whole.values().find(|item| text(item, "entity") == "acknowledged_causes").unwrap();
            }
            "state" | "latest run of a state" | "health of a state" | "inventory of a state" => {
                let of_run = |state: &&Item| {
                    let latest = state.get("latest").and_then(|latest| latest.as_m().ok());
                    latest.is_some_and(|latest| latest["run_id"].as_n().unwrap() == &self.run.to_string())
                };
                return whole.values().find(of_run).expect("no state");
            }
            "active run" => {
                let slot = &whole[&tenant("ACTIVE#0000000000000006")];
                run(slot["run_id"].as_n().unwrap().parse().unwrap(), "RUN")
            }
            "slot" => tenant("ACTIVE#0000000000000006"),
            "default connection" => tenant("CONNECTION#0000000000000003"),
            "other connection" => tenant("CONNECTION#0000000000000004"),
            "own tenant" => tenant("TENANT"),
            "session" => "SESSION#0000000000000007 SESSION".to_owned(),
            "entitlement to another tenant" => rights("TENANT#0000000000000005"),
            "own entitlement" => rights("TENANT#0000000000000002"),
            "own membership" => rights("WORKSPACE"),
            other => panic!("{other} is no kind"),
        };
        whole.get(&key).unwrap_or_else(|| panic!("no item {key}"))
    }

    /// Puts everything back as it was.
    pub(super) async fn restore(&self, whole: &Everything) {
        let found = self.everything().await;
        for (_, item) in whole.iter().filter(|(key, item)| found.get(*key) != Some(*item)) {
            self.put(item.clone()).await;
        }
        let client = Client::new(&self.scene.sandbox.aws);
        for (_, item) in found.iter().filter(|(key, _)| !whole.contains_key(*key)) {
            let key = ["pk", "sk"].map(|name| (name.to_owned(), AttributeValue::S(text(item, name).to_owned())));
            let delete = client.delete_item().table_name(&self.scene.sandbox.table).set_key(Some(key.into()));
            delete.send().await.unwrap();
        }
    }
}

/// Points the session to a run, which only a start from it does.
async fn point_session(scene: &Scene, run: u64) {
    let mut session = stored(scene, "onboarding_session").await.remove(0);
    let AttributeValue::M(state) = session.get_mut("state").unwrap() else { panic!("a map") };
    state.insert("verification_operation_run_id".to_owned(), AttributeValue::N(run.to_string()));
    table::put(scene, session).await;
}

async fn acknowledge(edge: &Edge, run: u64) {
    let path = format!("/runs/{run}/checks/provider.connection.check/acknowledgement");
    let call = Call::new("POST", &path).by(OWNER).with_json(r#"{"ack_reason":"false_positive"}"#);
    assert_eq!(edge.send(call).await.status, 201);
}

/// Starts a verification, and says which run it is.
async fn start(edge: &Edge, tenant: u64, body: &str, key: Option<&str>) -> u64 {
    let path = format!("/workspaces/1/tenants/{tenant}/verifications");
    let call = Call::new("POST", &path).by(OWNER).with_json(body);
    let call = key.into_iter().fold(call, |call, key| call.with_header("idempotency-key", key));
    let answer = edge.send(call).await;
    assert!(matches!(answer.status, 201 | 202), "{}", answer.text);
    answer.json()["id"].as_u64().unwrap()
}
