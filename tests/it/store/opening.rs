//! Opening a run: new, the same one already active, another operation in the way, an id that is taken.

use domain::access::{Authority, Capability};
use domain::audit::AuditAction;
use domain::operation_run::OperationRun;
use store::{CompleteError, Completed, Deduplicated, Opened, Origin, StartConditions, StoreError};

use super::bench::{Bench, text, with};
use super::on_both_emulators;
use super::seeds::{
    BOUNDS, LEASE, blocked, entitled, event, header, header_of, id, made, now, open, queued, started, starter,
};

on_both_emulators! {
    a_new_run_is_opened_with_its_slot_and_audit_event,
    a_second_start_is_given_the_active_run,
    another_operation_keeps_the_connection_busy,
    an_id_that_is_taken_is_told_and_nothing_is_written,
    another_connection_is_opened_beside_it,
    rights_for_another_scope_open_nothing,
    only_queued_runs_with_a_connection_are_opened,
    audit_events_with_the_same_id_are_both_kept,
    a_deduplicated_start_is_recorded_and_answered_with_the_active_run,
    a_run_of_another_scope_is_not_given_as_duplicate,
}

async fn a_new_run_is_opened_with_its_slot_and_audit_event(bench: &Bench) {
    open(bench, 41).await;
    let calls = bench.proxy.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].operation, "TransactWriteItems");
    let keys = bench.keys().await;
    let kinds = ["AUDIT#0000000000000001#2026-11-01#3/", "RUN#0000000000000041/RUN", "TENANT#0000000000000002/ACTIVE#"];
    assert_eq!(keys.len(), kinds.len());
    assert!(keys.iter().zip(kinds).all(|(key, kind)| key.starts_with(kind)), "{keys:?}");
    let slot = bench.item("ACTIVE#").await;
    assert_eq!((text(&slot, "gsi3pk"), text(&slot, "gsi3sk")), ("ACTIVE#1", "2026-11-01T08:00:00.000Z"));
    assert_eq!(bench.store.load_run(id(41), now()).await.unwrap(), Some(queued(41)));
}

async fn a_second_start_is_given_the_active_run(bench: &Bench) {
    open(bench, 41).await;
    let before = bench.everything().await;
    let second = queued(42);
    let opened = bench.store.open(starter(), &second, &started(&second), &StartConditions::default()).await.unwrap();
    assert_eq!(opened, Opened::Active(id(41)));
    assert_eq!(bench.everything().await, before);
}

async fn another_operation_keeps_the_connection_busy(bench: &Bench) {
    open(bench, 41).await;
    // As a program that knows more operations writes it.
    let slot = with(bench.item("ACTIVE#").await, "type", aws("provider.inventory.sync"));
    bench.put(with(slot, "run_identity_hash", aws(&"ab".repeat(32)))).await;
    let second = queued(42);
    let opened = bench.store.open(starter(), &second, &started(&second), &StartConditions::default()).await.unwrap();
    assert_eq!(opened, Opened::Busy(id(41)));
}

async fn an_id_that_is_taken_is_told_and_nothing_is_written(bench: &Bench) {
    open(bench, 41).await;
    let before = bench.everything().await;
    let same_id = OperationRun::queue(header_of(41, Some(id(4))));
    let audit = event(AuditAction::VerificationBlocked, &same_id.header);
    assert_eq!(
        bench.store.open(starter(), &same_id, &audit, &StartConditions::default()).await.unwrap(),
        Opened::IdTaken
    );
    assert_eq!(bench.everything().await, before);
}

async fn another_connection_is_opened_beside_it(bench: &Bench) {
    open(bench, 41).await;
    let other = OperationRun::queue(header_of(42, Some(id(4))));
    assert_eq!(
        bench.store.open(starter(), &other, &started(&other), &StartConditions::default()).await.unwrap(),
        Opened::New
    );
}

async fn rights_for_another_scope_open_nothing(bench: &Bench) {
    let run = queued(41);
    for foreign in [
        entitled(1, 9, Capability::RunProvider),
        entitled(9, 2, Capability::RunProvider),
        entitled(1, 2, Capability::ViewVerification),
    ] {
        let refused =
            bench.store.open(Authority::Entitled(foreign), &run, &started(&run), &StartConditions::default()).await;
        assert!(matches!(refused, Err(StoreError::Foreign)), "{refused:?}");
        let origin = Origin::Fresh { authority: Authority::Entitled(foreign), conditions: StartConditions::default() };
        let blocked = |previous| made(Completed { origin: origin.clone(), ..blocked(&run, previous) });
        let refused = bench.store.complete(now(), None, blocked).await;
        assert!(matches!(refused, Err(CompleteError::Store(StoreError::Foreign))), "{refused:?}");
    }
    let mut foreign_audit = started(&run);
    foreign_audit.tenant_id = Some(id(9));
    assert!(matches!(
        bench.store.open(starter(), &run, &foreign_audit, &StartConditions::default()).await,
        Err(StoreError::Foreign)
    ));
    assert!(bench.keys().await.is_empty());
    assert!(bench.proxy.calls().is_empty());
}

async fn only_queued_runs_with_a_connection_are_opened(bench: &Bench) {
    let running = queued(41).claim(now(), now() + LEASE, &BOUNDS).unwrap();
    let without = OperationRun::queue(header_of(41, None));
    for run in [running, without] {
        let refused = bench.store.open(starter(), &run, &started(&run), &StartConditions::default()).await;
        assert!(matches!(refused, Err(StoreError::Unfit { .. })), "{refused:?}");
    }
    assert!(bench.keys().await.is_empty());
}

async fn audit_events_with_the_same_id_are_both_kept(bench: &Bench) {
    open(bench, 41).await;
    let other = OperationRun::queue(header_of(42, Some(id(4))));
    let mut audit = started(&other);
    audit.id = started(&queued(41)).id;
    assert_eq!(bench.store.open(starter(), &other, &audit, &StartConditions::default()).await.unwrap(), Opened::New);
    let events = bench.keys().await.into_iter().filter(|key| key.starts_with("AUDIT#")).count();
    assert_eq!(events, 2);
}

async fn a_deduplicated_start_is_recorded_and_answered_with_the_active_run(bench: &Bench) {
    open(bench, 41).await;
    drop(bench.proxy.calls());
    let audit = event(AuditAction::VerificationDeduplicated, &header(41));
    let run = bench.store.deduplicated(starter(), id(41), &audit, &StartConditions::default()).await.unwrap();
    assert_eq!(run, Deduplicated::Done(Some(Box::new(queued(41)))));
    let mut operations: Vec<_> = bench.proxy.calls().into_iter().map(|call| call.operation).collect();
    operations.sort_unstable();
    assert_eq!(operations, ["GetItem", "TransactWriteItems"]);
    assert_eq!(text(&bench.item("/0000000000000412").await, "action"), "verification.deduplicated");
    let vanished = bench.store.deduplicated(starter(), id(77), &audit, &StartConditions::default()).await.unwrap();
    assert_eq!(vanished, Deduplicated::Done(None));
}

async fn a_run_of_another_scope_is_not_given_as_duplicate(bench: &Bench) {
    open(bench, 41).await;
    let elsewhere = entitled(1, 9, Capability::RunProvider);
    let mut audit = event(AuditAction::VerificationDeduplicated, &header(41));
    assert!(matches!(
        bench.store.deduplicated(Authority::Entitled(elsewhere), id(41), &audit, &StartConditions::default()).await,
        Err(StoreError::Foreign)
    ));
    audit.tenant_id = Some(id(9));
    assert!(matches!(
        bench.store.deduplicated(Authority::Entitled(elsewhere), id(41), &audit, &StartConditions::default()).await,
        Err(StoreError::Foreign)
    ));
}

fn aws(value: &str) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned())
}
