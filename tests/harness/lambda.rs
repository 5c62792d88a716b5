//! Lambda around one process of a function: the runtime interface over which the process asks for invocations and answers them. What it
//! does before it asks for the first one is its start-up.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::scene::now;

/// The time of an invocation, far more than any takes here.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A start-up takes milliseconds; in a simulated processor some seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process of a function.
#[derive(Debug)]
pub struct Process {
    child: Child,
    spawned: Instant,
    polls: watch::Receiver<u64>,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<Result<String, String>>,
    server: JoinHandle<()>,
}

struct Interface {
    polls: watch::Sender<u64>,
    events: Mutex<mpsc::Receiver<String>>,
    answers: mpsc::Sender<Result<String, String>>,
}

impl Process {
    /// Starts a program as Lambda would. It has the environment that the command says and what Lambda adds to it.
    ///
    /// # Errors
    /// When no port is free or there is no such program.
    pub async fn spawn(mut command: Command) -> Result<Self> {
        let (polled, polls) = watch::channel(0);
        let (events, given) = mpsc::channel(1);
        let (answered, answers) = mpsc::channel(1);
        let interface = Arc::new(Interface { polls: polled, events: Mutex::new(given), answers: answered });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(interface);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot find a free port")?;
        let address = listener.local_addr().context("a bound socket has no address")?;
        let server = tokio::spawn(async move {
            // It ends with its runtime, or when the process is dropped.
            _ = axum::serve(listener, routes).await;
        });
        for (name, value) in [
            ("AWS_LAMBDA_RUNTIME_API", address.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "function"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
        ] {
            command.env(name, value);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let spawned = Instant::now();
        let child = command.spawn().context("cannot start the function")?;
        Ok(Self { child, spawned, polls, events, answers, server })
    }

    /// Waits until the process asks for its first invocation; how long that has taken.
    ///
    /// # Errors
    /// When it never does.
    pub async fn first_poll(&mut self) -> Result<Duration> {
        self.polled(1).await?;
        Ok(self.spawned.elapsed())
    }

    /// Invokes the function, and waits until it asks for the next invocation.
    ///
    /// # Errors
    /// When it fails or does not answer.
    pub async fn invoke(&mut self, event: &Value) -> Result<Value> {
        let polls = *self.polls.borrow();
        self.events.send(event.to_string()).await.context("the runtime interface has ended")?;
        let answer = timeout(TIMEOUT, self.answers.recv()).await.context("the function does not answer")?;
        self.polled(polls + 1).await?;
        match answer.context("the runtime interface has ended")? {
            Ok(answer) => serde_json::from_str(&answer).context("the answer is no JSON"),
            Err(error) => bail!("the function failed: {error}"),
        }
    }

    /// The memory that the process has resident, in bytes, as Linux tells.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn resident(&self) -> Result<u64> {
        let id = self.child.id().context("the process has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).context("the system does not say")?;
        let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
        Ok(kibibytes.context("there is no VmRSS")?.parse::<u64>()? * 1024)
    }

    /// Asks the process to end, and waits for it; what it wrote to its standard error.
    ///
    /// # Errors
    /// When there is no program `kill`, or the process cannot be waited for.
    pub async fn end(self) -> Result<String> {
        let id = self.child.id().context("the process has ended")?;
        Command::new("kill").args(["-TERM", &id.to_string()]).status().await.context("cannot run kill")?;
        self.server.abort();
        let output = self.child.wait_with_output().await.context("cannot wait for the function")?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    async fn polled(&mut self, times: u64) -> Result<()> {
        let polled = self.polls.wait_for(|polls| *polls >= times);
        tokio::select! {
            polled = timeout(PATIENCE, polled) => {
                polled.context("the function does not ask for an invocation")?.context("the runtime interface has ended")?;
                Ok(())
            }
            status = self.child.wait() => bail!("the function ended with {}", status.context("it cannot be waited for")?),
        }
    }
}

async fn next(State(interface): State<Arc<Interface>>) -> (HeaderMap, String) {
    interface.polls.send_modify(|polls| *polls += 1);
    let Some(event) = interface.events.lock().await.recv().await else { return std::future::pending().await };
    let deadline = (now() + TIMEOUT).as_millis().to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:000000000000:function:function"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
        ("lambda-runtime-deadline-ms", &deadline),
    ];
    let header = |(name, value): (&'static str, &str)| {
        (name.parse().expect("a name of a header"), value.parse().expect("a value of a header"))
    };
    (headers.map(header).into_iter().collect(), event)
}

async fn response(State(interface): State<Arc<Interface>>, body: String) -> axum::http::StatusCode {
    answer(&interface, Ok(body)).await
}

async fn error(State(interface): State<Arc<Interface>>, body: String) -> axum::http::StatusCode {
    answer(&interface, Err(body)).await
}

async fn answer(interface: &Interface, answer: Result<String, String>) -> axum::http::StatusCode {
    match interface.answers.send(answer).await {
        Ok(()) => axum::http::StatusCode::ACCEPTED,
        Err(_gone) => axum::http::StatusCode::GONE,
    }
}
