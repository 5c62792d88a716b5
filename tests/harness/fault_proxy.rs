//! A proxy between AWS clients and an emulator that does what no emulator does: it cancels transactions because of conflicts,
//! throttles, leaves keys unprocessed, holds calls up, and loses or withholds answers after the work is done. It also writes down every call it
//! sees, so that a test can compare a flow with its design.
//!
//! Each fault meets the next call of its operation, once, in the order in which the faults were injected.

mod resources;
mod size;
mod wire;
mod writes;

use std::collections::{BTreeSet, VecDeque};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio::task::JoinHandle;

pub use size::item_size;
pub(crate) use wire::{asks_for_nothing, leave_keys};
pub use writes::Write;

/// Something that goes wrong with one call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The call is done, and the connection closes before the answer.
    LostAnswer {
        /// Of which operation, such as `TransactWriteItems`.
        operation: &'static str,
    },
    /// The call is done, and the connection stays open without an answer, until the caller closes it.
    Unanswered {
        /// Of which operation.
        operation: &'static str,
    },
    /// The call is not done: it is answered with an error.
    Error {
        /// Of which operation.
        operation: &'static str,
        /// Which error, such as `ThrottlingException`.
        code: &'static str,
    },
    /// A transaction is cancelled for this reason at these places. The conditions of all other items are judged as they stand,
    /// so the reasons are mixed when one of them does not hold.
    Cancelled {
        /// The reason, such as `TransactionConflict`.
        code: &'static str,
        /// The places of the items, from 0.
        places: &'static [usize],
    },
    /// A `BatchGetItem` leaves this many of its keys unprocessed, or all that it has.
    Unprocessed {
        /// How many.
        keys: usize,
    },
    /// Nothing goes wrong with the call: what was injected after this meets a later one.
    Spared {
        /// Of which operation.
        operation: &'static str,
    },
    /// The call waits at the gate twice before it is done, so that the test that waits there too can do something in between.
    Held {
        /// Of which operation.
        operation: &'static str,
        /// A barrier for two.
        gate: Arc<Barrier>,
    },
}

impl Fault {
    fn operation(&self) -> &'static str {
        match self {
            Fault::LostAnswer { operation }
            | Fault::Unanswered { operation }
            | Fault::Error { operation, .. }
            | Fault::Spared { operation }
            | Fault::Held { operation, .. } => operation,
            Fault::Cancelled { .. } => "TransactWriteItems",
            Fault::Unprocessed { .. } => "BatchGetItem",
        }
    }
}

/// A call as the proxy saw it. Retries are calls too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The operation, such as `BatchGetItem` or `SendMessage`.
    pub operation: String,
    /// DynamoDB's keys, sorted where their order means nothing: `pk/sk`, in a transaction with the kind of each item before it.
    pub keys: Vec<String>,
    /// What it writes to DynamoDB, each action by itself.
    pub writes: Vec<Write>,
    /// What it is about, as the end of an ARN says it: `table/NAME/index/gsi1`, `queue/NAME`, `parameter/NAME`; `*` where it names nothing.
    pub resources: BTreeSet<String>,
}

/// A running proxy. It stops when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    url: String,
    state: Arc<State>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    target: String,
    client: reqwest::Client,
    faults: Mutex<VecDeque<Fault>>,
    forgets_tokens: Mutex<bool>,
    calls: Mutex<Vec<Call>>,
    /// What DynamoDB's calls have cost; none while nobody wants to know.
    capacity: Mutex<Option<f64>>,
    /// The bytes of all answers.
    bytes: AtomicUsize,
}

impl FaultProxy {
    /// Starts a proxy in front of an endpoint of AWS services. It runs on the caller's runtime.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn in_front_of(endpoint: &str) -> Result<Self> {
        // reqwest wants a TLS provider even for plain HTTP. An error says that there is one already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().build().context("cannot make an HTTP client")?;
        let state = Arc::new(State {
            target: endpoint.trim_end_matches('/').to_owned(),
            client,
            faults: Mutex::default(),
            forgets_tokens: Mutex::default(),
            calls: Mutex::default(),
            capacity: Mutex::default(),
            bytes: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot find a free port")?;
        let url = format!("http://{}", listener.local_addr().context("a bound socket has no address")?);
        let server = tokio::spawn(serve(listener, state.clone()));
        Ok(Self { url, state, server })
    }

    /// The endpoint that clients are to use.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets something go wrong, once.
    pub fn inject(&self, fault: Fault) {
        lock(&self.state.faults).push_back(fault);
    }

    /// From now on DynamoDB does not recognize a transaction that comes again, as after ten minutes: a lost answer then shows in
    /// the conditions.
    pub fn forget_tokens(&self) {
        *lock(&self.state.forgets_tokens) = true;
    }

    /// The calls since the last time, in the order in which they came.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut *lock(&self.state.calls))
    }

    /// The bytes of the answers since the last time.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.state.bytes.swap(0, Ordering::Relaxed)
    }

    /// From now on DynamoDB is asked what each call costs; counting begins at 0.
    pub fn count_capacity(&self) {
        *lock(&self.state.capacity) = Some(0.0);
    }

    /// The capacity units that the calls have cost since then.
    ///
    /// # Panics
    /// When nobody asked to count them.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        lock(&self.state.capacity).expect("capacity is counted")
    }

    /// How many injected faults have met no call yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        lock(&self.state.faults).len()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_connection(stream, state.clone()));
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(move |request| {
        let state = state.clone();
        async move { state.handle(request).await }
    });
    // An error of the service closes the connection without an answer: that is how an answer is lost.
    let closed = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    drop(closed);
}

impl State {
    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.context("the request breaks off")?.to_bytes();
        let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let mut sent: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (keys, writes) = (wire::keys(&operation, &sent), writes::writes(&operation, &sent));
        let resources = resources::resources(&operation, &sent);
        lock(&self.calls).push(Call { operation: operation.clone(), keys, writes, resources });
        // The emulators never answer with what is old; DynamoDB does, where nobody forbids it.
        if wire::may_be_old(&operation, &sent) {
            return Ok(wire::error("InconsistentRead"));
        }
        if operation == "TransactWriteItems" && *lock(&self.forgets_tokens) {
            wire::remove_token(&mut sent);
        }
        let request = Forward { method: head.method, path: head.uri.to_string(), headers: head.headers };
        match self.next_fault(&operation) {
            None if sent.is_null() => self.forward(request, body).await,
            None | Some(Fault::Spared { .. }) => {
                let counted = lock(&self.capacity).is_some();
                if counted {
                    wire::ask_for_capacity(&mut sent);
                }
                let answer = self.forward(request, sent.to_string().into()).await?;
                if !counted {
                    return Ok(answer);
                }
                let (answer, units) = wire::capacity(answer).await?;
                *lock(&self.capacity).get_or_insert(0.0) += units;
                Ok(answer)
            }
            Some(Fault::LostAnswer { .. }) => {
                let answer = self.forward(request, sent.to_string().into()).await?;
                bail!("the answer {} is lost", answer.status());
            }
            Some(Fault::Unanswered { .. }) => {
                self.forward(request, sent.to_string().into()).await?;
                std::future::pending().await
            }
            Some(Fault::Error { code, .. }) => Ok(wire::error(code)),
            Some(Fault::Cancelled { code, places }) => {
                wire::never_commit(&mut sent);
                let answer = self.forward(request, sent.to_string().into()).await?;
                wire::cancelled(answer, code, places).await
            }
            Some(Fault::Unprocessed { keys }) => {
                let left = wire::leave_keys(&mut sent, keys);
                if wire::asks_for_nothing(&sent) {
                    return Ok(wire::nothing_processed(&left));
                }
                let answer = self.forward(request, sent.to_string().into()).await?;
                wire::unprocessed(answer, &left).await
            }
            Some(Fault::Held { gate, .. }) => {
                gate.wait().await;
                gate.wait().await;
                self.forward(request, sent.to_string().into()).await
            }
        }
    }

    fn next_fault(&self, operation: &str) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let place = faults.iter().position(|fault| fault.operation() == operation)?;
        faults.remove(place)
    }

    async fn forward(&self, request: Forward, body: Bytes) -> Result<Response<Full<Bytes>>> {
        let Forward { method, path, mut headers } = request;
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
        let url = format!("{}{path}", self.target);
        let answer = self.client.request(method, url).headers(headers).body(body).send().await;
        let answer = answer.context("the emulator does not answer")?;
        let (status, content_type) = (answer.status(), answer.headers().get(CONTENT_TYPE).cloned());
        let body = answer.bytes().await.context("the emulator's answer breaks off")?;
        self.bytes.fetch_add(body.len(), Ordering::Relaxed);
        let mut forwarded = Response::new(Full::new(body));
        *forwarded.status_mut() = StatusCode::from_u16(status.as_u16()).context("the emulator's status")?;
        if let Some(content_type) = content_type {
            forwarded.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        Ok(forwarded)
    }
}

/// What of a request is passed on, besides its body. The Host header stays, because the signature holds it.
struct Forward {
    method: hyper::Method,
    path: String,
    headers: HeaderMap,
}
