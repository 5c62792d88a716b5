//! Each alarm, provoked: trouble is made in a deployed stack, and what AWS would count of it in one period is what the functions counted,
//! the API answered and the queues hold. The trouble lasts, so the periods after it are like it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::time::Timestamp;
use harness::customer::{Customer, OPERATOR};
use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::microsoft::Scenario;
use harness::scene::Scene;
use harness::shared;
use harness::stack::Stack;
use serde_json::json;

use super::alarm::{Alarm, Period};
use super::{RUNBOOK, add_answers, add_counted};
use crate::deployed::PATIENCE;

const FUNCTIONS: [&str; 5] =
    ["StartFunction", "AcknowledgeFunction", "ViewerFunction", "WorkerFunction", "ReconcilerFunction"];

/// What rang, by the trouble that made it ring.
#[derive(Default)]
struct Rung(BTreeMap<String, String>);

impl Rung {
    /// Notes every alarm that this period makes ring, now or when it goes on. None is one of those that must not.
    fn note(&mut self, trouble: &str, period: &Period) {
        let mut rung = Vec::new();
        for alarm in Alarm::all() {
            if let Some(periods) = alarm.rings_after(period) {
                // Milliseconds differ from run to run.
                let value = alarm.datapoint(period).map_or("nothing".to_owned(), |value| match value {
                    ..1000.0 => format!("{value:.0}"),
                    _ => "more than 5 s".to_owned(),
                });
                rung.push(alarm.name.clone());
                self.0.entry(alarm.name).or_insert_with(|| format!("{trouble}: {value}, {periods}"));
            }
        }
        assert!(!rung.is_empty(), "{trouble} rings nothing: {period:?}");
    }
}

/// What an idle deployment measures: the reconciler's rounds.
fn idle() -> Period {
    [("Invocations ReconcilerFunction".to_owned(), 5.0)].into()
}

/// This and nothing else is out of order.
fn only(name: &str, value: f64) -> Period {
    let mut period = idle();
    period.insert(name.to_owned(), value);
    period
}

/// How long a request takes whose calls to the table hang, in milliseconds.
async fn hanging() -> f64 {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    for _ in 0..10 {
        proxy.inject(Fault::Unanswered { operation: "BatchGetItem" });
    }
    let begun = Instant::now();
    assert_eq!(edge.get(OPERATOR, "/workspaces/1/tenants/2/connections").await.status, 503);
    f64::from(u32::try_from(begun.elapsed().as_millis()).unwrap())
}

/// Waits until so many messages wait in a queue.
async fn wait_for(stack: &Stack, queue: &str, messages: f64) -> f64 {
    let mut pace = tokio::time::interval(Duration::from_millis(200));
    let waiting = async {
        loop {
            pace.tick().await;
            let waiting = stack.trouble(&["waiting", queue]).await.unwrap();
            if waiting >= messages {
                return waiting;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the messages arrive")
}

/// Takes the messages of the queue as often as it may be done, and does nothing with them.
async fn fail_to_handle(stack: &Stack) {
    let queue = aws_sdk_sqs::Client::new(&stack.emulator().sdk_config());
    for _ in 0..2 {
        queue.receive_message().queue_url(&stack.deployed().queue_url).visibility_timeout(0).send().await.unwrap();
    }
}

/// Has been active for as long as no run may be.
async fn let_it_grow_old(stack: &Stack, run: &str) {
    let table = aws_sdk_dynamodb::Client::new(&stack.emulator().sdk_config());
    let (name, key) = (&stack.deployed().table_name, format!("RUN#{run:0>16}"));
    let (pk, sk) = (AttributeValue::S(key), AttributeValue::S("RUN".to_owned()));
    let item = table.get_item().table_name(name).key("pk", pk).key("sk", sk).send().await.unwrap();
    let mut item = item.item.unwrap();
    let created_at: Timestamp = item["created_at"].as_s().unwrap().parse().unwrap();
    item.insert("created_at".to_owned(), AttributeValue::S((created_at - Duration::from_hours(7)).to_string()));
    table.put_item().table_name(name).set_item(Some(item)).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_alarm_rings_in_its_outage() {
    let parameters = [("MaxReceiveCount", "1".to_owned()), ("PatienceSeconds", "1".to_owned())];
    let stack = shared::own_stack(parameters.into()).await;
    let mut rung = Rung::default();
    for function in FUNCTIONS {
        // The reconciler takes any event.
        if function != "ReconcilerFunction" {
            let crashed = stack.trouble(&["crash", function]).await.unwrap();
            rung.note("an event that it cannot take", &only(&format!("Errors {function}"), crashed));
        }
        let throttled = stack.trouble(&["throttle", function]).await.unwrap();
        rung.note("no concurrency is left", &only(&format!("Throttles {function}"), throttled));
    }
    let customer: Customer = stack.customer(Scenario::Healthy).await.unwrap();
    let api = stack.api(OPERATOR);
    stack.trouble(&["take-nothing"]).await.unwrap();
    let started = api.post(&customer.verifications(), &json!({})).await.unwrap().json().unwrap();
    let waiting = wait_for(&stack, "Queue", 1.0).await;
    rung.note("the mapping is off", &only("ApproximateNumberOfMessagesVisible Queue", waiting));
    fail_to_handle(&stack).await;
    let dead = wait_for(&stack, "DeadLetterQueue", 1.0).await;
    rung.note("a message that nobody handles", &only("ApproximateNumberOfMessagesVisible DeadLetterQueue", dead));
    let_it_grow_old(&stack, &started["id"].to_string()).await;
    stack.trouble(&["look-after"]).await.unwrap();
    api.completed(&format!("/runs/{}", started["id"]), PATIENCE).await.unwrap();
    let mut counted = Period::new();
    add_counted(&stack.logs().await.unwrap(), &mut counted);
    rung.note("a run that nobody took for seven hours", &only("Interrupted", counted["Interrupted"]));

    stack.trouble(&["delete", "Queue"]).await.unwrap();
    let started = api.post(&customer.verifications(), &json!({})).await.unwrap();
    assert_eq!(started.status, 202, "{}", started.text());
    add_counted(&stack.logs().await.unwrap(), &mut counted);
    rung.note("the queue is gone", &only("Unsent", counted["Unsent"]));

    stack.trouble(&["delete", "Table"]).await.unwrap();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(api.post(&customer.verifications(), &json!({})).await.unwrap().status);
    }
    let mut answered = idle();
    add_answers(&statuses, &mut answered);
    rung.note("the table is gone", &answered);
    // At night, when one asks in five minutes.
    let mut alone = idle();
    add_answers(&statuses[..1], &mut alone);
    rung.note("the table is gone", &alone);
    let crashed = stack.trouble(&["crash", "ReconcilerFunction"]).await.unwrap();
    rung.note("the table is gone", &only("Errors ReconcilerFunction", crashed));
    stack.trouble(&["deliver", "5"]).await.unwrap();
    add_counted(&stack.logs().await.unwrap(), &mut counted);
    rung.note("the table is gone", &only("Deliveries failed", counted["Deliveries failed"]));
    let mut hangs = only("Latency", hanging().await);
    hangs.insert("Count".to_owned(), 20.0);
    rung.note("the table hangs", &hangs);
    // Nothing is measured of a function that nobody invokes.
    stack.trouble(&["stop-schedule"]).await.unwrap();
    rung.note("the schedule is off", &Period::new());

    let mut table = "| alarm | looks at | rings | provoked by: value, rang after |\n|---|---|---|---|\n".to_owned();
    for alarm in Alarm::all() {
        let how = rung.0.get(&alarm.name).unwrap_or_else(|| panic!("nothing made {} ring", alarm.name));
        writeln!(table, "| {} | {} | {} | {how} |", alarm.name, alarm.looks_at(), alarm.rings_when()).unwrap();
    }
    hold_table_of_runbook(&table);
}

/// The table stands in the runbook between these two headings.
fn hold_table_of_runbook(table: &str) {
    let runbook = fs::read_to_string(RUNBOOK).unwrap();
    let (before, rest) = runbook.split_once("## At a glance\n").unwrap();
    let (stands, after) = rest.split_once("## Alarms\n").unwrap();
    let (text, old) = stands.split_once("| alarm |").map_or((stands, ""), |(text, _)| (text, &stands[text.len()..]));
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        fs::write(RUNBOOK, format!("{before}## At a glance\n{text}{table}\n## Alarms\n{after}")).unwrap();
    } else {
        assert_eq!(
            old.trim_end(),
            table.trim_end(),
            "old: UPDATE_EXAMPLES=1 cargo test -p harness --test it -- alarms::"
        );
    }
}
