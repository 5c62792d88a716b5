//! Behind a long queue runs wait, they are not lost: messages that are sent again would only make it longer.

use harness::microsoft::Scenario;
use harness::scene::Scene;
use reconciler::Tick;

use super::{later, lost_runs, messages, tick_at};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_queue_gets_no_storm_of_messages() {
    let scene = Scene::new(Scenario::Healthy).await;
    let runs = lost_runs(&scene, 120).await;
    let queue = scene.reconciler().queue;
    for run in &runs {
        queue.send(&run.header).await.expect("the queue takes it");
    }
    assert_eq!(tick_at(&scene, later(2)).await, Tick { seen: 120, held: 120, ..Tick::default() });
    assert_eq!(tick_at(&scene, later(3)).await, Tick::default(), "they are looked at ever more rarely all the same");
    assert_eq!(messages(&scene).await, 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_queue_does_not_keep_a_lost_message_from_being_sent() {
    let scene = Scene::new(Scenario::Healthy).await;
    let runs = lost_runs(&scene, 30).await;
    let queue = scene.reconciler().queue;
    for run in &runs[..29] {
        queue.send(&run.header).await.expect("the queue takes it");
    }
    assert_eq!(tick_at(&scene, later(2)).await.sent_again, 30);
}
