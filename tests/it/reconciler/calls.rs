//! The AWS calls of a round are those of the design, and a round with nothing to do is cheap.

use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::Scene;
use reconciler::App;

use super::{at, later, tick};
use crate::aws_calls::steps;

#[tokio::test(flavor = "multi_thread")]
async fn a_round_makes_the_calls_of_the_design() {
    let scene = Scene::new(Scenario::Healthy).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().expect("an address")).await.expect("a port");
    let app = App { clock: at(later(2)), ..scene.reconciler_on(&sdk_config(proxy.url())) };
    tick(&app, later(2)).await;
    let idle: Vec<_> = proxy.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(idle, ["Query"; 8], "the index alone");
    scene.queued_run().await;
    let app = App { clock: at(later(3)), ..app };
    tick(&app, later(3)).await;
    let sending: Vec<_> = proxy.calls().into_iter().skip(8).collect();
    insta::assert_snapshot!("calls_of_a_message_sent_again", steps(&sending, &[1, 1, 1, 1]));
    let app = App { clock: at(later(365)), ..app };
    tick(&app, later(365)).await;
    let ending: Vec<_> = proxy.calls().into_iter().skip(8).collect();
    insta::assert_snapshot!("calls_of_an_interruption", steps(&ending, &[1, 1, 1, 1]));
}
