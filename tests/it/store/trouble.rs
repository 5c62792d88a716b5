//! What no emulator gives: conflicts alone and mixed with refused conditions, throttling, lost answers, unprocessed keys.

use domain::access::Capability;
use domain::audit::AuditAction;
use domain::check::Verdict;
use domain::operation_run::OperationRun;
use harness::fault_proxy::Fault;
use store::{Claim, Opened, Returned, Saved, StartConditions, StoreError};

use super::bench::Bench;
use super::on_both_emulators;
use super::seeds::{
    BOUNDS, LEASE, blocked, claim, complete, event, finished, header, header_of, id, made, now, open, queued, saved,
    seed, started, starter, user,
};

on_both_emulators! {
    an_open_whose_answer_is_lost_is_new,
    an_open_whose_answer_is_lost_is_new_also_when_it_is_not_recognized,
    an_open_gets_through_conflicts_and_throttling,
    an_open_that_meets_conflicts_without_end_may_be_tried_again,
    conflicts_mixed_with_refused_conditions_are_judged_by_the_conditions,
    a_lost_claim_is_still_this_workers,
    a_claim_gets_through_conflicts_and_throttling,
    a_lost_return_is_done,
    a_completion_whose_answer_is_lost_is_done,
    a_completion_whose_answer_is_lost_is_done_also_when_it_is_not_recognized,
    a_completion_gets_through_conflicts_mixed_with_a_moved_latest_run,
    a_stale_completion_mixed_with_conflicts_is_stale,
    a_blocked_start_whose_answer_is_lost_is_done,
    a_deduplicated_start_is_recorded_once,
    unprocessed_keys_are_asked_for_again,
    keys_that_stay_unprocessed_are_an_error_and_not_missing_rights,
    a_refusal_is_not_tried_again,
}

const LOST: Fault = Fault::LostAnswer { operation: "TransactWriteItems" };

async fn open_once(bench: &Bench) -> Opened {
    let run = queued(41);
    let opened = bench.store.open(starter(), &run, &started(&run), &StartConditions::default()).await.unwrap();
    bench.assert_every_fault_was_met();
    opened
}

async fn an_open_whose_answer_is_lost_is_new(bench: &Bench) {
    bench.proxy.inject(LOST);
    assert_eq!(open_once(bench).await, Opened::New);
    assert_eq!(bench.keys().await.len(), 3);
    assert_eq!(bench.proxy.calls().len(), 2);
}

async fn an_open_whose_answer_is_lost_is_new_also_when_it_is_not_recognized(bench: &Bench) {
    bench.proxy.forget_tokens();
    bench.proxy.inject(LOST);
    assert_eq!(open_once(bench).await, Opened::New);
    assert_eq!(bench.keys().await.len(), 3);
}

async fn an_open_gets_through_conflicts_and_throttling(bench: &Bench) {
    for fault in [
        Fault::Cancelled { code: "TransactionConflict", places: &[0] },
        Fault::Cancelled { code: "TransactionConflict", places: &[0, 1, 2] },
        Fault::Cancelled { code: "ThrottlingError", places: &[1] },
        Fault::Cancelled { code: "ProvisionedThroughputExceeded", places: &[2] },
        Fault::Error { operation: "TransactWriteItems", code: "ThrottlingException" },
        Fault::Error { operation: "TransactWriteItems", code: "RequestLimitExceeded" },
        Fault::Error { operation: "TransactWriteItems", code: "TransactionInProgressException" },
    ] {
        bench.proxy.inject(fault);
    }
    assert_eq!(open_once(bench).await, Opened::New);
    assert_eq!(bench.proxy.calls().len(), 8);
}

async fn an_open_that_meets_conflicts_without_end_may_be_tried_again(bench: &Bench) {
    for _ in 0..9 {
        bench.proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[1] });
    }
    let run = queued(41);
    let error = bench.store.open(starter(), &run, &started(&run), &StartConditions::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::Contended) && error.is_retryable(), "{error}");
    bench.assert_every_fault_was_met();
    assert!(bench.keys().await.is_empty());
}

async fn conflicts_mixed_with_refused_conditions_are_judged_by_the_conditions(bench: &Bench) {
    open(bench, 41).await;
    drop(bench.proxy.calls());
    let before = bench.everything().await;
    let second = queued(42);
    // The slot is taken, and another transaction is in the way of the run.
    bench.proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[1, 2] });
    let opened = bench.store.open(starter(), &second, &started(&second), &StartConditions::default()).await.unwrap();
    assert_eq!(opened, Opened::Active(id(41)));
    // The run id is taken, and another transaction is in the way of the slot.
    let same_id = OperationRun::queue(header_of(41, Some(id(4))));
    bench.proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[0] });
    let opened = bench.store.open(starter(), &same_id, &started(&same_id), &StartConditions::default()).await.unwrap();
    assert_eq!(opened, Opened::IdTaken);
    bench.assert_every_fault_was_met();
    assert_eq!(bench.proxy.calls().len(), 2, "the answers were clear at once");
    assert_eq!(bench.everything().await, before);
}

async fn a_lost_claim_is_still_this_workers(bench: &Bench) {
    open(bench, 41).await;
    bench.proxy.inject(Fault::LostAnswer { operation: "UpdateItem" });
    let claimed = claim(bench, 41, now()).await;
    bench.assert_every_fault_was_met();
    assert_eq!(claimed, queued(41).claim(now(), now() + LEASE, &BOUNDS).unwrap());
    let held = Claim::Held { until: now() + LEASE };
    assert_eq!(bench.store.claim(id(41), now(), now() + LEASE, &BOUNDS).await.unwrap(), held, "another worker");
}

async fn a_claim_gets_through_conflicts_and_throttling(bench: &Bench) {
    open(bench, 41).await;
    for code in ["TransactionConflictException", "ThrottlingException", "ProvisionedThroughputExceededException"] {
        bench.proxy.inject(Fault::Error { operation: "UpdateItem", code });
    }
    claim(bench, 41, now()).await;
    bench.assert_every_fault_was_met();
}

async fn a_lost_return_is_done(bench: &Bench) {
    open(bench, 41).await;
    let returned = claim(bench, 41, now()).await.give_back(now(), now() + LEASE).unwrap();
    bench.proxy.inject(Fault::LostAnswer { operation: "UpdateItem" });
    assert_eq!(bench.store.give_back(&returned).await.unwrap(), Returned::Done);
    bench.assert_every_fault_was_met();
    assert_eq!(bench.store.load_run(id(41), now()).await.unwrap(), Some(returned));
}

async fn complete_with_a_lost_answer(bench: &Bench) {
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    bench.proxy.inject(LOST);
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    let completed = saved(bench.store.complete(now(), None, finish).await.unwrap());
    bench.assert_every_fault_was_met();
    let stored = bench.store.load_run_with_report(id(41), now()).await.unwrap().unwrap();
    assert_eq!((&stored.run, stored.report_json()), (&completed.run, Some(completed.report.json())));
    assert_eq!(completed.report.previous(), None, "a run is not its own previous one");
}

async fn a_completion_whose_answer_is_lost_is_done(bench: &Bench) {
    complete_with_a_lost_answer(bench).await;
}

async fn a_completion_whose_answer_is_lost_is_done_also_when_it_is_not_recognized(bench: &Bench) {
    bench.proxy.forget_tokens();
    complete_with_a_lost_answer(bench).await;
}

async fn a_completion_gets_through_conflicts_mixed_with_a_moved_latest_run(bench: &Bench) {
    complete(bench, 40, now()).await;
    open(bench, 41).await;
    let held = claim(bench, 41, now()).await;
    bench.proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[0, 3] });
    bench.proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[1] });
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    let completed = saved(bench.store.complete(now(), None, finish).await.unwrap());
    bench.assert_every_fault_was_met();
    assert_eq!(completed.report.previous().map(|previous| previous.run_id), Some(id(40)));
}

async fn a_stale_completion_mixed_with_conflicts_is_stale(bench: &Bench) {
    open(bench, 41).await;
    let first = claim(bench, 41, now()).await;
    claim(bench, 41, now() + LEASE + LEASE).await;
    let before = bench.everything().await;
    bench.proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[1, 2, 3] });
    let finish = |previous| made(finished(&first, now(), Verdict::Pass, previous));
    let outcome = bench.store.complete(now(), None, finish).await.unwrap();
    bench.assert_every_fault_was_met();
    assert!(matches!(outcome, Saved::Stale), "{outcome:?}");
    assert_eq!(bench.everything().await, before);
}

async fn a_blocked_start_whose_answer_is_lost_is_done(bench: &Bench) {
    let run = OperationRun::queue(header_of(41, None));
    bench.proxy.forget_tokens();
    bench.proxy.inject(LOST);
    saved(bench.store.complete(now(), None, |previous| made(blocked(&run, previous))).await.unwrap());
    bench.assert_every_fault_was_met();
    assert_eq!(bench.keys().await.len(), 4);
}

async fn a_deduplicated_start_is_recorded_once(bench: &Bench) {
    open(bench, 41).await;
    bench.proxy.forget_tokens();
    bench.proxy.inject(LOST);
    let audit = event(AuditAction::VerificationDeduplicated, &header(41));
    bench.store.deduplicated(starter(), id(41), &audit, &StartConditions::default()).await.unwrap();
    bench.assert_every_fault_was_met();
    assert_eq!(bench.keys().await.len(), 5, "the run, its slot and event; that it was given, and the event of that");
}

async fn unprocessed_keys_are_asked_for_again(bench: &Bench) {
    seed(bench).await;
    bench.proxy.inject(Fault::Unprocessed { keys: 1 });
    bench.proxy.inject(Fault::Error { operation: "BatchGetItem", code: "ThrottlingException" });
    bench.proxy.inject(Fault::Unprocessed { keys: 2 });
    let data = bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await.unwrap();
    assert!(data.open(Capability::RunProvider).is_ok(), "both rights and the tenant are there");
    let sizes: Vec<_> = bench
        .proxy
        .calls()
        .iter()
        .filter(|call| call.operation == "BatchGetItem")
        .map(|call| call.keys.len())
        .collect();
    assert_eq!(sizes, [3, 1, 1, 1]);
}

async fn keys_that_stay_unprocessed_are_an_error_and_not_missing_rights(bench: &Bench) {
    seed(bench).await;
    for _ in 0..9 {
        bench.proxy.inject(Fault::Unprocessed { keys: usize::MAX });
    }
    let error = bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unprocessed(3)) && error.is_retryable(), "{error}");
    bench.assert_every_fault_was_met();
}

async fn a_refusal_is_not_tried_again(bench: &Bench) {
    bench.proxy.inject(Fault::Error { operation: "TransactWriteItems", code: "AccessDeniedException" });
    let run = queued(41);
    let error = bench.store.open(starter(), &run, &started(&run), &StartConditions::default()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Refused { code, .. } if code == "AccessDeniedException"), "{error}");
    assert!(!error.is_retryable());
    assert_eq!(bench.proxy.calls().len(), 1);
}
