//! One batch: what its slow records take from the others in it, and what they do not.

use std::pin::pin;

use aws_lambda_events::event::sqs::SqsMessage;
use futures_util::FutureExt;
use harness::scene::OPERATOR;
use tokio::time::timeout;

use super::lambda::{Door, PATIENCE, batch_size};
use super::{QUIET, QUIET_VERIFICATIONS, Street, accepted, flood};
use crate::worker::{deliver, delivery};

/// The quiet run stands last, behind as many slow ones as a batch has place for.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_while_everything_else_in_its_batch_waits_for_slow_tenants() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    let slow = flood(&edge, OPERATOR, 0..u64::try_from(batch_size() - 1).expect("a few")).await;
    let quiet = accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    let door = Door::shut();
    let worker = street.worker(&door).await;
    let messages: Vec<SqsMessage> = slow.iter().chain([&quiet]).map(|run| delivery(*run, 1)).collect();
    let mut batch = pin!(deliver(&worker, messages));
    let beside = async {
        door.wait_for(slow.len()).await;
        street.ended(quiet).await;
    };
    tokio::select! {
        failed = &mut batch => panic!("the batch is done before its slow records are: {failed:?}"),
        ended = timeout(PATIENCE, beside) => ended.expect("a run waits for the slow ones beside it"),
    }
    assert_eq!(street.active(&slow).await, slow.len());
    // What a slow record does take is its worker: the batch is not answered before its last record is.
    assert_eq!((&mut batch).now_or_never(), None);
    door.open();
    assert_eq!(batch.await, Vec::<String>::new());
    assert_eq!(street.active(&slow).await, 0);
}
