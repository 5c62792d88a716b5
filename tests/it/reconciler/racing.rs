//! The reconciler beside itself: rounds that overlap share the work, and do none of it twice.

use futures_util::future::join_all;
use harness::microsoft::Scenario;
use harness::scene::Scene;

use super::{later, lost_runs, messages, stored, tick_at};

#[tokio::test(flavor = "multi_thread")]
async fn four_rounds_at_once_send_each_message_once() {
    let scene = Scene::new(Scenario::Healthy).await;
    lost_runs(&scene, 60).await;
    let ticks = join_all((0..4).map(|_| tick_at(&scene, later(3)))).await;
    let sent: u64 = ticks.iter().map(|tick| tick.sent_again).sum();
    assert_eq!((sent, messages(&scene).await), (60, 60), "{ticks:?}");
    assert!(ticks.iter().all(|tick| tick.failed == 0), "{ticks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn four_rounds_at_once_end_each_run_once() {
    let scene = Scene::new(Scenario::Healthy).await;
    let runs = lost_runs(&scene, 20).await;
    let ticks = join_all((0..4).map(|_| tick_at(&scene, later(365)))).await;
    assert_eq!(ticks.iter().map(|tick| tick.interrupted).sum::<u64>(), 20, "{ticks:?}");
    for run in runs {
        assert_eq!(stored(&scene, run.header.id).await.version, 2);
    }
}
