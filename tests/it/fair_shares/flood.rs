//! The flood: from starts through the queue to workers, as many as the smallest deployment has, while every check of the flooding
//! workspace is as slow as a check may be.

use std::sync::{Mutex, PoisonError};

use futures_util::future::join;
use harness::queue::depth;
use harness::scene::{MANAGER, OPERATOR};
use tokio::time::timeout;

use super::lambda::{Batches, Door, PATIENCE, batch_size, concurrency};
use super::{QUIET, QUIET_VERIFICATIONS, Street, accepted, flood};

/// How many checks are handled at once.
fn places() -> usize {
    concurrency() * usize::try_from(batch_size()).expect("a few")
}

/// In the middle of a flood that does not fill the workers.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_while_every_run_of_a_flood_beside_it_is_under_way() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    let (half, all) = (u64::try_from(places() / 2).expect("a few"), u64::try_from(places() - 1).expect("a few"));
    let mut slow = flood(&edge, OPERATOR, 0..half).await;
    let quiet = accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    slow.extend(flood(&edge, MANAGER, half..all).await);
    let (door, batches) = (Door::shut(), Batches::default());
    let looking = async {
        timeout(PATIENCE, join(door.wait_for(slow.len()), street.ended(quiet))).await.expect("it waits for the flood");
        let active = street.active(&slow).await;
        door.open();
        active
    };
    let (active, ()) = join(looking, street.poll(&door, &batches)).await;
    assert_eq!(active, slow.len(), "nothing of the flood had ended");
    assert_eq!(
        batches.lock().unwrap_or_else(PoisonError::into_inner).len(),
        concurrency(),
        "each worker had one batch"
    );
    assert_eq!(street.active(&slow).await, 0, "the flood ends as well");
    let queue = aws_sdk_sqs::Client::new(&street.scene.sandbox.aws);
    assert_eq!(depth(&queue, &street.scene.sandbox.queues.verifications).await.expect("a depth"), 0);
}

/// Behind a flood that fills the workers. The emulator's queue gives what came first, as SQS may before it has noticed who is noisy: the run
/// waits until a worker is free, and then for what stands before it, and no longer.
#[tokio::test(flavor = "multi_thread")]
async fn behind_a_flood_that_fills_every_worker_a_run_waits_for_the_rounds_before_it_and_no_longer() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    let before = places() + places() / 2;
    let slow = flood(&edge, OPERATOR, 0..u64::try_from(before).expect("a few")).await;
    let quiet = accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    let (door, batches) = (Door::shut(), Batches::default());
    let looking = async {
        timeout(PATIENCE, door.wait_for(places())).await.expect("every worker is full");
        let waits = street.is_active(quiet).await;
        door.open();
        waits
    };
    let (waits, ()) = join(looking, street.poll(&door, &batches)).await;
    assert!(waits, "nothing keeps a worker free for another workspace");
    let batches = Mutex::into_inner(batches).unwrap_or_else(PoisonError::into_inner);
    let place = batches.iter().position(|runs| runs.contains(&quiet)).expect("it was delivered");
    let rounds = place / concurrency();
    assert_eq!(rounds, before / places(), "so many rounds were before its own: {place} batches");
    assert_eq!((street.active(&slow).await, street.is_active(quiet).await), (0, false));
}
