//! `cargo run -p harness --bin kill`: verifies hundreds of customers through the deployed stack while processes of its functions are
//! killed, or stopped past their lease, at random moments; then holds that every accepted run has ended, once, with one report, and
//! that no connection is locked. Prints the figures, and ends with 1 where something does not hold.

mod figures;
mod havoc;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use aws_sdk_dynamodb::types::AttributeValue;
use clap::Parser;
use fastrand::Rng;
use futures_util::future::try_join_all;
use harness::customer::{Customer, OPERATOR};
use harness::microsoft::Scenario;
use harness::progress::say;
use harness::shared;
use harness::stack::Stack;
use serde_json::json;

use figures::{Figures, Started};

/// So many customers are verified in turn: each connection has one active run at most.
const CUSTOMERS: usize = 50;

/// What is waited for after the last start: the lease, the patience and the minute of the schedule, several times over.
const PATIENCE: Duration = Duration::from_mins(8);

/// Kills the functions of a deployed stack while it verifies.
#[derive(Debug, Parser)]
#[command(name = "kill")]
struct Arguments {
    /// How many runs are to be accepted, or up to 49 more: of each customer as many
    #[arg(long, default_value_t = 500)]
    verifications: usize,
    /// Begins the random numbers; the same number draws the same moments, but processes are never twice the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Receives before a message is a dead letter
    #[arg(long, default_value_t = 5)]
    receives: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("\nerror: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let parameters = [("MaxReceiveCount", arguments.receives.to_string()), ("PatienceSeconds", "10".to_owned())];
    let stack = shared::own_stack(parameters.into()).await;
    let customers = customers(&stack).await?;
    let begun = Instant::now();
    let verifying = verify(&stack, &customers, arguments.verifications);
    let (started, havoc) = tokio::try_join!(
        verifying,
        havoc::wreak(&stack, Rng::with_seed(arguments.seed), || {
            customers.iter().map(|customer| customer.starts.load(std::sync::atomic::Ordering::Relaxed)).sum::<usize>()
                >= arguments.verifications
        })
    )?;
    say(&format!("{} runs accepted after {} s; waiting for their ends", started.len(), begun.elapsed().as_secs()));
    let figures = settle(&stack, &started).await?;
    say(&format!("{havoc}\n{figures}"));
    figures.check()
}

/// A customer and how many of its runs were accepted.
pub(crate) struct Verified {
    customer: Customer,
    starts: std::sync::atomic::AtomicUsize,
}

async fn customers(stack: &Stack) -> Result<Vec<Verified>> {
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(Verified { customer: stack.customer(Scenario::Healthy).await?, starts: 0.into() });
    }
    Ok(customers)
}

/// Starts verifications of every customer side by side, one after the other of each, until so many are accepted, and of each as many.
async fn verify(stack: &Stack, customers: &[Verified], wanted: usize) -> Result<Vec<Started>> {
    let each = customers.iter().map(|verified| async move {
        let api = stack.api(OPERATOR);
        let (mut started, mut failed) = (Vec::new(), 0_u32);
        while started.len() < wanted.div_ceil(CUSTOMERS) {
            let Ok(answer) = api.post_unchecked(&verified.customer.verifications(), &json!({})).await else {
                failed += 1;
                continue;
            };
            // Whoever is answered with anything else does not know of a run, and asks again.
            if answer.status != 202 {
                failed += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            let body = answer.json()?;
            if body["start_result"] != "accepted" {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            let id = body["id"].as_u64().context("a run has an id")?;
            started.push(Started { id, failed_before: failed });
            failed = 0;
            verified.starts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        Ok::<_, anyhow::Error>(started)
    });
    Ok(try_join_all(each).await?.concat())
}

/// Waits until no slot is left, and reads what became of everything.
async fn settle(stack: &Stack, started: &[Started]) -> Result<Figures> {
    let client = aws_sdk_dynamodb::Client::new(&stack.emulator().sdk_config());
    let begun = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_secs(2));
    loop {
        pace.tick().await;
        let scan = client.scan().table_name(&stack.deployed().table_name).consistent_read(true);
        let items: Vec<_> =
            scan.into_paginator().items().send().try_collect().await.context("cannot read the table")?;
        let is = |item: &std::collections::HashMap<String, AttributeValue>, entity: &str| {
            item.get("entity").and_then(|value| value.as_s().ok()).is_some_and(|word| word == entity)
        };
        if !items.iter().any(|item| is(item, "active_slot")) {
            return Ok(Figures::of(started, &items));
        }
        ensure!(begun.elapsed() < PATIENCE, "connections are still locked: {:#?}", Figures::of(started, &items));
    }
}
