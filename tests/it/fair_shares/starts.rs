//! Starts: who asks for too many waits alone, a connection waits in the queue once, and the queue is told whose each message is.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use harness::emulator::sdk_config;
use harness::fault_proxy::{Call, FaultProxy};
use harness::queue::depth;
use harness::scene::{MANAGER, OPERATOR, Scene, now};

use super::{OF_A_TENANT, QUIET, QUIET_VERIFICATIONS, Street, accepted, flood, start};

/// How many messages were sent for each group.
fn groups(calls: &[Call]) -> BTreeMap<&str, usize> {
    let mut groups = BTreeMap::new();
    for call in calls.iter().filter(|call| call.operation == "SendMessage") {
        *groups.entry(call.keys[0].as_str()).or_default() += 1;
    }
    groups
}

async fn waiting(scene: &Scene) -> u32 {
    let queue = aws_sdk_sqs::Client::new(&scene.sandbox.aws);
    depth(&queue, &scene.sandbox.queues.verifications).await.expect("the queue can be read")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_starts_too_many_waits_and_another_workspace_does_not() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 10);
    let loops = [(OPERATOR, 0..15), (MANAGER, 15..30)]
        .map(async |(user, numbers)| join_all(numbers.map(|number| start(&edge, user, number))).await);
    let answers = join_all(loops).await.concat();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(refused.len(), 10, "five of each");
    for answer in refused {
        let wait: u32 = answer.header("retry-after").parse().expect("a number of seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }
    accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    assert_eq!(waiting(&street.scene).await, 20 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_it_is_started_a_connection_waits_once() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    for user in [OPERATOR, MANAGER, OPERATOR] {
        let answers = join_all((0..OF_A_TENANT).map(|number| start(&edge, user, number))).await;
        assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    }
    assert_eq!(u64::from(waiting(&street.scene).await), OF_A_TENANT);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_names_its_workspace_as_its_group() {
    let street = Street::new().await;
    let proxy = FaultProxy::in_front_of(street.scene.sandbox.aws.endpoint_url().expect("an address")).await;
    let proxy = proxy.expect("a port");
    let aws = sdk_config(proxy.url());
    let edge = street.edge(&aws, 1000);
    flood(&edge, OPERATOR, 0..8).await;
    accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    let expected = BTreeMap::from([("group 1", 8), ("group 7", 1)]);
    assert_eq!(groups(&proxy.calls()), expected);

    // Nobody takes them, and as if they were lost they are sent again.
    let queue = aws_sdk_sqs::Client::new(&street.scene.sandbox.aws);
    let purge = queue.purge_queue().queue_url(&street.scene.sandbox.queues.verifications);
    purge.send().await.expect("the queue is emptied");
    let mut reconciler = street.scene.reconciler_on(&aws);
    let later = now() + std::time::Duration::from_mins(10);
    reconciler.clock = runtime::Clock::told_by(move || later);
    let tick = reconciler::tick(&reconciler, later + std::time::Duration::from_mins(1)).await;
    assert_eq!(tick.expect("the table answers").sent_again, 9);
    assert_eq!(groups(&proxy.calls()), expected);
}
