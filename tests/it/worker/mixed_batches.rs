//! Any mix of messages in a batch: exactly those are delivered again that have not done their work.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use domain::id::{ConnectionId, RunId};
use domain::identity::RunIdentityHash;
use domain::operation_run::{Operation, OperationRun};
use fastrand::Rng;
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, Scene, now};
use store::Claim;

use super::{deliver, delivery, message};

/// What a message may be about, and whether it is to be delivered again.
const KINDS: [(&str, bool); 7] = [
    ("a run that is completed", false),
    ("a run whose connection is gone", false),
    ("a run that does not exist", false),
    ("a run that another worker holds", true),
    ("not JSON", true),
    ("a version of tomorrow", true),
    ("nothing", true),
];

/// A run of a connection that the tenant does not have.
async fn of_connection(scene: &Scene, number: u64) -> RunId {
    let connection = Some(ConnectionId::try_from(number).expect("an id"));
    let mut header = scene.header();
    header.target.connection_id = connection;
    let (workspace, tenant, provider) = (header.workspace_id, header.tenant_id, header.target.provider);
    header.identity_hash =
        RunIdentityHash::of(workspace, tenant, Operation::ProviderConnectionCheck, provider, connection);
    scene.open(OperationRun::queue(header)).await.header.id
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_messages_that_have_not_done_their_work_come_back() {
    let scene = Scene::new(Scenario::Healthy).await;
    let app = scene.worker().await;
    let done = scene.queued_run().await.header.id;
    assert!(deliver(&app, [delivery(done, 1)]).await.is_empty());
    let held = of_connection(&scene, 99).await;
    let claim = scene.store.claim(held, now(), now() + Duration::from_secs(65), &BOUNDS).await.expect("an answer");
    assert!(matches!(claim, Claim::Mine(_)));
    let (mut random, mut next) = (Rng::with_seed(8), 100);
    for size in (1..=10).cycle().take(30) {
        let (mut messages, mut expected) = (Vec::new(), Vec::new());
        for place in 0..size {
            let (kind, comes_back) = KINDS[random.usize(..KINDS.len())];
            let made: SqsMessage = match kind {
                "a run that is completed" => delivery(done, 2),
                "a run whose connection is gone" => {
                    next += 1;
                    delivery(of_connection(&scene, next).await, 1)
                }
                "a run that does not exist" => delivery(RunId::try_from(7).expect("an id"), 1),
                "a run that another worker holds" => delivery(held, random.u32(1..=5)),
                "not JSON" => message("{\"v\":1,", 1),
                "a version of tomorrow" => message(r#"{"v":2,"runs":[1]}"#, 1),
                _ => message("", 1),
            };
            let mut made = made;
            let id = format!("{place}: {kind}");
            made.message_id = Some(id.clone());
            messages.push(made);
            if comes_back {
                expected.push(id);
            }
        }
        assert_eq!(deliver(&app, messages).await, expected);
    }
}
