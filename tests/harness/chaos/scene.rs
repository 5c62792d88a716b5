//! The hour: a customer with three connections, one of which is switched off, people who start verifications of them, and all that
//! goes wrong; then calm, until everything has ended.

use std::sync::Arc;
use std::time::Duration;

use domain::access::Role;
use domain::connection::ProviderConnection;
use domain::facts::Facts;
use domain::id::ConnectionId;
use tokio::task::{JoinSet, spawn_local};
use tokio::time::sleep;

use super::lambda::{self, Workers};
use super::weather::{Service, Weather};
use super::world::{Kind, World};
use super::{Guard, callers, provider, table, verdict, wire};
use crate::customer::{OPERATOR, OWNER};
use crate::directory::{self, workspace};
use crate::scene::{customer, store};
use crate::table::TableDefinition;

/// Where verifications of the tenant are started.
pub(super) const VERIFICATIONS: &str = "/workspaces/1/tenants/2/verifications";

/// The default connection.
pub(super) const DEFAULT: u64 = 3;

/// Another connection.
pub(super) const OTHER: u64 = 4;

/// A connection that is switched off, so that verifications of it are blocked.
pub(super) const SWITCHED_OFF: u64 = 5;

/// How long things go wrong.
const TROUBLE: Duration = Duration::from_mins(15);

/// How long everything may take to end once nothing goes wrong any more.
const CALM: Duration = Duration::from_hours(7);

/// Lets everything happen, and judges it.
pub(super) async fn play(world: &Arc<World>, healthy: &Facts) {
    build(world).await;
    let weather = world.chance(Weather::drawn);
    world.weather(|now| *now = weather);
    let mut people = JoinSet::new();
    people.spawn_local(callers::start_verifications(Arc::clone(world), OPERATOR));
    people.spawn_local(callers::start_verifications(Arc::clone(world), OWNER));
    let mut machines = JoinSet::new();
    machines.spawn_local(Workers::new(world, healthy).poll());
    if !world.lacks(Guard::Reconciler) {
        machines.spawn_local(lambda::schedule(Arc::clone(world)));
    }
    let looking = spawn_local(callers::look_at_runs(Arc::clone(world), OWNER));
    let outages = spawn_local(outages(Arc::clone(world)));
    sleep(TROUBLE).await;
    while let Some(done) = people.join_next().await {
        done.expect("nobody who starts verifications panics");
    }
    looking.abort();
    outages.abort();
    world.weather(|now| *now = Weather::calm());
    settle(world).await;
    machines.abort_all();
    verdict::hold(world).await;
}

/// Waits until nothing is active any more. What is still on its way arrives meanwhile.
async fn settle(world: &Arc<World>) {
    world.tell(|| "nothing goes wrong any more".to_owned());
    let until = world.now() + CALM;
    sleep(Duration::from_mins(3)).await;
    while world.now() < until && !world.ledger(|ledger| verdict::is_settled(ledger)) {
        sleep(Duration::from_secs(30)).await;
    }
    // Late writers come now, if any is left.
    sleep(Duration::from_mins(3)).await;
    if !world.queue(|queue| queue.is_empty()) {
        world.count("stories that end with messages");
    }
    (0..world.queue(|queue| queue.dead_letters)).for_each(|_| world.count("dead letters"));
}

async fn outages(world: Arc<World>) {
    loop {
        world.pass(Duration::from_mins(1), Duration::from_mins(12)).await;
        let service = world.chance(|chance| [Service::DynamoDb, Service::Sqs, Service::Ssm][chance.usize(..3)]);
        let duration = Duration::from_secs(world.chance(|chance| chance.u64(5..240)));
        world.tell(|| format!("{service:?} is out for {duration:?}"));
        world.count("outages");
        world.weather(|weather| weather.outage(service, duration));
    }
}

/// Builds the table and what stands in it before anybody does anything.
pub(super) async fn build(world: &Arc<World>) {
    let process = world.process(Kind::Scenery, 0);
    let aws = wire::sdk_config(world, &process);
    let client = aws_sdk_dynamodb::Client::new(&aws);
    let definition = TableDefinition::from_template().expect("the template defines a table");
    definition.create(&client, table::NAME).await.expect("the table is made");
    let (tenant, default) = customer(&provider::customer(), "/tenantcheck/test/1/chaos");
    let other = |number: u64, is_enabled| ProviderConnection {
        id: ConnectionId::try_from(number).expect("an id"),
        is_default: false,
        is_enabled,
        ..default.clone()
    };
    let connections = [default.clone(), other(OTHER, true), other(SWITCHED_OFF, false)];
    let workspace = workspace(&tenant, &connections, &[(OWNER, Role::Owner), (OPERATOR, Role::Operator)]);
    directory::apply(&store(&aws, table::NAME), workspace, world.now()).await;
    // How the scene was built decides nothing of what happens in it.
    fastrand::seed(world.seed());
    world.chance(|chance| chance.seed(world.seed()));
}
