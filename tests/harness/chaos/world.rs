//! The world of one seed: time, chance, AWS and everything that is known about what happened.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;
use fastrand::Rng;
use runtime::Clock;
use serde_json::{Value, json};
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep};

use super::ledger::Ledger;
use super::queue::Queue;
use super::table::Table;
use super::weather::{Fate, Service, Weather};
use super::wire::{Answer, Call};
use super::{Guard, Plan, Story};

/// When every story begins.
const BEGINNING: i64 = 1_793_520_000_000;

/// How often what happened, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, u64>);

/// What a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// None of the product's: nothing goes wrong with its calls.
    Scenery,
    Start,
    Viewer,
    Worker,
    Reconciler,
}

/// A process of a function.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) id: u32,
    pub(super) kind: Kind,
    /// By how many milliseconds its clock is ahead.
    ahead: i64,
    /// Whether something went wrong with a call to the table.
    troubled: AtomicBool,
    invocation: AtomicU32,
}

pub(super) struct World {
    plan: Plan,
    began: Instant,
    table: Table,
    processes: AtomicU32,
    queue: Mutex<Queue>,
    chance: Mutex<Rng>,
    weather: Mutex<Weather>,
    ledger: Mutex<Ledger>,
    counts: Mutex<Counts>,
    lines: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(super) fn new(plan: Plan) -> Arc<Self> {
        Arc::new(Self {
            plan,
            began: Instant::now(),
            table: Table::new(),
            processes: AtomicU32::new(0),
            queue: Mutex::default(),
            chance: Mutex::new(Rng::with_seed(plan.seed)),
            weather: Mutex::new(Weather::calm()),
            ledger: Mutex::default(),
            counts: Mutex::default(),
            lines: Mutex::default(),
        })
    }

    pub(super) fn seed(&self) -> u64 {
        self.plan.seed
    }

    /// Whether a guard is missing.
    pub(super) fn lacks(&self, guard: Guard) -> bool {
        self.plan.without == Some(guard)
    }

    /// The true time.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(BEGINNING) + self.began.elapsed()
    }

    /// Draws from what the seed decides.
    pub(super) fn chance<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut lock(&self.chance))
    }

    /// Whether something happens that happens so often of a hundred times.
    pub(super) fn happens(&self, percent: u8) -> bool {
        self.chance(|chance| chance.u8(..100) < percent)
    }

    /// Waits for a time between these.
    pub(super) async fn pass(&self, from: Duration, to: Duration) {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let drawn = self.chance(|chance| chance.u64(millis(from)..=millis(to)));
        sleep(Duration::from_millis(drawn)).await;
    }

    /// Waits for a full minute: who does so meets others.
    pub(super) async fn next_minute(&self) {
        let minute = Duration::from_mins(1).as_millis();
        let into = u64::try_from(self.began.elapsed().as_millis() % minute).unwrap_or_default();
        sleep(Duration::from_mins(1).saturating_sub(Duration::from_millis(into))).await;
    }

    /// How long a request or an answer is on its way.
    pub(super) fn latency(&self) -> Duration {
        Duration::from_micros(self.chance(|chance| chance.u64(1_000..15_000)))
    }

    /// Changes what goes wrong.
    pub(super) fn weather<T>(&self, change: impl FnOnce(&mut Weather) -> T) -> T {
        change(&mut lock(&self.weather))
    }

    /// Whether nothing goes wrong.
    pub(super) fn is_calm(&self) -> bool {
        lock(&self.weather).is_calm()
    }

    pub(super) fn queue<T>(&self, use_it: impl FnOnce(&mut Queue) -> T) -> T {
        use_it(&mut lock(&self.queue))
    }

    pub(super) fn ledger<T>(&self, use_it: impl FnOnce(&mut Ledger) -> T) -> T {
        use_it(&mut lock(&self.ledger))
    }

    /// Counts something that happened.
    pub(super) fn count(&self, what: &'static str) {
        *lock(&self.counts).0.entry(what).or_default() += 1;
    }

    /// Tells what happened.
    pub(super) fn tell(&self, line: impl FnOnce() -> String) {
        if self.plan.told {
            lock(&self.lines).push(format!("{:>9.3} s  {}", self.began.elapsed().as_secs_f64(), line()));
        }
    }

    /// A new process.
    pub(super) fn process(&self, kind: Kind, ahead: i64) -> Arc<Process> {
        let id = self.processes.fetch_add(1, Ordering::Relaxed);
        Arc::new(Process::new(id, kind, ahead))
    }

    /// The clock of a process.
    pub(super) fn clock(self: &Arc<Self>, process: &Process) -> Clock {
        let (world, ahead) = (Arc::clone(self), process.ahead);
        Clock::told_by(move || Timestamp::from_millis(world.now().as_millis() + ahead))
    }

    /// Decides what becomes of a call.
    pub(super) fn fate(&self, process: &Process, call: &Call) -> Fate {
        self.count("calls");
        if process.kind == Kind::Scenery {
            return Fate::Fine;
        }
        let fate = self.chance(|chance| lock(&self.weather).fate(chance, call.service, &call.operation));
        if fate != Fate::Fine {
            self.count("calls in trouble");
            if call.service == Service::DynamoDb {
                process.troubled.store(true, Ordering::Relaxed);
            }
        }
        self.tell(|| format!("{process} calls {}: {fate:?}", call.operation));
        fate
    }

    /// Does what a call asks for.
    pub(super) fn perform(self: &Arc<Self>, process: &Process, call: &Call) -> Answer {
        match call.service {
            Service::DynamoDb => self.perform_on_table(process, call),
            Service::Sqs => {
                if call.operation == "SendMessage" {
                    let body = call.request["MessageBody"].as_str().unwrap_or_default();
                    self.ledger(|ledger| ledger.sent(body));
                }
                self.queue(|queue| queue.perform(&call.operation, &call.request))
            }
            Service::Ssm => secrets(&call.request),
        }
    }

    fn perform_on_table(self: &Arc<Self>, process: &Process, call: &Call) -> Answer {
        let (operation, mut sent) = (call.operation.as_str(), call.request.clone());
        let later = self.plan.without.and_then(|guard| guard.take_out(operation, &mut sent));
        let answer = self.table.perform(operation, &sent.to_string());
        let keys = written(operation, &sent);
        if answer.status == 200 && !keys.is_empty() {
            self.note_writing(process, call.invocation, &keys);
            if let Some(put) = later {
                spawn_local(self.clone().put_later(put));
            }
        }
        self.tell(|| format!("  {operation} of {process} is done: {} {}", answer.status, reasons(&answer.body)));
        answer
    }

    fn note_writing(&self, process: &Process, invocation: u32, keys: &[Value]) {
        let text = |key: &Value, name: &str| key[name]["S"].as_str().unwrap_or_default().to_owned();
        let stored = keys.iter().map(|key| (format!("{}/{}", text(key, "pk"), text(key, "sk")), self.table.item(key)));
        let told = self.ledger(|ledger| ledger.written((process, invocation), self.now(), stored.collect()));
        for line in told {
            self.tell(|| line);
        }
    }

    async fn put_later(self: Arc<Self>, put: Value) {
        sleep(Duration::from_millis(300)).await;
        let scenery = Process::new(u32::MAX, Kind::Scenery, 0);
        self.perform_on_table(&scenery, &Call::later(put));
    }

    /// What happened.
    pub(super) fn story(&self) -> Story {
        Story {
            violations: self.ledger(Ledger::violations),
            counts: lock(&self.counts).clone(),
            lines: lock(&self.lines).clone(),
        }
    }
}

/// The keys of what a call writes.
fn written(operation: &str, request: &Value) -> Vec<Value> {
    let key_of = |item: &Value| json!({ "pk": item["pk"], "sk": item["sk"] });
    match operation {
        "UpdateItem" => vec![request["Key"].clone()],
        "PutItem" => vec![key_of(&request["Item"])],
        "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let key = |item: &Value| match item {
                item if item["Put"].is_object() => Some(key_of(&item["Put"]["Item"])),
                item if item["Update"].is_object() => Some(item["Update"]["Key"].clone()),
                item if item["Delete"].is_object() => Some(item["Delete"]["Key"].clone()),
                _ => None,
            };
            items.filter_map(key).collect()
        }
        _ => Vec::new(),
    }
}

/// Why something was not done, in short.
fn reasons(body: &Value) -> String {
    let codes = body["CancellationReasons"].as_array().into_iter().flatten().map(|reason| reason["Code"].to_string());
    format!("{} {}", body["__type"].as_str().unwrap_or_default(), codes.collect::<Vec<_>>().join(" "))
}

/// The parameter store has a secret for every name.
fn secrets(request: &Value) -> Answer {
    let names = request["Names"].as_array().into_iter().flatten();
    let parameter = |name: &Value| json!({ "Name": name, "Type": "SecureString", "Value": "a secret", "Version": 1 });
    let parameters: Vec<_> = names.map(parameter).collect();
    Answer { status: 200, body: json!({ "Parameters": parameters, "InvalidParameters": [] }) }
}

impl Process {
    fn new(id: u32, kind: Kind, ahead: i64) -> Self {
        Self { id, kind, ahead, troubled: AtomicBool::new(false), invocation: AtomicU32::new(0) }
    }

    /// Begins an invocation, in which nothing has gone wrong yet.
    pub(super) fn begin(&self) {
        self.troubled.store(false, Ordering::Relaxed);
        self.invocation.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of its invocation.
    pub(super) fn invocation(&self) -> u32 {
        self.invocation.load(Ordering::Relaxed)
    }

    /// Whether something went wrong with a call to the table since it began.
    pub(super) fn is_troubled(&self) -> bool {
        self.troubled.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.id)
    }
}

impl Counts {
    /// Adds another seed's.
    pub fn add(&mut self, other: &Counts) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    /// How often it happened.
    #[must_use]
    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(what, count)| writeln!(f, "{count:>10}  {what}"))
    }
}
