//! `tenantcheck forget`: what it refuses, what it removes, and what it leaves alone.

use super::table::{OPERATOR_ARN, Table, item, text, with, with_numbers};

super::on_both_emulators! {
    what_is_not_archived_or_still_runs_is_refused_and_nothing_removed,
    everything_goes_but_the_tenant_and_the_audit_events,
    neighbours_stay_as_they_are,
    a_connection_that_cannot_be_read_goes_like_the_rest,
}

const FORGET: [&str; 3] = ["forget", "2", "--yes"];

async fn what_is_not_archived_or_still_runs_is_refused_and_nothing_removed(table: Table) {
    table.apply_example("active").await;
    table.put_history(2, 41..42).await;
    let before = table.items().await;
    let mut refusals = table.tenantcheck(&["forget", "7", "--yes"]).await.complained(2);
    refusals += &table.tenantcheck(&FORGET).await.complained(2);
    assert_eq!(table.items().await, before);

    table.apply_example("archived").await;
    let before = table.items().await;
    refusals += &table.tenantcheck(&["forget", "2"]).await.complained(2);
    assert_eq!(table.items().await, before);

    table.put(slot()).await;
    let before = table.items().await;
    refusals += &table.tenantcheck(&FORGET).await.complained(2);
    assert_eq!(table.items().await, before);
    insta::assert_snapshot!("refusals", refusals);
}

/// Run 41 is active on connection 3 of tenant 2.
pub(super) fn slot() -> super::table::Item {
    let slot = item("TENANT#0000000000000002", "ACTIVE#0000000000000003", "active_slot");
    let slot = with(slot, &[("type", "provider.connection.check"), ("run_identity_hash", &"a".repeat(64))]);
    with_numbers(slot, &[("connection_id", 3), ("run_id", 41)])
}

async fn everything_goes_but_the_tenant_and_the_audit_events(table: Table) {
    table.apply_example("archived").await;
    // More than any transaction takes, beside the runs and of the runs themselves.
    table.put_history(2, 41..151).await;
    let event = item("AUDIT#0000000000000001#2026-11-01#1", "0000000000000041", "audit_event");
    table.put(with_numbers(event, &[("tenant_id", 2)])).await;
    let tenant = table.items().await["TENANT#0000000000000002 / TENANT"].clone();

    insta::assert_snapshot!("removed", table.tenantcheck(&FORGET).await.printed(0));
    let items = table.items().await;
    assert_eq!(items["TENANT#0000000000000002 / TENANT"], tenant, "its id is not given away again");
    let mut keys: Vec<&str> = items.keys().map(String::as_str).filter(|key| !key.starts_with("AUDIT#")).collect();
    keys.sort_unstable();
    insta::assert_snapshot!("left", keys.join("\n"));
    let audited = |action: &str| items.values().filter(|item| text(item, "action") == action).count();
    assert_eq!(audited("tenant.forgotten"), 1);
    let event = items.values().find(|item| text(item, "action") == "tenant.forgotten").unwrap();
    assert_eq!(
        (event["tenant_id"].as_n().unwrap().as_str(), event["workspace_id"].as_n().unwrap().as_str()),
        ("2", "1")
    );
    assert_eq!(text(event, "operator"), OPERATOR_ARN, "whoever holds the credentials");
    assert!(items.contains_key("AUDIT#0000000000000001#2026-11-01#1 / 0000000000000041"));

    let again = table.tenantcheck(&FORGET).await.printed(0);
    assert!(again.starts_with("tenant 2 (Contoso) is forgotten: 0 items removed\n"), "{again}");
    let after = table.items().await;
    assert!(items.iter().all(|(key, item)| after.get(key) == Some(item)));
    assert_eq!(after.len(), items.len() + 1, "who forgot it once more is recorded too");
}

async fn neighbours_stay_as_they_are(table: Table) {
    table.apply_example("archived").await;
    table.put_history(5, 81..84).await;
    // Another tenant has a connection of this number by now.
    table
        .put(with_numbers(item("CONNECTION#0000000000000004", "TENANT", "connection_claim"), &[("tenant_id", 5)]))
        .await;
    let before = table.items().await;
    let neighbours = before
        .iter()
        .filter(|(key, _)| !key.contains("#0000000000000002") && !key.starts_with("CONNECTION#0000000000000003"));
    let neighbours: Vec<_> = neighbours.collect();
    table.put_history(2, 41..43).await;

    table.tenantcheck(&FORGET).await.printed(0);
    let after = table.items().await;
    for (key, item) in &neighbours {
        assert_eq!(after.get(*key), Some(*item), "{key}");
    }
    assert_eq!(after.len(), neighbours.len() + 2, "the tenant and the event besides: {:?}", after.keys());
    let apps = neighbours.iter().filter(|(key, _)| key.starts_with("APP#")).count();
    assert_eq!(apps, 2, "whose its apps were stays known");
}

async fn a_connection_that_cannot_be_read_goes_like_the_rest(table: Table) {
    table.apply_example("archived").await;
    table.put(item("TENANT#0000000000000002", "CONNECTION#0000000000000003", "connection")).await;
    let removed = table.tenantcheck(&FORGET).await.printed(0);
    assert!(removed.contains("connection        2"), "{removed}");
    let items = table.items().await;
    assert!(!items.keys().any(|key| key.contains("CONNECTION#")), "{:?}", items.keys());
}
