//! Lambda and Microsoft, as far as shares go: pollers that hand batches to workers, as many at once as the template says, and tenants
//! that are as slow as a check may be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_sqs::types::MessageSystemAttributeName;
use domain::facts::{Facts, Questions};
use domain::id::{EntraTenantId, RunId};
use domain::next_step::App;
use domain::queue_message::QueueMessage;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use harness::scene::now;
use harness::template::{part, resource_properties};
use microsoft::{Budget, ClientCredential, Priority};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{interval, timeout};

use super::Street;

/// Far beyond what anything here takes when the machine is busy with other tests.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Longer than a test waits: who is slow here is slow until the test lets it go on.
const BUDGET: Duration = Duration::from_secs(45);

/// Before everybody at Microsoft but one tenant: who comes waits until it is opened.
pub(super) struct Door {
    /// A permit for each check that has come.
    pub(super) waiting: Semaphore,
    opened: Semaphore,
}

impl Door {
    pub(super) fn shut() -> Arc<Self> {
        Arc::new(Self { waiting: Semaphore::new(0), opened: Semaphore::new(0) })
    }

    /// For good.
    pub(super) fn open(&self) {
        self.opened.close();
    }

    /// Waits until so many checks have come.
    pub(super) async fn wait_for(&self, checks: usize) {
        let waiting = self.waiting.acquire_many(u32::try_from(checks).expect("a few")).await;
        waiting.expect("nobody closes it").forget();
    }
}

struct Behind {
    door: Arc<Door>,
    spared: EntraTenantId,
    microsoft: Box<dyn worker::Provider>,
}

impl worker::Provider for Behind {
    fn check<'a>(
        &'a self,
        app: &'a App,
        credential: &'a ClientCredential,
        questions: Questions,
        priority: Priority,
        budget: Budget,
    ) -> BoxFuture<'a, Facts> {
        async move {
            if app.entra_tenant_id != self.spared {
                self.door.waiting.add_permits(1);
                drop(timeout(budget.time, self.door.opened.acquire()).await);
            }
            self.microsoft.check(app, credential, questions, priority, budget).await
        }
        .boxed()
    }
}

/// The runs of each batch, in the order in which the batches were taken.
pub(super) type Batches = Mutex<Vec<Vec<RunId>>>;

impl Street {
    /// A process of the worker, for which every tenant but the quiet one is behind the door.
    pub(super) async fn worker(&self, door: &Arc<Door>) -> worker::App {
        let mut app = self.scene.worker().await;
        app.settings.check_budget = BUDGET;
        let behind =
            Behind { door: Arc::clone(door), spared: self.quiet.entra_tenant_id.clone(), microsoft: app.provider };
        worker::App { provider: Box::new(behind), ..app }
    }

    /// As many pollers as the template gives the smallest deployment, each with a process of the worker, until the queue has nothing more.
    pub(super) async fn poll(&self, door: &Arc<Door>, batches: &Batches) {
        let workers = join_all((0..concurrency()).map(|_| self.worker(door))).await;
        join_all(workers.iter().map(|worker| self.poll_for(worker, batches))).await;
    }

    async fn poll_for(&self, worker: &worker::App, batches: &Batches) {
        let queue = aws_sdk_sqs::Client::new(&self.scene.sandbox.aws);
        let url = &self.scene.sandbox.queues.verifications;
        loop {
            let receive = queue.receive_message().queue_url(url).max_number_of_messages(batch_size());
            let receive = receive.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
            let received = receive.send().await.expect("the queue answers").messages.unwrap_or_default();
            if received.is_empty() {
                return;
            }
            let mut event = SqsEvent::default();
            event.records = received.iter().map(record).collect();
            let runs = event.records.iter().map(run_of).collect();
            batches.lock().unwrap_or_else(PoisonError::into_inner).push(runs);
            let answer = worker::handle(worker, event, now() + Duration::from_mins(1)).await;
            let failed = |id: &str| answer.batch_item_failures.iter().any(|failure| failure.item_identifier == id);
            for message in received.iter().filter(|message| !failed(message.message_id().expect("an id"))) {
                let receipt = message.receipt_handle().expect("a receipt");
                let delete = queue.delete_message().queue_url(url).receipt_handle(receipt);
                delete.send().await.expect("the queue forgets it");
            }
        }
    }

    /// Waits until a run has ended.
    pub(super) async fn ended(&self, run: RunId) {
        let mut pace = interval(Duration::from_millis(20));
        while self.is_active(run).await {
            pace.tick().await;
        }
    }
}

fn record(message: &aws_sdk_sqs::types::Message) -> SqsMessage {
    let receives = &message.attributes().expect("attributes")[&MessageSystemAttributeName::ApproximateReceiveCount];
    let mut record = SqsMessage::default();
    record.message_id.clone_from(&message.message_id);
    record.receipt_handle.clone_from(&message.receipt_handle);
    record.body.clone_from(&message.body);
    record.attributes = [("ApproximateReceiveCount".to_owned(), receives.clone())].into();
    record
}

fn run_of(record: &SqsMessage) -> RunId {
    QueueMessage::parse(record.body.as_deref().expect("a body")).expect("nobody but the product sends messages").run_id
}

/// How many batches are handled at once in the smallest deployment.
pub(super) fn concurrency() -> usize {
    concurrency_of("small")
}

/// The same of a deployment of this size.
pub(super) fn concurrency_of(size: &str) -> usize {
    part(&format!("/Mappings/Sizes/{size}/WorkerConcurrency")).expect("the template says how many workers run at once")
}

/// The most messages of a batch.
pub(super) fn batch_size() -> i32 {
    let worker: Value = resource_properties("WorkerFunction").expect("the template has a worker");
    let mut events = worker["Events"].as_object().into_iter().flatten();
    let size = events.find_map(|(_, event)| event["Properties"]["BatchSize"].as_i64()).expect("a batch size");
    i32::try_from(size).expect("a few")
}
