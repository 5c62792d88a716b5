//! Connections to Microsoft's hosts: one to each, however many questions are asked side by side.

use domain::facts::Known;
use futures_util::future::join_all;
use harness::microsoft::Scenario;

use super::{Bench, calls};

#[tokio::test]
async fn a_first_check_opens_one_connection_to_each_host_and_those_after_it_none() {
    let bench = Bench::start_in_every_cloud().await;
    let first = bench.check(Scenario::Healthy, calls(60)).await;
    assert!(matches!(first.graph().organization, Known::Known(_)));
    assert_eq!(bench.stand_in.connections(), 2, "Entra's and Graph's");
    let next = join_all((0..5).map(|_| bench.check(Scenario::Healthy, calls(60)))).await;
    assert!(next.iter().all(|checked| matches!(checked.graph().organization, Known::Known(_))));
    assert_eq!(bench.stand_in.connections(), 2, "they are kept");
}

#[tokio::test]
async fn a_sign_in_that_fails_costs_the_connection_and_no_question() {
    let bench = Bench::start_in_every_cloud().await;
    let refused = bench.check(Scenario::ExpiredSecret, calls(60)).await;
    refused.no_token();
    assert_eq!((refused.calls.len(), bench.stand_in.connections()), (1, 2));
}
