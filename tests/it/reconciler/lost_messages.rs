//! A run that nobody heard of for a while: its message is sent again, ever more rarely.

use std::time::Duration;

use domain::operation_run::RunState;
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, Scene, now};
use reconciler::Tick;
use store::Claim;

use super::{later, messages, stored, tick_at};
use crate::worker::{deliver, delivery};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_message_was_lost_is_sent_again_and_completed() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    assert_eq!(tick_at(&scene, later(1)).await, Tick::default(), "its message may be on its way");
    assert_eq!(tick_at(&scene, later(2)).await, Tick { seen: 1, sent_again: 1, ..Tick::default() });
    assert_eq!(messages(&scene).await, 1);
    assert_eq!(tick_at(&scene, later(2)).await, Tick::default(), "it was looked at already");
    assert!(deliver(&scene.worker().await, [delivery(run, 1)]).await.is_empty());
    assert!(!stored(&scene, run).await.is_active());
    assert_eq!(tick_at(&scene, later(60)).await, Tick::default(), "a completed run has no slot");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_takes_is_sent_ten_times_within_six_hours() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let mut sent = 0;
    for minute in 1..360 {
        sent += tick_at(&scene, later(minute)).await.sent_again;
    }
    assert_eq!((sent, messages(&scene).await), (10, 10));
    assert_eq!(stored(&scene, run).await.state, RunState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_worker_died_is_sent_again_when_its_lease_has_ended_for_a_while() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let claimed = scene.store.claim(run, now(), now() + Duration::from_secs(65), &BOUNDS).await.expect("an answer");
    assert!(matches!(claimed, Claim::Mine(_)));
    let nothing = Tick { seen: 1, ..Tick::default() };
    assert_eq!(tick_at(&scene, later(2)).await, nothing, "the lease has just ended");
    assert_eq!(tick_at(&scene, later(3)).await, Tick::default());
    assert_eq!(tick_at(&scene, later(4)).await, Tick { seen: 1, sent_again: 1, ..Tick::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_microsoft_is_left_alone_for_as_long() {
    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id;
    let claimed = scene.store.claim(run, now(), now() + Duration::from_secs(65), &BOUNDS).await.expect("an answer");
    let Claim::Mine(claimed) = claimed else { panic!("nobody else claims") };
    let waiting = claimed.give_back(now(), later(15)).expect("a claimed run is given back");
    scene.store.give_back(&waiting).await.expect("an answer");
    for minute in 2..17 {
        assert_eq!(tick_at(&scene, later(minute)).await.sent_again, 0, "{minute}");
    }
    assert_eq!(tick_at(&scene, later(18)).await.sent_again, 1);
}
