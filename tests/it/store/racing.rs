//! Many callers at once.

use domain::audit::AuditAction;
use domain::id::{EventId, RunId};
use domain::operation_run::{OperationRun, RunHeader};
use futures_util::future::join_all;
use store::{Claim, Opened, StartConditions};

use super::bench::Bench;
use super::on_both_emulators;
use super::seeds::{BOUNDS, LEASE, event, header, id, now, open, starter};

on_both_emulators! {
    fifty_racing_starts_open_one_run,
    racing_starts_with_the_same_run_id_open_one_run,
    twenty_racing_workers_claim_a_run_once,
}

async fn race(bench: &Bench, run_ids: Vec<RunId>) -> Vec<Opened> {
    let start = |(number, run_id): (u16, RunId)| async move {
        let run = OperationRun::queue(RunHeader { id: run_id, ..header(1) });
        let mut audit = event(AuditAction::VerificationStarted, &run.header);
        audit.id = EventId::new(now(), number);
        bench.store.open(starter(), &run, &audit, &StartConditions::default()).await.unwrap()
    };
    join_all((0..).zip(run_ids).map(start)).await
}

async fn fifty_racing_starts_open_one_run(bench: &Bench) {
    let opened = race(bench, (0..50).map(|number| RunId::new(now(), number)).collect()).await;
    assert_eq!(opened.iter().filter(|opened| **opened == Opened::New).count(), 1);
    let keys = bench.keys().await;
    let runs: Vec<_> = keys.iter().filter(|key| key.starts_with("RUN#")).collect();
    assert_eq!((runs.len(), keys.len()), (1, 3), "{keys:?}");
    let active: Vec<_> = opened.iter().filter(|opened| **opened != Opened::New).collect();
    let Opened::Active(winner) = active[0] else { panic!("{active:?}") };
    assert_eq!(*runs[0], format!("RUN#{:016}/RUN", winner.get()));
    assert!(active.iter().all(|opened| **opened == Opened::Active(*winner)), "{active:?}");
}

async fn racing_starts_with_the_same_run_id_open_one_run(bench: &Bench) {
    let opened = race(bench, vec![id(41); 20]).await;
    assert_eq!(opened.iter().filter(|opened| **opened == Opened::New).count(), 1, "{opened:?}");
    assert!(opened.iter().all(|opened| matches!(opened, Opened::New | Opened::Active(_))), "{opened:?}");
}

async fn twenty_racing_workers_claim_a_run_once(bench: &Bench) {
    open(bench, 41).await;
    let claims = join_all((0..20).map(|_| bench.store.claim(id(41), now(), now() + LEASE, &BOUNDS))).await;
    let claims: Vec<Claim> = claims.into_iter().map(Result::unwrap).collect();
    assert_eq!(claims.iter().filter(|claim| matches!(claim, Claim::Mine(_))).count(), 1);
    let held = Claim::Held { until: now() + LEASE };
    assert_eq!(claims.iter().filter(|claim| **claim == held).count(), 19);
}
