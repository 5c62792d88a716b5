//! The stand-in's thread: the plain address, and the hosts of every cloud when there is an authority for their certificates.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::{get, post};
use axum::serve::Listener;
use domain::cloud::Cloud;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::clouds::{self, Service};
use super::tls::Authority;
use super::{Host, Known, State, graph, login, sts};

/// Where the plain address answers for AWS STS.
pub(crate) const STS: &str = "/sts";

/// Where the stand-in listens.
pub(crate) struct Bound {
    /// The plain address.
    pub(crate) address: SocketAddr,
    /// Handed back: its file must outlive every caller.
    pub(crate) authority: Option<Authority>,
    /// What leads to the hosts of every cloud.
    pub(crate) variables: BTreeMap<String, String>,
}

/// Serves until nobody waits for `stopped` any more.
pub(crate) fn serve(
    address: SocketAddr,
    authority: Option<Authority>,
    known: Arc<Known>,
    started: oneshot::Sender<Result<Bound>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.map(|runtime| {
        runtime.block_on(async move {
            let mut servers = JoinSet::new();
            let bound = start(&mut servers, address, authority, &known).await;
            let failed = bound.is_err();
            if started.send(bound).is_err() || failed {
                return;
            }
            // Connections that wait for a slow answer are cut with the runtime, so this ends at once.
            stopped.await.ok();
        });
    });
    served.expect("a runtime needs nothing but memory and a few file descriptors");
}

async fn start(
    servers: &mut JoinSet<()>,
    address: SocketAddr,
    authority: Option<Authority>,
    known: &Arc<Known>,
) -> Result<Bound> {
    let state = |origin: String, cloud| Arc::new(State { origin, cloud, known: Arc::clone(known) });
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr().context("a bound socket has no address")?;
    // The SDK writes the slash behind the path; whoever types the address may not.
    let plain = login_routes().merge(graph_routes()).route(STS, post(sts::answer)).route("/sts/", post(sts::answer));
    run(servers, listener, plain.with_state(state(format!("http://{address}"), Cloud::Global)));
    let hosts = match &authority {
        Some(authority) => Host::listen_for_all(authority).await?,
        None => Vec::new(),
    };
    let variables = authority.as_ref().map(|authority| clouds::variables(&hosts, authority)).unwrap_or_default();
    for Host { cloud, service, origin, listener } in hosts {
        let routes = match service {
            Service::Login => login_routes(),
            Service::Graph => graph_routes(),
        };
        run(servers, listener, routes.with_state(state(origin, cloud)));
    }
    Ok(Bound { address, authority, variables })
}

fn login_routes() -> Router<Arc<State>> {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(login::token))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(login::openid_configuration))
}

fn graph_routes() -> Router<Arc<State>> {
    Router::new().fallback(graph::answer)
}

fn run<L: Listener<Addr = SocketAddr>>(servers: &mut JoinSet<()>, listener: L, app: Router) {
    servers.spawn(async move {
        // It ends with its runtime alone.
        _ = axum::serve(listener, app).await;
    });
}
