//! `tenantcheck forget` when something comes in between.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use harness::fault_proxy::{Fault, FaultProxy};
use harness::scene;
use store::{Archived, Forgettable, Forgotten};
use tokio::sync::Barrier;

use super::forget::slot;
use super::table::{Table, text};

super::on_both_emulators! {
    an_interrupted_call_is_code_1_and_the_same_again_removes_the_rest,
    conflicts_and_throttling_are_waited_out,
    a_tenant_that_was_changed_meanwhile_is_not_forgotten,
    a_tenant_that_is_brought_back_during_the_removal_keeps_what_it_has,
    what_a_start_leaves_during_the_removal_goes_too,
    a_start_that_was_on_its_way_ends_before_its_run_is_removed,
}

const FORGET: [&str; 3] = ["forget", "2", "--yes"];

const TRANSACT: &str = "TransactWriteItems";

/// The transactions that remove a tenant with a short history: the entitlements, the connections 3 and 4 with their claims, the rest
/// of the tenant's partition, what lies beside the runs, the runs and the session. The audit event is written before them.
const REMOVALS: usize = 6;

/// How often the SDK sends a request that is not answered.
const SDK_TRIES: usize = 4;

/// The keys of what is left, but the audit events.
async fn left(table: &Table) -> Vec<String> {
    table.items().await.into_keys().filter(|key| !key.starts_with("AUDIT#")).collect()
}

async fn archived(table: &Table) -> Archived {
    match table.store.forgettable("2".parse().unwrap()).await.unwrap() {
        Forgettable::Yes(archived) => archived,
        other => panic!("not forgettable: {other:?}"),
    }
}

async fn an_interrupted_call_is_code_1_and_the_same_again_removes_the_rest(mut table: Table) {
    table.apply_example("archived").await;
    let nothing = left(&table).await;
    table.put_history(2, 41..43).await;
    let proxy = table.behind_proxy().await;
    // Each removal is once the last one that is done, because its answer never comes: whatever a call leaves, the next one finds.
    let mut calls = 0;
    loop {
        calls += 1;
        proxy.inject(Fault::Spared { operation: TRANSACT });
        (0..SDK_TRIES).for_each(|_| proxy.inject(Fault::LostAnswer { operation: TRANSACT }));
        let done = table.tenantcheck(&FORGET).await;
        if proxy.faults_left() > 0 {
            done.printed(0);
            break;
        }
        let error = done.complained(1);
        assert!(error.starts_with("tenantcheck: the table does not take part: the table does not answer"), "{error}");
    }
    assert_eq!(calls, REMOVALS + 1, "the last one has nothing to remove");
    let gone =
        |key: &String| key.contains("MEMBER#") && key.ends_with("#0000000000000002") || key.contains("CONNECTION#");
    let expected: Vec<String> = nothing.into_iter().filter(|key| !gone(key)).collect();
    assert_eq!(left(&table).await, expected);
}

async fn conflicts_and_throttling_are_waited_out(mut table: Table) {
    table.apply_example("archived").await;
    table.put_history(2, 41..61).await;
    let proxy = table.behind_proxy().await;
    proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[0] });
    proxy.inject(Fault::Spared { operation: TRANSACT });
    proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[0] });
    proxy.inject(Fault::Cancelled { code: "ThrottlingError", places: &[1, 2] });
    proxy.inject(Fault::LostAnswer { operation: TRANSACT });
    table.tenantcheck(&FORGET).await.printed(0);
    assert_eq!(proxy.faults_left(), 0);
    let theirs: Vec<_> = left(&table).await.into_iter().filter(|key| key.contains("#0000000000000002")).collect();
    assert_eq!(theirs, ["TENANT#0000000000000002 / TENANT"]);
}

async fn a_tenant_that_was_changed_meanwhile_is_not_forgotten(table: Table) {
    table.apply_example("archived").await;
    table.put_history(2, 41..43).await;
    let looked_at = archived(&table).await;
    table.apply_example("active").await;
    let mut before = table.items().await;
    assert_eq!(
        table.store.forget(&looked_at, harness::directory::operator(), scene::now()).await.unwrap(),
        Forgotten::Changed
    );
    assert_eq!(table.items().await, before);

    // Archived once more, it is another decision.
    table.apply_example("archived").await;
    before = table.items().await;
    assert_eq!(
        table.store.forget(&looked_at, harness::directory::operator(), scene::now()).await.unwrap(),
        Forgotten::Changed
    );
    assert_eq!(table.items().await, before);

    // The version alone would not do.
    let mut tenant = before["TENANT#0000000000000002 / TENANT"].clone();
    let looked_at = archived(&table).await;
    tenant.insert("status".to_owned(), AttributeValue::S("active".to_owned()));
    table.put(tenant).await;
    assert_eq!(
        table.store.forget(&looked_at, harness::directory::operator(), scene::now()).await.unwrap(),
        Forgotten::Changed
    );
    assert_eq!(table.items().await.len(), before.len());
}

async fn a_tenant_that_is_brought_back_during_the_removal_keeps_what_it_has(mut table: Table) {
    let proxy = table.behind_proxy().await;
    let mut complaints = String::new();
    for done in 0..REMOVALS {
        table.apply_example("archived").await;
        table.put_history(2, 41..43).await;
        let gate = hold_after(&proxy, done);
        let brought_back = async {
            gate.wait().await;
            table.apply_example("active").await;
            let items = table.items().await;
            gate.wait().await;
            items
        };
        let (forget, live) = tokio::join!(table.tenantcheck(&FORGET), brought_back);
        complaints += &forget.complained(1);
        assert_eq!(table.items().await, live, "after {done} removals");
        assert_eq!(text(&live["TENANT#0000000000000002 / TENANT"], "status"), "active");
        for id in ["0000000000000003", "0000000000000004"] {
            let [connection, claim] =
                [format!("TENANT#0000000000000002 / CONNECTION#{id}"), format!("CONNECTION#{id} / TENANT")];
            assert!(live.contains_key(&connection) && live.contains_key(&claim), "after {done} removals: {id}");
        }
    }
    insta::assert_snapshot!("brought_back", complaints);
}

/// Lets the audit event and so many removals through and holds up the next.
fn hold_after(proxy: &FaultProxy, removals: usize) -> Arc<Barrier> {
    (0..=removals).for_each(|_| proxy.inject(Fault::Spared { operation: TRANSACT }));
    let gate = Arc::new(Barrier::new(2));
    proxy.inject(Fault::Held { operation: TRANSACT, gate: gate.clone() });
    gate
}

async fn what_a_start_leaves_during_the_removal_goes_too(mut table: Table) {
    table.apply_example("archived").await;
    table.put_history(2, 41..43).await;
    let proxy = table.behind_proxy().await;
    let gate = hold_after(&proxy, REMOVALS - 1);
    let started = async {
        gate.wait().await;
        table.put_history(2, 43..44).await;
        gate.wait().await;
    };
    let (forget, ()) = tokio::join!(table.tenantcheck(&FORGET), started);
    forget.printed(0);
    let theirs = |key: &String| key.starts_with("RUN#") || key.starts_with("TENANT#0000000000000002");
    let theirs: Vec<_> = left(&table).await.into_iter().filter(theirs).collect();
    assert_eq!(theirs, ["TENANT#0000000000000002 / TENANT"]);
}

async fn a_start_that_was_on_its_way_ends_before_its_run_is_removed(table: Table) {
    table.apply_example("archived").await;
    table.put_history(2, 41..42).await;
    let looked_at = archived(&table).await;
    table.put(slot()).await;
    let forgotten = table.store.forget(&looked_at, harness::directory::operator(), scene::now()).await.unwrap();
    let Forgotten::Overtaken(run, removed) = forgotten else { panic!("{forgotten:?}") };
    assert_eq!((run.get(), removed.to_string().as_str()), (41, "entitlement 2"));
    let left = left(&table).await;
    assert!(left.iter().any(|key| key == "RUN#0000000000000041 / REPORT"), "{left:?}");
}
