//! COST.md: what a million verifications cost, from the calls that are made, the items that are written and the lines that are logged,
//! at the prices of one day.

#![allow(clippy::print_stdout, reason = "the exact figures are printed for whoever wants to see them")]

mod forms;
mod prices;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use forms::{Item, SAVED};
use harness::customer::OPERATOR;
use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Call, FaultProxy, item_size};
use harness::microsoft::Scenario;
use harness::scene::{MANAGER, Scene};
use harness::shared;
use prices::{Bill, PRICES};
use serde_json::json;

use crate::deployed::PATIENCE;
use crate::worker::{deliver, delivery};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../COST.md");

/// So many runs are logged before their mean is taken.
const LOGGED: usize = 5;

/// What a step writes and reads.
#[derive(Default)]
struct Units {
    writes: Vec<Written>,
    reads: usize,
    others: usize,
}

/// An item that is written.
struct Written {
    action: String,
    item: Item,
    /// A transaction writes each item twice. An index is written once, whatever writes the table.
    times: usize,
}

/// How an item would be stored otherwise.
type Form = fn(&Item) -> Vec<Item>;

impl Written {
    fn name(&self) -> String {
        format!("{} {}", self.action, name(&self.item))
    }

    /// Compressed, the same report is some bytes longer or shorter each time: the file must not change with it.
    fn bytes(&self) -> usize {
        item_size(&self.item).next_multiple_of(256)
    }

    fn units(&self) -> usize {
        self.units_in(&[])
    }

    /// The units that it would be in other forms, one after the other.
    fn units_in(&self, forms: &[Form]) -> usize {
        let as_it_is = vec![self.item.clone()];
        let items = forms.iter().fold(as_it_is, |items, form| items.iter().flat_map(form).collect());
        let of = |item: &Item| {
            let indexes = ["gsi1pk", "gsi2pk", "gsi3pk"].into_iter().filter(|index| item.contains_key(*index)).count();
            item_size(item).div_ceil(1024) * (self.times + indexes)
        };
        items.iter().map(of).sum()
    }
}

impl Units {
    fn written(&self) -> usize {
        self.writes.iter().map(Written::units).sum()
    }

    fn written_in(&self, forms: &[Form]) -> usize {
        self.writes.iter().map(|written| written.units_in(forms)).sum()
    }

    /// Adds calls. `known` remembers each item as it was put, for those that are changed or deleted.
    fn of(calls: &[Call], known: &mut BTreeMap<String, Item>) -> Self {
        let mut units = Self::default();
        for call in calls {
            // An item below 4 KB is a unit to read; so is a stretch of a small tenant.
            match call.operation.as_str() {
                "GetItem" | "Query" => units.reads += 1,
                "BatchGetItem" => units.reads += call.keys.len(),
                "TransactWriteItems" | "UpdateItem" => {}
                _ => units.others += 1,
            }
            let times = if call.operation == "TransactWriteItems" { 2 } else { 1 };
            for write in &call.writes {
                if write.action == "PutItem" {
                    known.insert(write.key.clone(), write.item.clone());
                }
                let item = known.get(&write.key).unwrap_or(&write.item).clone();
                let written = Written { action: write.action.clone(), item, times };
                println!("{}: {} bytes, {} units", written.name(), item_size(&written.item), written.units());
                units.writes.push(written);
            }
        }
        units
    }
}

/// The kind of an item by its key, without ids.
fn name(item: &Item) -> String {
    let [pk, sk] = ["pk", "sk"].map(|name| item[name]["S"].as_str().unwrap());
    let word = |text: &str| text.trim_start_matches('~').split('#').next().unwrap().to_owned();
    match word(pk).as_str() {
        "AUDIT" => "AUDIT".to_owned(),
        "CALLER" => "STARTS".to_owned(),
        _ => word(sk),
    }
}

/// The start and the execution of a healthy connection that was verified before and has not changed.
async fn measured() -> (Units, Units) {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let aws = sdk_config(proxy.url());
    let edge = Edge::on(&aws, &scene.sandbox.table, &scene.sandbox.queues.verifications).unhurried();
    let worker = scene.worker_on(&aws).await;
    let mut known = BTreeMap::new();
    let mut steps = (Units::default(), Units::default());
    for _ in 0..2 {
        drop(proxy.calls());
        let started = edge.start(MANAGER, "/workspaces/1/tenants/2/verifications").await.json();
        let start = Units::of(&proxy.calls(), &mut known);
        assert!(deliver(&worker, [delivery(started["id"].as_u64().unwrap().try_into().unwrap(), 1)]).await.is_empty());
        steps = (start, Units::of(&proxy.calls(), &mut known));
    }
    steps
}

/// The bytes that the functions log of a run: start and worker, without whoever looks at it.
async fn logged() -> usize {
    let stack = shared::own_stack([].into()).await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let api = stack.api(OPERATOR);
    for _ in 0..LOGGED {
        let started = api.post(&customer.verifications(), &json!({})).await.unwrap();
        api.completed(started.header("location").unwrap(), PATIENCE).await.unwrap();
    }
    let logs = stack.logs().await.unwrap();
    let of_runs = logs.lines().filter(|line| !line.contains(r#""request.route":"GET"#) && line.starts_with('{'));
    // CloudWatch adds 26 bytes to each.
    let bytes = of_runs.map(|line| line.len() + 26).sum::<usize>() / LOGGED;
    println!("{bytes} bytes are logged of a run");
    bytes.next_multiple_of(512)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cost_is_that_of_the_calls_the_items_and_the_log() {
    let ((start, execution), log) = (measured().await, logged().await);
    let mut text = format!(
        "# Cost\n\nWhat verifications cost on AWS, in US dollars a million, computed by `tests/it/cost` from the calls that are made, the \
         sizes of the items that are written and the lines that are logged. `UPDATE_EXAMPLES=1 cargo test --test it cost::` makes this file; \
         CI holds that it is up to date. {}\n\n",
        prices::ABOUT
    );
    writeln!(
        text,
        "A verification writes {} units, reads {} and logs {:.1} KB.\n",
        start.written() + execution.written(),
        start.reads + execution.reads,
        kilobytes(log)
    )
    .unwrap();
    let ways = [Bill::one_by_one(&start, &execution, log), Bill::in_bulk(&start, &execution, log)];
    text += "| | one by one | in bulk |\n|---|---:|---:|\n";
    for (row, one) in ways[0].rows.iter().enumerate() {
        writeln!(text, "| {} | {:.2} | {:.2} |", one.0, one.1, ways[1].rows[row].1).unwrap();
    }
    writeln!(text, "| **together** | **{:.2}** | **{:.2}** |\n", ways[0].total(), ways[1].total()).unwrap();
    text += prices::ASSUMED;
    text += "\n## Write units\n\nSizes are rounded up to a quarter of a kilobyte.\n\n| step | item | bytes | units |\n|---|---|---:|---:|\n";
    for (step, units) in [("start", &start), ("worker", &execution)] {
        for written in &units.writes {
            writeln!(text, "| {step} | {} | {} | {} |", written.name(), written.bytes(), written.units()).unwrap();
        }
    }
    text += "\n## What was saved\n\nThe same writes in the forms of before, the latest saving first.\n\n";
    text += "| what | units before | units after |\n|---|---:|---:|\n";
    let mut forms = Vec::new();
    for (what, form) in SAVED {
        let units = |forms: &[Form]| start.written_in(forms) + execution.written_in(forms);
        let after = units(&forms);
        forms.push(form);
        writeln!(text, "| {what} | {} | {after} |", units(&forms)).unwrap();
    }
    text += prices::SAVED_OTHERWISE;
    text += "\n## Prices\n\n| what | dollars | a |\n|---|---:|---|\n";
    for (what, dollars, unit) in PRICES {
        writeln!(text, "| {what} | {dollars} | {unit} |").unwrap();
    }
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    assert_eq!(
        fs::read_to_string(FILE).unwrap_or_default(),
        text,
        "COST.md is old: UPDATE_EXAMPLES=1 cargo test --test it cost::"
    );
}

fn kilobytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap()) / 1024.0
}
