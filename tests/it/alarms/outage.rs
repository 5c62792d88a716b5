//! Each alarm, provoked: trouble is made in a deployed stack, and what AWS would count of it in one period is what the functions counted,
//! the API answered and the queues hold. The trouble lasts, so the periods after it are like it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::time::Timestamp;
use harness::customer::{Customer, OPERATOR};
use harness::microsoft::Scenario;
use harness::shared;
use harness::stack::Stack;
use serde_json::json;

use super::alarm::{Alarm, Period};
use super::{add_answers, add_counted};
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
                let value = alarm.datapoint(period).unwrap();
                rung.push(alarm.name.clone());
                self.0.entry(alarm.name).or_insert_with(|| format!("{trouble}: {value:.0}, after {periods}"));
            }
        }
        assert!(!rung.is_empty(), "{trouble} rings nothing: {period:?}");
    }
}

fn only(name: &str, value: f64) -> Period {
    [(name.to_owned(), value)].into()
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
    rung.note(
        "a run that nobody took for seven hours",
        &only("Reconciled interrupted", counted["Reconciled interrupted"]),
    );

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
    let mut answered = Period::new();
    add_answers(&statuses, &mut answered);
    rung.note("the table is gone", &answered);
    let crashed = stack.trouble(&["crash", "ReconcilerFunction"]).await.unwrap();
    rung.note("the table is gone", &only("Errors ReconcilerFunction", crashed));
    stack.trouble(&["deliver", "5"]).await.unwrap();
    add_counted(&stack.logs().await.unwrap(), &mut counted);
    rung.note("the table is gone", &only("Deliveries failed", counted["Deliveries failed"]));
    // A request whose calls all hang is answered when its time is up, half a second before Lambda's ten (`web/src/exchange.rs`).
    rung.note("the table hangs", &only("Latency", 9_500.0));

    let mut table = String::new();
    for alarm in Alarm::all() {
        let how = rung.0.get(&alarm.name).unwrap_or_else(|| panic!("nothing made {} ring", alarm.name));
        writeln!(table, "{}: {how}", alarm.name).unwrap();
    }
    insta::assert_snapshot!("rung", table);
}
