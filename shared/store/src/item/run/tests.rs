//! A run in each state as it is stored, there and back.

use std::time::Duration;

use super::*;
use crate::testing;

const RETENTION: Duration = Duration::from_hours(24 * 90);

#[test]
fn a_run_comes_back_from_its_item_in_every_state() {
    for (state, run) in testing::runs() {
        let item = of_run(&run, RETENTION, "token");
        assert_eq!(to_run(item).expect("readable"), run, "{state}");
    }
}

#[test]
fn a_run_is_stored_as_the_table_of_attributes_says() {
    let items: String = testing::runs()
        .into_iter()
        .filter(|(state, _)| ["queued", "succeeded", "blocked"].contains(state))
        .map(|(state, run)| format!("--- {state}\n{}", testing::show(&of_run(&run, RETENTION, "token"))))
        .collect();
    insta::assert_snapshot!("run_items", items);
}

#[test]
fn only_completed_runs_vanish() {
    for (state, run) in testing::runs() {
        let item = of_run(&run, RETENTION, "token");
        assert_eq!(item.contains_key("ttl"), !run.is_active(), "{state}");
        let kept = testing::now() + RETENTION;
        assert_eq!(item::live(item.clone(), kept).is_some(), run.is_active(), "{state}");
        assert!(item::live(item, kept - Duration::from_secs(1)).is_some(), "{state}");
    }
}

#[test]
fn an_item_that_lacks_what_its_state_needs_is_corrupt() {
    let item = |state| {
        let run = testing::runs().into_iter().find(|(name, _)| *name == state).expect("a state").1;
        of_run(&run, RETENTION, "token")
    };
    for (state, attribute) in [
        ("running", "lease_until"),
        ("running", "started_at"),
        ("succeeded", "completed_at"),
        ("succeeded", "fingerprint"),
        ("succeeded", "overall"),
        ("succeeded", "compared_fingerprint"),
        ("succeeded", "compared_with"),
        ("succeeded", "previous_report_id"),
        ("blocked", "failure_summary"),
        ("queued", "status"),
        ("queued", "entity"),
        ("queued", "run_identity_hash"),
    ] {
        let mut item = item(state);
        item.remove(attribute).expect("the item has it");
        let Err(Damaged { entity, key, .. }) = to_run(item) else {
            panic!("a {state} run without {attribute} was read");
        };
        assert_eq!((entity, key.to_string().as_str()), ("run", "RUN#0000000000000041/RUN"));
    }
    let mut pending = item("succeeded");
    pending.insert("outcome".to_owned(), item::text("pending"));
    assert!(matches!(to_run(pending), Err(Damaged { .. })));
    let mut newer = item("queued");
    newer.insert("status".to_owned(), item::text("paused"));
    assert!(matches!(to_run(newer), Err(Damaged { .. })));
}
