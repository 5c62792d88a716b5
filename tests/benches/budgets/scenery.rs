//! What the functions are measured in: a tenant with as many connections as it may have, a run with a whole report, and a workspace of 25
//! tenants with 60 runs each, all of which one member sees.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::access::Role;
use domain::id::RunId;
use domain::queue_message::QueueMessage;
use domain::tenant::Tenant;
use harness::directory::{membership, tenant};
use harness::edge::Call;
use harness::issuer::SCOPE;
use harness::microsoft::Scenario;
use harness::run_attributes;
use harness::scene::{OPERATOR, Scene, now, stand_in};
use harness::stack::stand_ins;
use serde_json::{Value, json};
use tokio::process::Command;

/// Sees every tenant of the list.
const FLEET_READER: &str = "olga";

const TENANTS: u64 = 25;
const RUNS: u32 = 60;

/// The connections beside the scene's own.
const CONNECTIONS: u64 = 24;

/// The calls that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Warm {
    /// A start that names its connection.
    Start,
    /// A run with its report.
    Run,
    /// A page of 50 of the workspace's runs.
    Runs,
    /// The contract.
    Contract,
    /// A check of a healthy tenant.
    Check,
}

impl Warm {
    pub(crate) const ALL: [Self; 5] = [Self::Runs, Self::Start, Self::Run, Self::Contract, Self::Check];

    pub(crate) fn function(self) -> &'static str {
        match self {
            Warm::Start => "start",
            Warm::Run | Warm::Runs | Warm::Contract => "viewer",
            Warm::Check => "worker",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Warm::Start => "an accepted start that names its connection",
            Warm::Run => "a run with its report",
            Warm::Runs => "a page of 50 runs of a workspace of 25 tenants",
            Warm::Contract => "the contract",
            Warm::Check => "a check of a healthy tenant",
        }
    }

    pub(crate) fn goal(self) -> &'static str {
        match self {
            Warm::Start | Warm::Run => "no goal",
            Warm::Runs => "goal 6",
            Warm::Contract => "goal 0.3",
            Warm::Check => "goal 4",
        }
    }

    /// Holds that the call did what is measured.
    pub(crate) fn check(self, answer: &Value) -> Result<()> {
        let as_it_should = match self {
            Warm::Start => answer["statusCode"] == 202 && answer["body"].to_string().contains("accepted"),
            Warm::Run | Warm::Runs | Warm::Contract => answer["statusCode"] == 200,
            Warm::Check => answer["batchItemFailures"] == json!([]),
        };
        ensure!(as_it_should, "{self:?} was answered {answer}");
        Ok(())
    }
}

/// Everything that the functions meet.
pub(crate) struct Scenery {
    scene: Scene,
    origin: String,
    completed: RunId,
    started: AtomicU64,
}

impl Scenery {
    /// Sets it up.
    pub(crate) async fn set() -> Result<Self> {
        let scene = Scene::new(Scenario::Healthy).await;
        let origin = stand_in().await.origin();
        let own = scene.connection.clone();
        let readable = |number: u64| {
            let entra_tenant_id = format!("00000000-0000-4000-8000-{number:012}");
            let of = Tenant { id: number.try_into().expect("an id"), entra_tenant_id, ..scene.tenant.clone() };
            tenant(&of, &[], &[(FLEET_READER, Role::Readonly)])
        };
        scene
            .change(|workspace| {
                workspace.memberships.push(membership(scene.tenant.workspace_id, FLEET_READER, Role::Readonly));
                workspace.tenants.extend((100..100 + TENANTS).map(readable));
                for number in 1_000..1_000 + CONNECTIONS {
                    let mut connection = own.clone();
                    (connection.id, connection.is_default) = (number.try_into().expect("an id"), false);
                    workspace.tenants[0].connections.push(connection);
                }
            })
            .await;
        let completed = scene.queued_run().await.header.id;
        let response =
            worker::handle(&scene.worker().await, sqs_event(completed), now() + Duration::from_mins(1)).await;
        ensure!(response.batch_item_failures.is_empty(), "the first run does not end");
        copy_runs(&scene, completed).await?;
        Ok(Self { scene, origin, completed, started: AtomicU64::new(0) })
    }

    /// A function's program in its environment, counted by callgrind or plain.
    pub(crate) fn command(&self, binary: &Path, counted: bool) -> Command {
        let mut command = if counted {
            let mut command = Command::new("valgrind");
            command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(binary);
            command
        } else {
            Command::new(binary)
        };
        let sandbox = &self.scene.sandbox;
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("AWS_ENDPOINT_URL", sandbox.aws.endpoint_url().expect("the emulator has an address"));
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", harness::emulator::REGION),
            ("TABLE_NAME", &sandbox.table),
            ("QUEUE_URL", &sandbox.queues.verifications),
            ("STAGE", "test"),
            ("CONSOLE_BASE_URL", "https://console.example.com"),
            ("JWT_SCOPE", SCOPE),
            ("USER_ID_CLAIM", "sub"),
            ("USER_NAME_CLAIM", "name"),
            ("USER_EMAIL_CLAIM", "email"),
            ("STARTS_PER_MINUTE", "10000"),
            ("RUN_RETENTION_DAYS", "90"),
            ("AUDIT_RETENTION_DAYS", "400"),
            ("MAX_RECEIVE_COUNT", "5"),
            ("CHECK_BUDGET_SECONDS", "45"),
            ("PROPAGATION_SECONDS", "0"),
            ("WORKER_TIMEOUT_SECONDS", "60"),
            ("VISIBILITY_TIMEOUT_SECONDS", "360"),
            ("PATIENCE_SECONDS", "120"),
            ("RUN_DEADLINE_SECONDS", "21600"),
            ("STAND_INS", &stand_ins(&self.origin)),
        ] {
            command.env(name, value);
        }
        command
    }

    /// An event of this call; whatever it needs to be what it is stands ready then.
    pub(crate) async fn event(&self, call: Warm) -> Result<Value> {
        let completed = format!("/runs/{}", self.completed);
        Ok(match call {
            Warm::Start => {
                // Each start has a connection that no run is active on.
                let connection = 1_000 + self.started.fetch_add(1, Ordering::Relaxed);
                let body = json!({ "provider_connection_id": connection }).to_string();
                let start = Call::new("POST", "/workspaces/1/tenants/2/verifications").by(OPERATOR);
                start.with_json(&body).event()
            }
            Warm::Run => Call::new("GET", &completed).by(OPERATOR).event(),
            Warm::Runs => Call::new("GET", "/workspaces/1/runs").by(FLEET_READER).event(),
            Warm::Contract => Call::new("GET", "/openapi.json").with_header("accept-encoding", "gzip").event(),
            Warm::Check => serde_json::to_value(sqs_event(self.scene.queued_run().await.header.id))?,
        })
    }
}

fn sqs_event(run: RunId) -> SqsEvent {
    let mut message = SqsMessage::default();
    message.message_id = Some(run.to_string());
    message.receipt_handle = Some("receipt".to_owned());
    message.body = Some(QueueMessage { run_id: run }.to_body());
    let mut event = SqsEvent::default();
    event.records = vec![message];
    event
}

/// Stores copies of a run, one for each minute, of each tenant of the list.
async fn copy_runs(scene: &Scene, run: RunId) -> Result<()> {
    let client = Client::new(&scene.sandbox.aws);
    let get = client.get_item().table_name(&scene.sandbox.table);
    let get = get.key("pk", AttributeValue::S(format!("RUN#{:016}", run.get())));
    let pattern = get.key("sk", AttributeValue::S("RUN".to_owned())).send().await?.item.context("the run is stored")?;
    for tenant in 100..100 + TENANTS {
        for minute in 1..=RUNS {
            let created_at = now() - Duration::from_mins(1) * minute - Duration::from_secs(tenant - 100);
            let mut item = pattern.clone();
            item.extend(run_attributes(tenant, created_at));
            client.put_item().table_name(&scene.sandbox.table).set_item(Some(item)).send().await?;
        }
    }
    Ok(())
}
