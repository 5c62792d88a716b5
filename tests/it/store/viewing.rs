//! What the viewer reads.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::access::{Capability, Denied};
use harness::views;
use store::{Damaged, FoundRun, StoreError};

use super::bench::{Bench, RUN_RETENTION, with};
use super::on_both_emulators;
use super::seeds::{complete, connection, header, id, now, open, queued, seed, user};

on_both_emulators! {
    a_run_is_seen_with_its_report_and_the_one_before_it,
    an_active_run_has_no_report_whatever_is_stored,
    an_absent_run_costs_the_same_calls_as_a_foreign_one,
    what_has_expired_is_absent,
    a_compared_report_that_has_expired_is_absent,
    a_completed_run_without_its_report_is_an_error,
    a_tenant_is_seen_with_what_is_active_and_what_completed_last,
}

async fn a_run_is_seen_with_its_report_and_the_one_before_it(bench: &Bench) {
    seed(bench).await;
    let first = complete(bench, 41, now()).await;
    let second = complete(bench, 42, now()).await;
    drop(bench.proxy.calls());
    let head = bench.store.load_run_head(id(42), &user("ada"), now()).await.unwrap();
    let opened = head.open(Capability::ViewVerification).unwrap();
    let opened = bench.store.load_run_view(opened, now()).await.unwrap();
    assert!(opened.decide(Capability::AcknowledgeVerification).is_ok(), "a manager");
    let stored = opened.value;
    assert_eq!(stored.run, second.run);
    assert_eq!(stored.report_json(), Some(second.report.json()));
    assert_eq!(stored.compared_report.as_deref(), Some(first.report.json()));
    let acknowledged = format!("TENANT#0000000000000002/ACKED#{}", header(42).identity_hash);
    let expected = |operation: &str, keys: &[&str]| {
        (operation.to_owned(), keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>())
    };
    let rights = ["MEMBER#0000000000000001#ada/TENANT#0000000000000002", "MEMBER#0000000000000001#ada/WORKSPACE"];
    let mut calls: Vec<_> = bench.proxy.calls().into_iter().map(|call| (call.operation, call.keys)).collect();
    calls[2..].sort();
    assert_eq!(
        calls,
        [
            expected("GetItem", &["RUN#0000000000000042/RUN"]),
            expected("BatchGetItem", &rights),
            expected("BatchGetItem", &["RUN#0000000000000041/REPORT", &acknowledged]),
            expected("Query", &["RUN#0000000000000042 ACK# REPORT"]),
        ]
    );
}

async fn an_active_run_has_no_report_whatever_is_stored(bench: &Bench) {
    seed(bench).await;
    complete(bench, 40, now()).await;
    open(bench, 41).await;
    let stray = bench.item("40/REPORT").await;
    bench.put(with(stray, "pk", AttributeValue::S("RUN#0000000000000041".to_owned()))).await;
    let stored = views::run(&bench.store, id(41), &user("ada"), now()).await.unwrap();
    assert_eq!((stored.run, stored.report, stored.compared_report), (queued(41), None, None));
}

async fn an_absent_run_costs_the_same_calls_as_a_foreign_one(bench: &Bench) {
    seed(bench).await;
    complete(bench, 41, now()).await;
    drop(bench.proxy.calls());
    let foreign = bench.store.load_run_head(id(41), &user("eve"), now()).await.unwrap();
    assert_eq!(foreign.open(Capability::ViewVerification).map(drop), Err(Denied::Outsider));
    let foreign: Vec<_> = bench.proxy.calls().into_iter().map(|call| call.operation).collect();
    let absent = bench.store.load_run_head(id(77), &user("eve"), now()).await.unwrap();
    assert_eq!(absent.open(Capability::ViewVerification).map(drop), Err(Denied::Outsider));
    let absent: Vec<_> = bench.proxy.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(absent, foreign);
}

async fn what_has_expired_is_absent(bench: &Bench) {
    seed(bench).await;
    complete(bench, 41, now()).await;
    let (last, gone) = (now() + RUN_RETENTION - Duration::from_secs(1), now() + RUN_RETENTION);
    views::run(&bench.store, id(41), &user("ada"), last).await.unwrap();
    let view = bench.store.load_run_head(id(41), &user("ada"), gone).await.unwrap();
    assert_eq!(view.open(Capability::ViewVerification).map(drop), Err(Denied::Outsider));
    assert!(bench.store.load_run_with_report(id(41), gone).await.unwrap().is_none());
    assert!(bench.store.load_run(id(41), last).await.unwrap().is_some());
    assert!(bench.store.load_run(id(41), gone).await.unwrap().is_none());
    let found = async |at| bench.store.load_found_runs(&[id(41)], at).await.unwrap().remove(&id(41));
    assert!(matches!(found(last).await, Some(FoundRun::Run(_))));
    assert!(matches!(found(gone).await, Some(FoundRun::Gone)));
    let ada = user("ada");
    let of_tenant = async |at| views::tenant(&bench.store, (id(1), id(2)), &ada, at).await.unwrap();
    assert_eq!(of_tenant(last).await.latest.len(), 1);
    let view = of_tenant(gone).await;
    assert_eq!((view.latest.len(), view.health.len(), view.connections.len()), (0, 1, 1));
}

async fn a_compared_report_that_has_expired_is_absent(bench: &Bench) {
    seed(bench).await;
    complete(bench, 41, now()).await;
    complete(bench, 42, now() + Duration::from_hours(1)).await;
    let stored = views::run(&bench.store, id(42), &user("ada"), now() + RUN_RETENTION).await.unwrap();
    assert!(stored.report.is_some() && stored.compared_report.is_none());
}

async fn a_completed_run_without_its_report_is_an_error(bench: &Bench) {
    complete(bench, 41, now()).await;
    bench.delete(&bench.item("41/REPORT").await).await;
    let error = bench.store.load_run_with_report(id(41), now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(Damaged { entity: "report", .. })), "{error}");
    let asked = bench.proxy.calls().iter().filter(|call| call.operation == "Query").count();
    assert!(asked > 1, "it may only not have been visible yet");
}

async fn a_tenant_is_seen_with_what_is_active_and_what_completed_last(bench: &Bench) {
    seed(bench).await;
    let completed = complete(bench, 41, now()).await;
    open(bench, 42).await;
    drop(bench.proxy.calls());
    let view = views::tenant(&bench.store, (id(1), id(2)), &user("ada"), now()).await.unwrap();
    assert_eq!(view.connections, [connection(3)]);
    assert_eq!(view.health, [(id(3), completed.health.unwrap())]);
    assert_eq!(view.slots.iter().map(|slot| slot.run_id).collect::<Vec<_>>(), [id(42)]);
    let [latest] = view.latest.as_slice() else { panic!("{:?}", view.latest) };
    assert_eq!(latest.previous.run_id, id(41));
    assert_eq!(latest.identity_hash, header(41).identity_hash);
    let mut calls = bench.proxy.calls();
    calls.sort_by(|one, other| one.operation.cmp(&other.operation));
    assert_eq!(calls.iter().map(|call| call.operation.as_str()).collect::<Vec<_>>(), ["BatchGetItem", "Query"]);
    assert_eq!(calls[1].keys, ["TENANT#0000000000000002 ACKED# STATE#~"]);
}
