//! What a page of a list costs does not depend on how many runs there are.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::access::Capability;
use domain::id::RunId;
use domain::run_list::RunFilter;
use domain::time::Timestamp;
use store::RunQuery;

use super::bench::{Bench, Item};
use super::seeds::{blocked, entitled, id, made, now, queued, saved, seed};

/// The item of the run that was made this many minutes before now.
fn run(pattern: &Item, minutes: u32) -> Item {
    let created_at: Timestamp = now() - Duration::from_mins(1) * minutes;
    let id = RunId::new(created_at, 0).get();
    let key = format!("RUN#{id:016}");
    let mut item = pattern.clone();
    for name in ["pk", "gsi1sk", "gsi2sk"] {
        item.insert(name.to_owned(), AttributeValue::S(key.clone()));
    }
    item.insert("id".to_owned(), AttributeValue::N(id.to_string()));
    item.insert("created_at".to_owned(), AttributeValue::S(created_at.to_string()));
    item
}

#[tokio::test]
async fn a_page_of_50_costs_the_same_with_100_runs_and_with_10_000() {
    let bench = Bench::on_dynoxide().await;
    seed(&bench).await;
    let fresh = blocked(&queued(41), None);
    saved(bench.store.complete(now(), None, |_| made(fresh.clone())).await.unwrap());
    let pattern = bench.item("RUN#0000000000000041/RUN").await;
    bench.delete(&pattern).await;

    let (mut costs, mut printed) = (Vec::new(), String::new());
    for minutes in [1..=100, 101..=10_000] {
        let runs = *minutes.end();
        bench.put_all(minutes.map(|minutes| run(&pattern, minutes)).collect()).await;
        let filter = RunFilter::default();
        let query = RunQuery { ids: filter.ids(None, now()).unwrap(), filter, page_size: 50 };
        let entitled = [entitled(1, 2, Capability::ViewVerification)];
        drop(bench.proxy.calls());
        bench.proxy.count_capacity();
        let page = bench.store.list_runs(id(1), &entitled, &query, now()).await.unwrap();
        assert_eq!((page.runs.len(), bench.proxy.calls().len()), (50, 1));
        assert_eq!(page.runs[0].header.id, RunId::new(now() - Duration::from_mins(1), 0));
        costs.push(bench.proxy.capacity());
        printed += &format!("{runs} runs: {} read units\n", bench.proxy.capacity());
    }
    insta::assert_snapshot!("read_units_of_a_page_of_50", printed);
    assert!(costs[0] > 0.0 && (costs[0] - costs[1]).abs() < f64::EPSILON, "{costs:?}");
}
