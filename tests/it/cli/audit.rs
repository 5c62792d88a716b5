//! `tenantcheck audit`: the trail over days and shards, filtered, without what has expired.

use serde_json::Value;

use super::table::{Table, item, with, with_numbers};

super::on_both_emulators! {
    events_of_all_days_and_shards_are_listed_newest_first,
    each_filter_leaves_what_it_names,
    a_range_that_is_none_is_code_2,
    an_event_that_cannot_be_read_is_named_and_the_rest_is_listed,
}

/// After everything here.
const FAR: u64 = 4_102_444_800;

/// Puts an event of workspace 1, tenant 2.
async fn put(table: &Table, id: u64, at: &str, action: &str, more: &[(&str, &str)], ttl: u64) {
    let partition = format!("AUDIT#{:016}#{}#{}", 1, &at[..10], id % 8);
    let event = with(item(&partition, &format!("{id:016}"), "audit_event"), &[("at", at), ("action", action)]);
    let event = with_numbers(event, &[("id", id), ("workspace_id", 1), ("tenant_id", 2), ("ttl", ttl)]);
    table.put(with(event, more)).await;
}

async fn seed(table: &Table) {
    put(table, 99, "2026-10-30T23:59:59.999Z", "verification.started", &[("actor", "early")], FAR).await;
    put(table, 101, "2026-10-31T00:00:00.000Z", "verification.started", &[("actor", "ada")], FAR).await;
    put(table, 102, "2026-10-31T08:00:00.000Z", "verification.blocked", &[("reason_code", "x\u{1b}[2J")], FAR).await;
    put(table, 110, "2026-11-01T08:00:00.000Z", "directory.applied", &[], FAR).await;
    let check = [("check_key", "permissions.intune_apps"), ("actor", "grace")];
    put(table, 111, "2026-11-01T09:00:00.000Z", "verification.check_acknowledged", &check, FAR).await;
    put(table, 112, "2026-11-01T10:00:00.000Z", "verification.completed", &[("actor", "expired")], 1).await;
    put(table, 120, "2026-11-02T10:00:00.001Z", "verification.completed", &[("actor", "late")], FAR).await;
}

const RANGE: [&str; 7] = ["audit", "--workspace", "1", "--since", "2026-10-31", "--until", "2026-11-02T10:00:00Z"];

async fn events_of_all_days_and_shards_are_listed_newest_first(table: Table) {
    seed(&table).await;
    insta::assert_snapshot!("audit_table", table.tenantcheck(&RANGE).await.printed(0));
    insta::assert_snapshot!("audit_json", table.tenantcheck(&[&RANGE[..], &["-o", "json"]].concat()).await.printed(0));
    let other = ["audit", "--workspace", "2", "--since", "2026-10-31", "--until", "2026-11-03"];
    assert_eq!(table.tenantcheck(&other).await.printed(0), "no events\n");
}

async fn each_filter_leaves_what_it_names(table: Table) {
    seed(&table).await;
    for (filter, ids) in [
        (&[][..], "111\n110\n102\n101\n"),
        (&["--action", "verification.started"], "101\n"),
        (&["--action", "verification.started", "--action", "directory.applied"], "110\n101\n"),
        (&["--actor", "grace"], "111\n"),
        (&["--tenant", "2", "--limit", "2"], "111\n110\n"),
        (&["--tenant", "5"], ""),
        (&["--run", "41"], ""),
    ] {
        let arguments = [&RANGE[..], filter, &["-o", "quiet"]].concat();
        assert_eq!(table.tenantcheck(&arguments).await.printed(0), ids, "{filter:?}");
    }
    let json = [&RANGE[..], &["-o", "json", "--actor", "nobody"]].concat();
    assert_eq!(
        serde_json::from_str::<Value>(&table.tenantcheck(&json).await.printed(0)).unwrap(),
        Value::Array(Vec::new())
    );
}

async fn a_range_that_is_none_is_code_2(table: Table) {
    let audit = async |since, until| {
        table.tenantcheck(&["audit", "--workspace", "1", "--since", since, "--until", until]).await.complained(2)
    };
    assert_eq!(
        audit("2025-01-01", "2026-11-01").await,
        "tenantcheck: --since and --until are more than 400 days apart\n"
    );
    assert!(audit("2026-11-02", "2026-11-01").await.contains("is before --since"));
    assert!(audit("yesterday", "2026-11-01").await.contains("7d"));
}

async fn an_event_that_cannot_be_read_is_named_and_the_rest_is_listed(table: Table) {
    seed(&table).await;
    put(&table, 121, "2026-11-01T11:00:00.000Z", "verification.dreamt", &[], FAR).await;
    let newer = item(&format!("AUDIT#{:016}#2026-11-01#0", 1), "0000000000000128", "audit_digest");
    table.put(newer).await;
    let done = table.tenantcheck(&[&RANGE[..], &["-o", "quiet"]].concat()).await;
    assert_eq!((done.code, done.out.as_str()), (Some(0), "111\n110\n102\n101\n"), "{}", done.error);
    insta::assert_snapshot!("audit_left_out", done.error);
}
