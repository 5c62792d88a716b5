//! The provider: what the worker asks about one connection.

use std::collections::BTreeMap;

use domain::cloud::Cloud;
use domain::facts::{Cause, Facts, GraphFacts, Known};
use domain::next_step::App;
use secrecy::SecretString;
use tracing::warn;

use crate::allowance::{Allowance, Budget};
use crate::graph::Graph;
use crate::session::Session;
use crate::settings::{CloudOrigins, Settings};
use crate::tls;
use crate::token;
use crate::transport::Transport;

/// Why no client could be built.
#[derive(Debug, thiserror::Error)]
pub enum InvalidClient {
    /// TLS cannot be set up.
    #[error("TLS towards Microsoft cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client towards Microsoft cannot be set up")]
    Http(#[from] reqwest::Error),
}

/// Microsoft Entra and Graph in every cloud. Made once; its connections are shared by all checks.
#[derive(Debug)]
pub struct Provider {
    transport: Transport,
    origins: BTreeMap<Cloud, CloudOrigins>,
}

impl Provider {
    /// Builds the client without opening a connection, and warns of every address that is not Microsoft's.
    ///
    /// # Errors
    ///
    /// When TLS or the HTTP client cannot be set up.
    pub fn new(settings: &Settings) -> Result<Self, InvalidClient> {
        let origins: BTreeMap<_, _> = Cloud::ALL.iter().map(|cloud| (*cloud, settings.origins(*cloud))).collect();
        for cloud in settings.overridden() {
            let CloudOrigins { login, graph } = settings.origins(cloud);
            let plain = login.is_plain() || graph.is_plain();
            warn!(%cloud, %login, %graph, plain, "Microsoft is replaced by other addresses");
        }
        let transport = Transport::new(tls::client_config(settings.extra_roots())?)?;
        Ok(Self { transport, origins })
    }

    /// Checks one app's access to one tenant: a token first, then every question to Graph side by side. It ends within
    /// the budget and never fails: what could not be found out is unknown, with its cause.
    pub async fn check(&self, app: &App, secret: &SecretString, budget: Budget) -> Facts {
        let origins = &self.origins[&app.cloud];
        let session = Session::new(&self.transport, Allowance::start(budget));
        let token = match token::request(&session, &origins.login, app, secret).await {
            Ok(token) => token,
            Err(cause) => return Facts::NoToken(cause),
        };
        let graph = Graph { session: &session, origin: &origins.graph, token: &token, client_id: &app.client_id };
        let (organization, service_principal, assignments, graph_resource) =
            tokio::join!(graph.organization(), graph.service_principal(), graph.assignments(), graph.resource());
        Facts::Token(GraphFacts {
            token: token.claims(),
            organization: known(organization),
            service_principal: known(service_principal),
            assignments: known(assignments),
            graph_resource: known(graph_resource),
        })
    }
}

fn known<T>(answer: Result<T, Cause>) -> Known<T> {
    match answer {
        Ok(answer) => Known::Known(answer),
        Err(cause) => Known::Unknown(cause),
    }
}
