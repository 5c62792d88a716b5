//! No secret and no token is anywhere after a run but in the parameter store and on the wire to Microsoft.

use domain::fingerprint::sha256_hex;
use harness::customer::OPERATOR;
use harness::microsoft::Scenario;
use harness::shared;
use serde_json::json;

use super::verified;

#[tokio::test]
async fn a_full_run_leaves_no_secret_in_table_queues_logs_and_answers() {
    let stack = shared::stack().await;
    let grace = stack.api(OPERATOR);
    let mut secrets = vec![grace.token().unwrap().to_owned()];
    let mut seen = String::new();
    for scenario in [Scenario::Healthy, Scenario::WrongSecret, Scenario::ThrottledOnce, Scenario::HostileJson] {
        let customer = stack.customer(scenario).await.unwrap();
        secrets.push(customer.fixture.secret.clone());
        let run = verified(&grace, &customer).await;
        seen += &run.to_string();
        for path in [customer.verification(), customer.connections(), format!("/runs/{}/report", run["id"])] {
            seen += &grace.get(&path).await.unwrap().text();
        }
    }
    let aws = stack.emulator().sdk_config();
    let items = aws_sdk_dynamodb::Client::new(&aws).scan().table_name(&stack.deployed().table_name).into_paginator();
    let items: Vec<_> = items.items().send().collect::<Result<_, _>>().await.unwrap();
    seen += &format!("{items:?}");
    let queues = aws_sdk_sqs::Client::new(&aws);
    for queue in [&stack.deployed().queue_url, &stack.deployed().dead_letter_queue_url] {
        let received = queues.receive_message().queue_url(queue).max_number_of_messages(10).send().await.unwrap();
        seen += &format!("{received:?}");
    }
    seen += &stack.logs().await.unwrap();

    assert!(seen.contains("answered a request"), "the logs were read");
    assert!(seen.contains(&sha256_hex(OPERATOR.as_bytes())[..12]), "the log knows the caller by a pseudonym");
    assert!(seen.contains("RUN#"), "the table was read");
    for secret in &secrets {
        assert!(!seen.contains(secret), "{} was left behind", &secret[..12]);
    }
    // A JWT of any kind: Entra's access tokens are made anew for each run.
    assert!(!seen.contains("eyJ"), "a token was left behind");
}

#[tokio::test]
async fn an_unreadable_authorization_header_is_not_repeated() {
    let stack = shared::stack().await;
    let marker = "a-token-that-nobody-issued";
    let answer = stack.anonymous_api().with_token(marker.to_owned()).post("/nowhere", &json!({})).await.unwrap();
    assert_eq!(answer.status, 404);
    assert!(!answer.text().contains(marker));
    assert!(!stack.logs().await.unwrap().contains(marker));
}
