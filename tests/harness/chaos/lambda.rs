//! Lambda, as far as it matters: it polls the queue for the worker, at most two at a time, deletes what was acknowledged, and calls
//! the reconciler each minute.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::facts::Facts;
use domain::queue_message::QueueMessage;
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::drive::{Ended, Life};
use super::provider::Provider;
use super::queue::{RECEIVES, Received, URL};
use super::world::{Kind, Process, World};
use super::{Guard, table, wire};
use crate::scene::{BOUNDS, rules, store};

/// So many invocations of the worker at a time.
const CONCURRENCY: usize = 2;

/// The template's timeout of the reconciler.
const RECONCILER_TIMEOUT: Duration = Duration::from_secs(50);

/// A process of the worker.
struct Sandbox {
    process: Arc<Process>,
    app: worker::App,
}

/// The worker's processes that wait for work, and how many are at work.
pub(super) struct Workers {
    world: Arc<World>,
    healthy: Facts,
    waiting: RefCell<Vec<Sandbox>>,
    at_work: RefCell<usize>,
}

impl Workers {
    pub(super) fn new(world: &Arc<World>, healthy: &Facts) -> Rc<Self> {
        Rc::new(Self {
            world: Arc::clone(world),
            healthy: healthy.clone(),
            waiting: RefCell::default(),
            at_work: RefCell::default(),
        })
    }

    /// Polls the queue for ever.
    pub(super) async fn poll(self: Rc<Self>) {
        loop {
            self.world.pass(Duration::from_millis(200), Duration::from_secs(3)).await;
            if *self.at_work.borrow() >= CONCURRENCY {
                continue;
            }
            let (most, twice) = self.world.chance(|chance| (chance.usize(1..=10), chance.u8(..100) < 4));
            let received = self.world.queue(|queue| {
                if twice {
                    queue.forget_who_has_what();
                }
                queue.receive(most)
            });
            if !received.is_empty() {
                *self.at_work.borrow_mut() += 1;
                spawn_local(Rc::clone(&self).invoke(received));
            }
        }
    }

    async fn invoke(self: Rc<Self>, received: Vec<Received>) {
        let waiting = self.waiting.borrow_mut().pop();
        let sandbox = waiting.unwrap_or_else(|| self.cold_start());
        let (world, process) = (&self.world, &sandbox.process);
        for message in &received {
            world.count("deliveries");
            world.tell(|| format!("{process} receives {} for the {}. time", message.id, message.receives));
        }
        process.begin();
        let life = world.chance(Life::drawn);
        let deadline = world.now() + BOUNDS.worker_timeout;
        let work = worker::handle(&sandbox.app, event(&received), deadline);
        let ended = life.drive(BOUNDS.worker_timeout, work).await;
        world.tell(|| format!("{process} lived {life:?} and ended {ended:?}"));
        *self.at_work.borrow_mut() -= 1;
        match ended {
            Ended::Answered(response) => {
                self.take_answer(process, &received, &response);
                self.waiting.borrow_mut().push(sandbox);
            }
            Ended::Late => world.count("workers that came late"),
            Ended::Died => world.count("workers killed"),
        }
    }

    /// Some clocks are wrong.
    fn cold_start(&self) -> Sandbox {
        let day = 24 * 60 * 60 * 1000;
        let ahead = self.world.chance(|chance| match chance.u8(..20) {
            0 => day,
            1 => -day,
            2 => 5_000,
            3 => -5_000,
            _ => 0,
        });
        let process = self.world.process(Kind::Worker, ahead);
        let aws = wire::sdk_config(&self.world, &process);
        // Without the guard the worker never knows that a delivery is the last.
        let blind = self.world.lacks(Guard::LastReceiveEnds);
        let app = worker::App {
            store: store(&aws, table::NAME),
            credentials: worker::CredentialCache::new(aws_sdk_ssm::Client::new(&aws)),
            web_identity: worker::WebIdentity::new(aws_sdk_sts::Client::new(&aws)),
            provider: Box::new(Provider { world: Arc::clone(&self.world), healthy: self.healthy.clone() }),
            queue: aws_sdk_sqs::Client::new(&aws),
            rules: rules(),
            settings: worker::Settings {
                queue_url: URL.to_owned(),
                max_receive_count: if blind { u32::MAX } else { RECEIVES },
                check_budget: Duration::from_secs(45),
                propagation: Duration::ZERO,
                bounds: BOUNDS,
            },
            clock: self.world.clock(&process),
        };
        Sandbox { process, app }
    }

    /// Deletes what was acknowledged. The deletion may be lost.
    fn take_answer(&self, process: &Process, received: &[Received], response: &SqsBatchResponse) {
        let world = &self.world;
        for message in received {
            let failed = response.batch_item_failures.iter().any(|failure| failure.item_identifier == message.id);
            let run = run_of(message);
            // Of two messages of one run in a batch one claims it.
            let is_alone = received.iter().filter(|other| run_of(other) == run).count() == 1;
            let (is_active, is_mine) = world.ledger(|ledger| {
                (ledger.run(run).is_some_and(|run| !run.is_terminal()), ledger.is_held_by(run, process))
            });
            let is_held = is_active && !is_mine && world.lacks(Guard::HeldIsNotAcknowledged);
            if is_active && (!failed || is_held) {
                world.ledger(|ledger| {
                    ledger.wrong(format!("I7: {} is acknowledged, and run {run} is active", message.id));
                });
            }
            if is_mine && is_alone && message.receives >= RECEIVES && !process.is_troubled() {
                world.ledger(|ledger| {
                    ledger.wrong(format!("I7: the last delivery of {} left run {run} active", message.id));
                });
            }
            if failed && !is_held || world.happens(3) {
                continue;
            }
            world.queue(|queue| queue.delete(&message.id));
        }
    }
}

fn run_of(message: &Received) -> u64 {
    QueueMessage::parse(&message.body).expect("nobody but the product sends messages").run_id.get()
}

fn event(received: &[Received]) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = received.iter().map(record).collect();
    event
}

fn record(message: &Received) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id = Some(message.id.clone());
    record.receipt_handle = Some(message.receipt.clone());
    record.body = Some(message.body.clone());
    record.attributes = [("ApproximateReceiveCount".to_owned(), message.receives.to_string())].into();
    record
}

/// Calls the reconciler each minute, sometimes twice, for ever.
pub(super) async fn schedule(world: Arc<World>) {
    loop {
        sleep(Duration::from_mins(1)).await;
        for _ in 0..if world.happens(5) { 2 } else { 1 } {
            spawn_local(tick(Arc::clone(&world)));
        }
    }
}

/// One round of the reconciler.
pub(super) async fn tick(world: Arc<World>) {
    let process = world.process(Kind::Reconciler, 0);
    let aws = wire::sdk_config(&world, &process);
    let app = reconciler::App {
        store: store(&aws, table::NAME),
        queue: queue::Queue::new(aws_sdk_sqs::Client::new(&aws), URL.to_owned()),
        bounds: BOUNDS,
        clock: world.clock(&process),
    };
    let life = if world.is_calm() { Life::Whole } else { world.chance(Life::drawn) };
    let deadline = world.now() + RECONCILER_TIMEOUT;
    match life.drive(RECONCILER_TIMEOUT, reconciler::tick(&app, deadline)).await {
        Ended::Answered(Ok(tick)) => {
            world.tell(|| format!("{process} looked after active runs: {tick:?}"));
            (0..tick.sent_again).for_each(|_| world.count("messages sent again"));
            (0..tick.held).for_each(|_| world.count("messages held back"));
            (0..tick.interrupted).for_each(|_| world.count("runs ended by the reconciler"));
            (0..tick.freed).for_each(|_| world.count("slots freed by the reconciler"));
            (0..tick.failed).for_each(|_| world.count("runs that could not be looked after"));
        }
        Ended::Answered(Err(_)) => world.count("reconcilers that failed"),
        Ended::Late => world.count("reconcilers that came late"),
        Ended::Died => world.count("reconcilers killed"),
    }
}
