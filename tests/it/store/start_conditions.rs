//! What is written beside a start: its condition decides over the whole transaction, whatever the start comes to.

use domain::audit::{AuditAction, AuditEvent};
use domain::idempotency::{Remembered, RequestHash, StartResult};
use harness::directory;
use store::{
    Completed, ConditionRefused, Deduplicated, KeyUse, Opened, Origin, Saved, SessionVersion, StartConditions,
};

use super::bench::Bench;
use super::on_both_emulators;
use super::seeds::{blocked, event, header, id, made, now, open, queued, seed, started, starter, tenant};

on_both_emulators! {
    an_outdated_session_stops_every_kind_of_start,
    a_session_is_pointed_to_the_run_of_every_kind_of_start,
    a_used_key_stops_every_kind_of_start_and_says_what_it_was_used_for,
}

/// The scenery, and session 7.
async fn seed_with_session(bench: &Bench) {
    seed(bench).await;
    let mut session = directory::session(id(7), &tenant());
    session.state.provider_connection_id = Some(id(3));
    directory::change(&bench.store, id(1), now(), |workspace| workspace.sessions.push(session)).await;
}

fn of_session(version: u64) -> StartConditions {
    StartConditions { session: Some(SessionVersion { id: id(7), version }), ..StartConditions::default() }
}

fn of_key(request: &str) -> StartConditions {
    let request = RequestHash::of("POST", "/", &request);
    StartConditions { key: Some(KeyUse { caller: "0".repeat(64), request }), ..StartConditions::default() }
}

/// Opens a run; gives a caller an active run; stores a blocked one. What refused each of them, if anything did.
async fn starts(
    bench: &Bench,
    [new, active, stub]: [u64; 3],
    conditions: &StartConditions,
) -> [Option<ConditionRefused>; 3] {
    let run = queued(new);
    let opened = match bench.store.open(starter(), &run, &started(&run), conditions).await.unwrap() {
        Opened::Refused(refused) => Some(refused),
        Opened::New | Opened::Active(_) => None,
        other => panic!("{other:?}"),
    };
    // Another event than any before: the same one would be this call's own, whose answer was lost.
    let audit = AuditEvent { id: id(9999), ..event(AuditAction::VerificationDeduplicated, &header(active)) };
    let given = match bench.store.deduplicated(starter(), id(active), &audit, conditions).await.unwrap() {
        Deduplicated::Refused(refused) => Some(refused),
        Deduplicated::Done(_) => None,
    };
    let origin = Origin::Fresh { authority: starter(), conditions: conditions.clone() };
    let completed = Completed { origin, ..blocked(&queued(stub), None) };
    let saved = match bench.store.complete(now(), None, |_| made(completed.clone())).await.unwrap() {
        Saved::Refused(refused) => Some(refused),
        Saved::Done(_) => None,
        other => panic!("{other:?}"),
    };
    [opened, given, saved]
}

async fn an_outdated_session_stops_every_kind_of_start(bench: &Bench) {
    seed_with_session(bench).await;
    let before = bench.everything().await;
    let refused = starts(bench, [41, 42, 43], &of_session(0)).await;
    assert_eq!(refused, [const { Some(ConditionRefused::SessionChanged) }; 3]);
    assert_eq!(bench.everything().await, before);
}

async fn a_session_is_pointed_to_the_run_of_every_kind_of_start(bench: &Bench) {
    seed_with_session(bench).await;
    let pointer = async || {
        let session = bench.item("SESSION#").await;
        let state = session["state"].as_m().unwrap();
        let run = state["verification_operation_run_id"].as_n().unwrap().clone();
        (run, session["version"].as_n().unwrap().clone(), state.contains_key("provider_connection_id"))
    };
    let run = queued(41);
    let opened = bench.store.open(starter(), &run, &started(&run), &of_session(1)).await.unwrap();
    assert_eq!((opened, pointer().await), (Opened::New, ("41".to_owned(), "2".to_owned(), true)));
    let audit = event(AuditAction::VerificationDeduplicated, &header(41));
    let given = bench.store.deduplicated(starter(), id(41), &audit, &of_session(2)).await.unwrap();
    assert!(matches!(given, Deduplicated::Done(Some(_))));
    assert_eq!(pointer().await, ("41".to_owned(), "3".to_owned(), true));
    let completed = Completed {
        origin: Origin::Fresh { authority: starter(), conditions: of_session(3) },
        ..blocked(&queued(43), None)
    };
    let saved = bench.store.complete(now(), None, |_| made(completed.clone())).await.unwrap();
    assert!(matches!(saved, Saved::Done(_)));
    assert_eq!(pointer().await, ("43".to_owned(), "4".to_owned(), true));
}

async fn a_used_key_stops_every_kind_of_start_and_says_what_it_was_used_for(bench: &Bench) {
    seed(bench).await;
    open(bench, 41).await;
    let audit = event(AuditAction::VerificationDeduplicated, &header(41));
    let first = bench.store.deduplicated(starter(), id(41), &audit, &of_key("first")).await.unwrap();
    assert!(matches!(first, Deduplicated::Done(Some(_))));
    let before = bench.everything().await;
    let remembered = ConditionRefused::Remembered(Remembered {
        request: RequestHash::of("POST", "/", &"first"),
        run_id: id(41),
        start_result: StartResult::Deduplicated,
    });
    // Whether it is the same request or another one is the caller's to judge.
    for request in ["first", "second"] {
        let refused = starts(bench, [42, 41, 43], &of_key(request)).await;
        assert_eq!(refused, [Some(remembered.clone()), Some(remembered.clone()), Some(remembered.clone())]);
    }
    assert_eq!(bench.everything().await, before);
}
