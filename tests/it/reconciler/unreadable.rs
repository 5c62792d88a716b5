//! What cannot be read is moved on and counted, keeps nobody else waiting, and locks its connection no longer than a run may be active.

use std::time::Duration;

use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{OPERATOR, Scene, now};
use reconciler::Tick;

use super::{header_of, later, messages, tick_at};
use crate::table;

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_run_is_counted_and_the_others_are_looked_after() {
    let scene = Scene::new(Scenario::Healthy).await;
    let damaged = scene.queued_run().await.header.id;
    let mut item = table::stored(&scene, "run").await.remove(0);
    item.remove("created_at");
    table::put(&scene, item).await;
    scene.open(domain::operation_run::OperationRun::queue(header_of(&scene, 1))).await;
    let tick = tick_at(&scene, later(2)).await;
    assert_eq!(tick, Tick { seen: 2, sent_again: 1, unreadable: 1, ..Tick::default() }, "{damaged}");
    assert_eq!(tick_at(&scene, later(3)).await, Tick::default(), "it is moved on");
    assert_eq!(messages(&scene).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_whose_run_or_slot_cannot_be_read_is_free_again_after_the_deadline_of_runs() {
    for damage in ["run", "slot"] {
        let scene = Scene::new(Scenario::Healthy).await;
        scene.queued_run().await;
        if damage == "run" {
            let mut item = table::stored(&scene, "run").await.remove(0);
            item.remove("status");
            table::put(&scene, item).await;
        } else {
            let mut slot = table::stored(&scene, "active_slot").await.remove(0);
            slot.remove("run_id");
            table::put(&scene, slot).await;
        }
        let mut freed = 0;
        for hour in 1..=6 {
            let tick = tick_at(&scene, now() + Duration::from_hours(hour)).await;
            assert_eq!((tick.seen, tick.failed), (1, 0), "{damage} after {hour} hours");
            freed += tick.freed;
        }
        assert_eq!(
            (freed, table::stored(&scene, "active_slot").await.len()),
            (0, 1),
            "{damage}: nobody knows whether the run is at work"
        );
        assert_eq!(tick_at(&scene, now() + Duration::from_hours(7)).await.freed, 1, "{damage}");
        let answer = Edge::of(&scene).start(OPERATOR, "/workspaces/1/tenants/2/verifications").await;
        assert_eq!(answer.json()["start_result"], "accepted", "{damage}");
    }
}
