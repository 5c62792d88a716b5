//! `tenantcheck forget` when something comes in between.

use aws_sdk_dynamodb::types::AttributeValue;
use harness::fault_proxy::Fault;
use harness::scene;
use store::{Archived, Forgettable, Forgotten};

use super::forget::slot;
use super::table::Table;

super::on_both_emulators! {
    an_interrupted_call_is_code_1_and_the_same_again_removes_the_rest,
    what_stays_unprocessed_is_sent_again,
    a_tenant_that_was_changed_meanwhile_is_not_forgotten,
    a_start_that_was_on_its_way_ends_before_its_run_is_removed,
}

const FORGET: [&str; 3] = ["forget", "2", "--yes"];

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
    // Each batch is once the last one that is done, because its answer never comes: whatever a call leaves, the next one finds.
    let mut calls = 0;
    loop {
        calls += 1;
        (0..SDK_TRIES).for_each(|_| proxy.inject(Fault::LostAnswer { operation: "BatchWriteItem" }));
        let done = table.tenantcheck(&FORGET).await;
        if proxy.faults_left() > 0 {
            done.printed(0);
            break;
        }
        let error = done.complained(1);
        assert!(error.starts_with("tenantcheck: the table does not take part: the table does not answer"), "{error}");
    }
    assert_eq!(calls, 5, "entitlements, the tenant's partition, what lies beside the runs, the runs, and nothing more");
    let gone =
        |key: &String| key.contains("MEMBER#") && key.ends_with("#0000000000000002") || key.contains("CONNECTION#");
    let expected: Vec<String> = nothing.into_iter().filter(|key| !gone(key)).collect();
    assert_eq!(left(&table).await, expected);
}

async fn what_stays_unprocessed_is_sent_again(mut table: Table) {
    table.apply_example("archived").await;
    // Entitlements are removed again and again until none is found, which would hide what was not sent again.
    for user in ["ada", "grace"] {
        table.delete(&format!("MEMBER#{:016}#{user}", 1), "TENANT#0000000000000002").await;
    }
    table.put_history(2, 41..61).await;
    let proxy = table.behind_proxy().await;
    proxy.inject(Fault::UnprocessedWrites { writes: 3 });
    proxy.inject(Fault::UnprocessedWrites { writes: 25 });
    proxy.inject(Fault::UnprocessedWrites { writes: 1 });
    proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[0] });
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
    assert_eq!(table.store.forget(&looked_at, scene::now()).await.unwrap(), Forgotten::Changed);
    assert_eq!(table.items().await, before);

    // Archived once more, it is another decision.
    table.apply_example("archived").await;
    before = table.items().await;
    assert_eq!(table.store.forget(&looked_at, scene::now()).await.unwrap(), Forgotten::Changed);
    assert_eq!(table.items().await, before);

    // The version alone would not do.
    let mut tenant = before["TENANT#0000000000000002 / TENANT"].clone();
    let looked_at = archived(&table).await;
    tenant.insert("status".to_owned(), AttributeValue::S("active".to_owned()));
    table.put(tenant).await;
    assert_eq!(table.store.forget(&looked_at, scene::now()).await.unwrap(), Forgotten::Changed);
    assert_eq!(table.items().await.len(), before.len());
}

async fn a_start_that_was_on_its_way_ends_before_its_run_is_removed(table: Table) {
    table.apply_example("archived").await;
    table.put_history(2, 41..42).await;
    let looked_at = archived(&table).await;
    table.put(slot()).await;
    let forgotten = table.store.forget(&looked_at, scene::now()).await.unwrap();
    let Forgotten::Overtaken(run, removed) = forgotten else { panic!("{forgotten:?}") };
    assert_eq!((run.get(), removed.to_string().as_str()), (41, "entitlement 2"));
    let left = left(&table).await;
    assert!(left.iter().any(|key| key == "RUN#0000000000000041 / REPORT"), "{left:?}");
}
