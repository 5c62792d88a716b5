//! What points `sam local` at a local stack. It runs a function in a container, with the variables of the template, and of a file those that
//! the template declares. A container has a loopback interface of its own, so the stack is led to the address at which it sees its machine.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::deploy::STAGE;
use crate::issuer::SCOPE;
use crate::stack::{CONSOLE, Ports, Stack, stand_ins};
use crate::template;

/// The queue of functions that run in a container. Nothing reads it: a run that `start` makes there waits for the worker that a person
/// calls, and not for the deployed one.
const QUEUE: &str = "sam-local";
/// The machine, as a container sees it that was told its address by `--add-host`.
const MACHINE: &str = "host.docker.internal";

/// Lets containers reach a stack at this address of the machine, until the process ends, and writes the file for `--env-vars`.
///
/// # Errors
/// When the machine has no such address, the queue cannot be made or the file cannot be written.
pub async fn open(stack: &Stack, ports: Ports, address: Ipv4Addr, file: &Path) -> Result<()> {
    for port in [ports.aws, ports.microsoft] {
        lead(address, port).await?;
    }
    let queue = aws_sdk_sqs::Client::new(&stack.emulator().sdk_config()).create_queue().queue_name(QUEUE);
    let queue = queue.send().await.with_context(|| format!("cannot make the queue {QUEUE}"))?;
    let queue = queue.queue_url.context("a queue has a URL")?;
    let variables = variables(&stack.deployed().table_name, &queue, ports)?;
    fs::write(file, format!("{variables:#}\n")).with_context(|| format!("cannot write {}", file.display()))
}

/// Variables for all functions; each is given those that the template declares for it. Everything else has the template's own values.
///
/// # Errors
/// When the template has another shape.
pub fn variables(table_name: &str, queue_url: &str, ports: Ports) -> Result<Value> {
    let microsoft = format!("http://{MACHINE}:{}", ports.microsoft);
    // SAM looks nothing up in a mapping by a parameter.
    let timeout: u32 = template::part("/Parameters/WorkerTimeoutSeconds/Default")?;
    let times: Value = template::part(&format!("/Mappings/Times/{timeout}"))?;
    Ok(json!({
        "Parameters": {
            "AWS_ENDPOINT_URL": format!("http://{MACHINE}:{}", ports.aws),
            "CHECK_BUDGET_SECONDS": times["CheckBudget"],
            "CONSOLE_BASE_URL": CONSOLE,
            "JWT_SCOPE": SCOPE,
            // Every customer was made a moment ago, and nobody waits for what never comes.
            "PROPAGATION_SECONDS": "0",
            "QUEUE_URL": queue_url,
            "STAGE": STAGE,
            "STAND_INS": stand_ins(&microsoft),
            "TABLE_NAME": table_name,
            "VISIBILITY_TIMEOUT_SECONDS": times["Visibility"],
        },
    }))
}

/// Leads whoever connects to a port of the address to the same port of the loopback interface.
async fn lead(address: Ipv4Addr, port: u16) -> Result<()> {
    let listener = TcpListener::bind((address, port)).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}: containers see no such machine"))?;
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut to = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
                copy_bidirectional(&mut from, &mut to).await
            });
        }
    });
    Ok(())
}
