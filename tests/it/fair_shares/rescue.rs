//! Whoever looks after runs: a queue that one workspace has made long keeps another's lost message waiting, and no longer than it is long.

use std::time::Duration;

use harness::queue::depth;
use harness::scene::{OPERATOR, now};
use reconciler::Tick;
use runtime::Clock;

use super::{QUIET, QUIET_VERIFICATIONS, Street, accepted, flood};

/// As the reconciler counts, so many waiting messages are a long queue.
const LONG_QUEUE: usize = 100;

/// What the reconciler does after so many minutes.
async fn tick_after(street: &Street, minutes: u64) -> Tick {
    let later = now() + Duration::from_mins(minutes);
    let app = reconciler::App { clock: Clock::told_by(move || later), ..street.scene.reconciler() };
    reconciler::tick(&app, later + Duration::from_secs(50)).await.expect("the table answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_message_waits_for_a_queue_that_another_workspace_has_made_long() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    let (queue, url) =
        (&aws_sdk_sqs::Client::new(&street.scene.sandbox.aws), &street.scene.sandbox.queues.verifications);
    let empty = async || drop(queue.purge_queue().queue_url(url).send().await.expect("the queue is emptied"));
    accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    empty().await;
    let flooding = flood(&edge, OPERATOR, 0..1).await[0];
    let flooding = street.scene.store.load_run(flooding, now()).await.expect("an answer").expect("it is stored");
    for _ in 0..LONG_QUEUE {
        street.scene.reconciler().queue.send(&flooding.header).await.expect("the queue takes it");
    }
    assert_eq!(tick_after(&street, 10).await, Tick { seen: 2, held: 2, ..Tick::default() });
    empty().await;
    assert_eq!(tick_after(&street, 40).await.sent_again, 2);
    assert_eq!(depth(queue, url).await.expect("a depth"), 2);
}
