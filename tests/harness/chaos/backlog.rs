//! A backlog: thousands of runs that no worker comes to take, and what the reconciler makes of it for a while.

use std::sync::Arc;
use std::time::Duration;

use domain::access::{Authority, Scope};
use domain::audit::{AuditAction, AuditEvent};
use domain::connection::ProviderConnection;
use domain::id::{ConnectionId, EventId, RunId};
use domain::identity::RunIdentityHash;
use domain::operation_run::{Initiator, Operation, OperationRun, RunHeader, RunTarget};
use domain::tenant::Tenant;
use runtime::clock::random;
use store::{Opened, StartConditions};
use tokio::time::sleep;

use super::queue::URL;
use super::world::{Kind, World};
use super::{lambda, provider, scene, table, wire};
use crate::scene::{customer, store};

/// The first of as many connections as there are runs.
const FIRST: u64 = 1_000;

/// So many runs wait for so many minutes: in the queue, or for nothing, because their messages are lost.
#[derive(Debug, Clone, Copy)]
pub struct Backlog {
    /// How many runs.
    pub runs: u64,
    /// How many minutes, with a round of the reconciler in each.
    pub minutes: u32,
    /// Whether nothing of it is in the queue.
    pub is_lost: bool,
}

impl Backlog {
    pub(super) async fn wait(self, world: &Arc<World>) {
        scene::build(world).await;
        let aws = wire::sdk_config(world, &world.process(Kind::Scenery, 0));
        let (store, client) = (store(&aws, table::NAME), aws_sdk_sqs::Client::new(&aws));
        let queue = queue::Queue::new(client, URL.to_owned());
        let (tenant, default) = customer(&provider::customer(), "/tenantcheck/test/1/chaos");
        for number in FIRST..FIRST + self.runs {
            let id = ConnectionId::try_from(number).expect("an id");
            let run = OperationRun::queue(header(world, &tenant, &ProviderConnection { id, ..default.clone() }));
            let event = EventId::new(world.now(), random());
            let audit = AuditEvent::of_run(event, world.now(), AuditAction::VerificationStarted, &run.header);
            let authority = Authority::System(Scope::of_run(&run.header));
            let opened = store
                .open(authority, &run, &audit, &StartConditions::default())
                .await
                .expect("the table takes the run");
            assert_eq!(opened, Opened::New);
            if !self.is_lost {
                queue.send(&run.header).await.expect("the queue takes the message");
            }
        }
        for _ in 0..self.minutes {
            sleep(Duration::from_mins(1)).await;
            lambda::tick(Arc::clone(world)).await;
        }
    }
}

fn header(world: &World, tenant: &Tenant, connection: &ProviderConnection) -> RunHeader {
    let (workspace_id, tenant_id, operation) = (tenant.workspace_id, tenant.id, Operation::ProviderConnectionCheck);
    let provider = connection.provider;
    RunHeader {
        id: RunId::new(world.now(), random()),
        workspace_id,
        tenant_id,
        operation,
        identity_hash: RunIdentityHash::of(workspace_id, tenant_id, operation, provider, Some(connection.id)),
        initiator: Initiator::System,
        target: RunTarget::of(tenant, Some(connection)),
        session_id: None,
        created_at: world.now(),
    }
}
