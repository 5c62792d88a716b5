//! How the worker asks Microsoft: how urgently, for how long, and what becomes of the run when somebody else takes it meanwhile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::access::{Authority, Scope};
use domain::audit::{AuditAction, AuditEvent};
use domain::facts::{Cause, Facts, Questions};
use domain::id::{EventId, RunId};
use domain::next_step::App;
use domain::operation_run::{Initiator, OperationRun, RunHeader, RunState};
use domain::reason::Reason;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, Scene, now};
use microsoft::{Budget, ClientCredential, Priority};
use store::{Claim, StartConditions, Store};

use super::{deliver, deliver_until, delivery, stored};

/// Answers in Microsoft's place, and remembers how it was asked.
#[derive(Clone)]
struct Recorder {
    answer: Cause,
    asked: Arc<Mutex<Vec<(Priority, Duration)>>>,
    /// Takes this run for another worker while it is asked, as if the asking one had been stopped past its lease.
    overtakes: Option<(Store, RunId)>,
}

impl Recorder {
    fn answering(reason: Reason, retry_after: Option<Duration>) -> Self {
        Self { answer: Cause { reason, evidence: Vec::new(), retry_after }, asked: Arc::default(), overtakes: None }
    }

    async fn worker(&self, scene: &Scene) -> worker::App {
        worker::App { provider: Box::new(self.clone()), ..scene.worker().await }
    }

    fn asked(&self) -> Vec<(Priority, Duration)> {
        std::mem::take(&mut self.asked.lock().expect("no test panics while it holds this"))
    }
}

impl worker::Provider for Recorder {
    fn check<'a>(
        &'a self,
        _: &'a App,
        _: &'a ClientCredential,
        _: Questions,
        priority: Priority,
        budget: Budget,
    ) -> BoxFuture<'a, Facts> {
        self.asked.lock().expect("no test panics while it holds this").push((priority, budget.time));
        async {
            if let Some((store, run)) = &self.overtakes {
                let later = now() + Duration::from_mins(3);
                let claim = store.claim(*run, later, later + Duration::from_mins(1), &BOUNDS).await.expect("an answer");
                assert!(matches!(claim, Claim::Mine(_)), "the lease of the first has ended by then");
            }
            Facts::NoToken(self.answer.clone())
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_waits_for_goes_before_what_nobody_waits_for() {
    let scene = Scene::new(Scenario::Healthy).await;
    let recorder = Recorder::answering(Reason::ProviderTenantNotFound, None);
    let app = recorder.worker(&scene).await;
    let of_a_person = scene.queued_run().await.header.id;
    assert!(deliver(&app, [delivery(of_a_person, 1)]).await.is_empty());
    assert_eq!(recorder.asked().first().map(|(priority, _)| *priority), Some(Priority::Normal));

    let header = RunHeader { initiator: Initiator::System, ..scene.header() };
    let (run, at) = (OperationRun::queue(header.clone()), now());
    let audit = AuditEvent::of_run(EventId::new(at, 7), at, AuditAction::VerificationStarted, &header);
    let system = Authority::System(Scope::of_run(&header));
    scene.store.open(system, &run, &audit, &StartConditions::default()).await.expect("the table takes the run");
    assert!(deliver(&app, [delivery(header.id, 1)]).await.is_empty());
    assert_eq!(recorder.asked().first().map(|(priority, _)| *priority), Some(Priority::Low));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_has_its_budget_and_no_more_than_what_is_left() {
    let scene = Scene::new(Scenario::Healthy).await;
    let recorder = Recorder::answering(Reason::ProviderTenantNotFound, None);
    let app = recorder.worker(&scene).await;
    for (left, least, most) in [(60, 4, 5), (13, 1, 3)] {
        let run = scene.queued_run().await.header.id;
        assert!(deliver_until(&app, [delivery(run, 1)], now() + Duration::from_secs(left)).await.is_empty());
        let [(_, time)] = recorder.asked()[..] else { panic!("asked once") };
        assert!(time > Duration::from_secs(least) && time <= Duration::from_secs(most), "{left} s are left: {time:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_longer_than_a_quarter_of_an_hour_whatever_microsoft_asks() {
    let scene = Scene::new(Scenario::Healthy).await;
    let recorder = Recorder::answering(Reason::Throttled, Some(Duration::from_hours(2)));
    let run = scene.queued_run().await.header.id;
    assert_eq!(deliver(&recorder.worker(&scene).await, [delivery(run, 1)]).await.len(), 1);
    let RunState::Running(attempt) = stored(&scene, run).await.run.state else { panic!("it waits") };
    let wait = attempt.retry_at.expect("it waits").since(now());
    assert!(wait > Duration::from_mins(14) && wait <= Duration::from_mins(15), "{wait:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_another_worker_took_meanwhile_is_not_acknowledged() {
    // One that would be ended, and one that would be given back.
    for reason in [Reason::ProviderTenantNotFound, Reason::Throttled] {
        let scene = Scene::new(Scenario::Healthy).await;
        let run = scene.queued_run().await.header.id;
        let recorder = Recorder { overtakes: Some((scene.store.clone(), run)), ..Recorder::answering(reason, None) };
        let failed = deliver(&recorder.worker(&scene).await, [delivery(run, 1)]).await;
        assert_eq!(failed.len(), 1, "the other may die, so the message comes back");
        let after = stored(&scene, run).await;
        assert!(after.report.is_none() && after.run.attempt_number() == 2, "{:?}", after.run);
    }
}
