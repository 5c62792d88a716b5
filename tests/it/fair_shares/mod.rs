//! One workspace floods, another starts one verification: what the first may take of what both share, and what is left for the second.
//! OPERATIONS.md, "Fair shares", says it for people. What SQS itself does for fairness no emulator knows: here it is only held that SQS is
//! told what it needs for it.

mod batches;
mod document;
mod flood;
mod lambda;
mod parameters;
mod partitions;
mod rescue;
mod starts;

use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_ssm::types::ParameterType;
use aws_types::SdkConfig;
use domain::access::Role;
use domain::cloud::Cloud;
use domain::connection::{CredentialKind, ProviderConnection};
use domain::directory::WantedTenant;
use domain::id::RunId;
use domain::tenant::Tenant;
use domain::time::Timestamp;
use futures_util::future::join_all;
use harness::directory;
use harness::edge::{Answer, Call, Edge};
use harness::microsoft::{Scenario, TenantFixture};
use harness::scene::{MANAGER, OPERATOR, OWNER, Scene, customer, now, stand_in};
use runtime::Clock;

/// Who starts verifications in the quiet workspace, and is nobody in the other one.
const QUIET: &str = "nora";

/// Where the quiet workspace's tenant is verified.
const QUIET_VERIFICATIONS: &str = "/workspaces/7/tenants/8/verifications";

/// As many connections as a tenant may have.
const OF_A_TENANT: u64 = 25;

/// Two workspaces on one table: the scene's own, which floods, and a quiet one.
struct Street {
    scene: Scene,
    quiet: TenantFixture,
}

impl Street {
    /// The flooding workspace has two tenants, each with as many connections as it may have.
    async fn new() -> Self {
        let scene = Scene::new(Scenario::Healthy).await;
        let (tenant, fixture) = (Tenant { id: id(4), ..scene.tenant.clone() }, fresh().await);
        let tenant = Tenant { entra_tenant_id: fixture.entra_tenant_id.to_string(), ..tenant };
        let second = ProviderConnection {
            tenant_id: tenant.id,
            entra_tenant_id: tenant.entra_tenant_id.clone(),
            client_id: fixture.client_id.to_string(),
            ..scene.connection.clone()
        };
        let copy = |from: &ProviderConnection, number: u64, is_default| ProviderConnection {
            id: id(number),
            is_default,
            ..from.clone()
        };
        let first = (101..100 + OF_A_TENANT).map(|number| copy(&scene.connection, number, false));
        let second: Vec<_> = (200..200 + OF_A_TENANT).map(|number| copy(&second, number, number == 200)).collect();
        let people = [(OWNER, Role::Owner), (MANAGER, Role::Manager), (OPERATOR, Role::Operator)];
        let second: WantedTenant = directory::tenant(&tenant, &second, &people);
        scene
            .change(|workspace| {
                workspace.tenants[0].connections.extend(first);
                workspace.tenants.push(second);
            })
            .await;
        let street = Self { quiet: fresh().await, scene };
        street.move_in().await;
        street
    }

    /// The quiet workspace with one tenant and one connection, and their secret.
    async fn move_in(&self) {
        let parameter = format!("/tenantcheck/test/7/{}", self.scene.sandbox.table);
        let (tenant, connection) = customer(&self.quiet, &parameter);
        let tenant = Tenant { id: id(8), workspace_id: id(7), ..tenant };
        let connection =
            ProviderConnection { id: id(9), tenant_id: tenant.id, workspace_id: tenant.workspace_id, ..connection };
        let workspace = directory::workspace(&tenant, &[connection], &[(QUIET, Role::Operator)]);
        directory::apply(&self.scene.store, workspace, now()).await;
        let put = aws_sdk_ssm::Client::new(&self.scene.sandbox.aws).put_parameter().name(parameter);
        let put = put.value(&self.quiet.secret).r#type(ParameterType::SecureString);
        put.send().await.expect("the parameter store takes a secret");
    }

    /// The functions that answer, within one minute that does not end.
    fn edge(&self, aws: &SdkConfig, starts_per_minute: u32) -> Edge {
        let begun = now().as_millis().div_euclid(60_000) * 60_000;
        let passed = AtomicI64::new(0);
        let clock = Clock::told_by(move || Timestamp::from_millis(begun + passed.fetch_add(1, Ordering::Relaxed)));
        let sandbox = &self.scene.sandbox;
        Edge::at(&clock, aws, &sandbox.table, &sandbox.queues.verifications).with_starts_per_minute(starts_per_minute)
    }

    async fn is_active(&self, run: RunId) -> bool {
        self.scene.store.load_run(run, now()).await.expect("the table answers").expect("the run is stored").is_active()
    }

    /// How many of these runs have not ended.
    async fn active(&self, runs: &[RunId]) -> usize {
        join_all(runs.iter().map(|run| self.is_active(*run))).await.into_iter().filter(|is_active| *is_active).count()
    }
}

/// A tenant that Microsoft knows.
async fn fresh() -> TenantFixture {
    let fixture = TenantFixture::fresh(Scenario::Healthy, Cloud::Global, CredentialKind::ClientSecret);
    stand_in().await.add(&fixture);
    fixture
}

fn id<T: TryFrom<u64>>(number: u64) -> T {
    T::try_from(number).unwrap_or_else(|_| panic!("{number} is an id"))
}

/// Starts a verification of the flooding workspace's connection of this number, from 0.
async fn start(edge: &Edge, user: &str, number: u64) -> Answer {
    let (tenant, connection) = match number {
        0 => (2, 3),
        1..OF_A_TENANT => (2, 100 + number),
        _ => (4, 200 + number - OF_A_TENANT),
    };
    let body = format!(r#"{{"provider_connection_id": {connection}}}"#);
    let path = format!("/workspaces/1/tenants/{tenant}/verifications");
    edge.send(Call::new("POST", &path).by(user).with_json(&body)).await
}

/// Starts verifications of several at once, and demands that all are accepted.
async fn flood(edge: &Edge, user: &str, numbers: impl IntoIterator<Item = u64>) -> Vec<RunId> {
    let answers = join_all(numbers.into_iter().map(|number| start(edge, user, number))).await;
    answers.iter().map(accepted).collect()
}

/// The run of a start that was accepted.
fn accepted(answer: &Answer) -> RunId {
    assert_eq!((answer.status, &answer.json()["start_result"]), (202, &"accepted".into()), "{}", answer.text);
    id(answer.json()["id"].as_u64().expect("a run has an id"))
}
