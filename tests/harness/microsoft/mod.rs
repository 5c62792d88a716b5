//! A stand-in for Microsoft Entra and Graph: one HTTP server that answers for many tenants, each of which behaves as
//! one [`Scenario`]. It looks at forms, secrets and tokens as Microsoft does and answers in Microsoft's shapes, so
//! production code cannot tell it from the real thing but for its address.

mod assertion;
mod behaviour;
mod clouds;
mod graph;
pub mod hostile_credential;
mod login;
mod refusal;
mod registration;
mod scenario;
mod server;
mod state;
pub mod sts;
mod tenant;
pub(crate) mod tls;
mod token;
mod trick;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use axum::http::{HeaderMap, Method, Uri};
use domain::cloud::Cloud;
use domain::connection::CredentialKind;
use domain::id::EntraTenantId;
use tokio::sync::oneshot;

pub use registration::{AppCertificate, AppKey, FederatedCredential, PASSWORD, RegisteredCertificate, Registration};
pub use scenario::{Scenario, UnknownScenario};
pub use tenant::TenantFixture;
pub use trick::RETRY_AFTER_SECONDS;

use clouds::Host;
use state::{Known, State};
use tls::Authority;

/// A running stand-in. It stops when it is dropped.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    known: Arc<Known>,
    /// What leads a caller to the hosts of every cloud; empty when there is only the one address.
    variables: BTreeMap<String, String>,
    /// Trusted by those hosts' callers.
    authority: Option<Authority>,
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

impl StandIn {
    /// Starts on a free port of 127.0.0.1. It serves on a thread of its own, so it outlives the caller's async runtime.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start() -> Result<Self> {
        Self::start_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Starts on this address, without TLS and for the global cloud alone.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start_on(address: SocketAddr) -> Result<Self> {
        Self::start_with(address, None).await
    }

    /// Starts with hosts of its own for every cloud, which speak TLS under an authority that nobody else trusts.
    ///
    /// # Errors
    /// When no port can be listened on or the authority's file cannot be written.
    pub async fn start_in_every_cloud() -> Result<Self> {
        Self::start_with(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Some(Authority::new()?)).await
    }

    async fn start_with(address: SocketAddr, authority: Option<Authority>) -> Result<Self> {
        let known = Arc::new(Known::new());
        let (running, stopped) = oneshot::channel();
        let (started, bound) = oneshot::channel();
        let to_serve = Arc::clone(&known);
        std::thread::Builder::new()
            .name("microsoft".to_owned())
            .spawn(move || server::serve(address, authority, to_serve, started, stopped))?;
        let server::Bound { address, authority, variables } = bound
            .await
            .context("the stand-in for Microsoft ended before it listened")?
            .with_context(|| format!("cannot listen on {address} in place of Microsoft"))?;
        Ok(Self { address, known, variables, authority, _running: running })
    }

    /// The origin of the global cloud's Entra and Graph alike, without TLS.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The endpoint of AWS STS, for `AWS_ENDPOINT_URL_STS`.
    #[must_use]
    pub fn sts_endpoint(&self) -> String {
        format!("{}{}", self.origin(), server::STS)
    }

    /// What leads to the hosts of every cloud, by the name of its `MICROSOFT_` variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    /// A new tenant of the global cloud that behaves as the scenario says, with ids and a secret of its own.
    #[must_use]
    pub fn tenant(&self, scenario: Scenario) -> TenantFixture {
        let fixture = TenantFixture::fresh(scenario, Cloud::Global, CredentialKind::ClientSecret);
        self.add(&fixture);
        fixture
    }

    /// Adds a tenant.
    pub fn add(&self, fixture: &TenantFixture) {
        self.known.add(fixture);
    }

    /// The requests for one tenant so far, in order.
    #[must_use]
    pub fn calls(&self, entra_tenant_id: &EntraTenantId) -> Vec<RecordedCall> {
        self.known.tenant(entra_tenant_id).map(|tenant| tenant.calls()).unwrap_or_default()
    }

    /// How many connections the hosts that speak TLS have taken so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.authority.as_ref().map_or(0, Authority::connections)
    }

    /// The bytes that were told about one tenant so far.
    #[must_use]
    pub fn bytes(&self, entra_tenant_id: &EntraTenantId) -> u64 {
        self.known.tenant(entra_tenant_id).map_or(0, |tenant| tenant.bytes())
    }
}

/// A panicking test must not hide the others' results behind a poisoned lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
