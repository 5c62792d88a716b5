//! A stand-in for Microsoft Entra and Graph: one HTTP server that answers for many tenants, each of which behaves as
//! one [`Scenario`]. It looks at forms, secrets and tokens as Microsoft does and answers in Microsoft's shapes, so
//! production code cannot tell it from the real thing but for its address.

mod behaviour;
mod graph;
mod login;
mod refusal;
mod scenario;
mod tenant;
mod token;
mod trick;

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::http::{HeaderMap, Method, Uri};
use axum::routing::post;
use domain::id::EntraTenantId;
use tokio::sync::oneshot;

pub use scenario::{Scenario, UnknownScenario};
pub use tenant::TenantFixture;
pub use trick::RETRY_AFTER_SECONDS;

use tenant::Tenant;

/// A running stand-in. It stops when it is dropped.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    state: Arc<State>,
    /// Dropped with the stand-in, which ends the server.
    _running: oneshot::Sender<()>,
}

/// A request that reached the stand-in. Headers and bodies are left out: they hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCall {
    /// HTTP method.
    pub method: String,
    /// Path with its query.
    pub path: String,
    /// The id that the caller gave the request.
    pub client_request_id: Option<String>,
}

impl RecordedCall {
    fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let client_request_id = headers.get("client-request-id").and_then(|value| value.to_str().ok());
        Self {
            method: method.to_string(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            client_request_id: client_request_id.map(str::to_owned),
        }
    }
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct State {
    origin: String,
    tenants: Mutex<HashMap<EntraTenantId, Arc<Tenant>>>,
    /// Issued access tokens and the tenant that each is for.
    tokens: Mutex<HashMap<String, Arc<Tenant>>>,
}

impl StandIn {
    /// Starts on a free port of 127.0.0.1. It serves on a thread of its own, so it outlives the caller's async runtime.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start() -> Result<Self> {
        Self::start_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Starts on this address.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start_on(address: SocketAddr) -> Result<Self> {
        let (running, stopped) = oneshot::channel();
        let (started, bound) = oneshot::channel();
        std::thread::Builder::new().name("microsoft".to_owned()).spawn(move || serve(address, started, stopped))?;
        let (address, state) = bound
            .await
            .context("the stand-in for Microsoft ended before it listened")?
            .with_context(|| format!("cannot listen on {address} in place of Microsoft"))?;
        Ok(Self { address, state, _running: running })
    }

    /// The origin of Entra and of Graph alike.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A new tenant that behaves as the scenario says, with ids and a secret of its own.
    #[must_use]
    pub fn tenant(&self, scenario: Scenario) -> TenantFixture {
        let fixture = TenantFixture::fresh(scenario);
        self.state.add(&fixture);
        fixture
    }

    /// The requests for one tenant so far, in order.
    #[must_use]
    pub fn calls(&self, entra_tenant_id: &EntraTenantId) -> Vec<RecordedCall> {
        self.state.tenant(entra_tenant_id).map(|tenant| tenant.calls()).unwrap_or_default()
    }
}

impl State {
    /// Every scenario's well-known tenant is there from the start.
    fn new(origin: String) -> Self {
        let state = Self { origin, tenants: Mutex::default(), tokens: Mutex::default() };
        for scenario in Scenario::ALL {
            state.add(&TenantFixture::well_known(*scenario));
        }
        state
    }

    fn add(&self, fixture: &TenantFixture) {
        lock(&self.tenants).insert(fixture.entra_tenant_id.clone(), Arc::new(Tenant::new(fixture.clone())));
    }

    /// The tenant with this id.
    pub(crate) fn tenant(&self, id: &EntraTenantId) -> Option<Arc<Tenant>> {
        lock(&self.tenants).get(id).cloned()
    }

    /// Remembers whom a token is for.
    pub(crate) fn issue(&self, token: String, tenant: Arc<Tenant>) {
        lock(&self.tokens).insert(token, tenant);
    }

    /// The tenant that a token is for.
    pub(crate) fn bearer(&self, token: &str) -> Option<Arc<Tenant>> {
        lock(&self.tokens).get(token).cloned()
    }
}

/// A panicking test must not hide the others' results behind a poisoned lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Started = oneshot::Sender<io::Result<(SocketAddr, Arc<State>)>>;

fn serve(address: SocketAddr, started: Started, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.map(|runtime| {
        runtime.block_on(async move {
            let listener = match tokio::net::TcpListener::bind(address).await {
                Ok(listener) => listener,
                Err(error) => return drop(started.send(Err(error))),
            };
            let Ok(address) = listener.local_addr() else { return };
            let state = Arc::new(State::new(format!("http://{address}")));
            let app = Router::new()
                .route("/{tenant}/oauth2/v2.0/token", post(login::token))
                .fallback(graph::answer)
                .with_state(Arc::clone(&state));
            if started.send(Ok((address, state))).is_err() {
                return;
            }
            // Connections that wait for a slow answer are cut, so this ends at once.
            tokio::select! {
                _ = axum::serve(listener, app).into_future() => {}
                _ = stopped => {}
            }
        });
    });
    served.expect("a runtime needs nothing but memory and a few file descriptors");
}
