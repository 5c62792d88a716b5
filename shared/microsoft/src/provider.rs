//! The provider: what the worker asks about one connection.

use std::collections::{BTreeMap, BTreeSet};

use domain::cloud::Cloud;
use domain::evidence::{Evidence, EvidenceKind};
use domain::facts::{Cause, Facts, GraphFacts, Known, Questions};
use domain::id::{EntraTenantId, ObjectId};
use domain::next_step::App;
use domain::reason::Reason;
use tracing::warn;

use crate::allowance::{Allowance, Budget};
use crate::credential::ClientCredential;
use crate::graph::Graph;
use crate::graph_documents::DelegatedGrant;
use crate::origin::Origin;
use crate::overrides::{CloudOrigins, Overrides};
use crate::priority::Priority;
use crate::requester::Requester;
use crate::tenant_cloud;
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
    pub fn new(overrides: &Overrides) -> Result<Self, InvalidClient> {
        let origins: BTreeMap<_, _> = Cloud::ALL.iter().map(|cloud| (*cloud, overrides.origins(*cloud))).collect();
        for cloud in overrides.overridden() {
            let CloudOrigins { login, graph } = overrides.origins(cloud);
            let plain = login.is_plain() || graph.is_plain();
            warn!(%cloud, %login, %graph, plain, "Microsoft is replaced by other addresses");
        }
        let transport = Transport::new(tls::client_config(overrides.extra_roots())?)?;
        Ok(Self { transport, origins })
    }

    /// In which cloud a tenant is, as the authority of `cloud` tells anybody; none when it does not know the tenant, or not the cloud.
    pub async fn tenant_cloud(&self, cloud: Cloud, tenant: &EntraTenantId, budget: Budget) -> Option<Cloud> {
        let requester = Requester::new(&self.transport, Allowance::start(budget));
        tenant_cloud::request(&requester, &self.origins[&cloud].login, tenant).await.ok().flatten()
    }

    /// Checks one app's access to one tenant: a token first, and beside it the connection to Graph; then every question to Graph side by
    /// side. It ends within the budget and never fails: what could not be found out is unknown, with its cause.
    pub async fn check(
        &self,
        app: &App,
        credential: &ClientCredential,
        questions: Questions,
        priority: Priority,
        budget: Budget,
    ) -> Facts {
        let origins = &self.origins[&app.cloud];
        let requester = Requester::new(&self.transport, Allowance::start(budget));
        let token = token::request(&requester, &origins.login, app, credential);
        let (token, ()) = tokio::join!(token, self.transport.open(&origins.graph));
        let token = match token {
            Ok(token) => token,
            Err(cause) => return Facts::NoToken(with_cloud(cause, &requester, &origins.login, app).await),
        };
        let (requester, origin, client_id) = (&requester, &origins.graph, &app.client_id);
        let graph = Graph { requester, origin, token: &token, client_id, priority };
        let (organization, service_principal, assignments, graph_resource, delegated, registration) = tokio::join!(
            graph.organization(),
            graph.service_principal(),
            graph.assignments(),
            graph.resource(),
            asked(!questions.delegated.is_empty(), graph.delegated(&questions.delegated)),
            asked(questions.registration, graph.registration(credential)),
        );
        let delegated = delegated.map(|grants| grants.map(|grants| on_graph(grants, graph_resource.as_ref().ok())));
        Facts::Token(GraphFacts {
            token: token.claims(),
            organization: known(organization),
            service_principal: known(service_principal),
            assignments: known(assignments),
            graph_resource: known(graph_resource),
            delegated: delegated.map(known),
            registration: registration.map(known),
            certificate_expires_at: credential.certificate_expires_at(),
        })
    }
}

/// A tenant that is in another cloud stands beside its cause with the cloud that it is in, where that can be told.
async fn with_cloud(mut cause: Cause, requester: &Requester<'_>, login: &Origin, app: &App) -> Cause {
    if cause.reason == Reason::ProviderTenantWrongCloud
        && let Ok(Some(cloud)) = tenant_cloud::request(requester, login, &app.entra_tenant_id).await
    {
        cause.evidence.push(Evidence::text(EvidenceKind::TenantCloud, cloud.as_str()));
    }
    cause
}

/// Asks a question, or leaves it alone.
async fn asked<T>(wanted: bool, question: impl Future<Output = T>) -> Option<T> {
    if wanted { Some(question.await) } else { None }
}

/// The delegated permissions on Graph itself. Where its principal could not be read, nothing tells its grants from those
/// on other resources, and all count.
fn on_graph(grants: Vec<DelegatedGrant>, graph: Option<&ObjectId>) -> BTreeSet<String> {
    let on_graph = |grant: &DelegatedGrant| graph.is_none_or(|graph| *graph == grant.resource_id);
    grants.into_iter().filter(on_graph).flat_map(|grant| grant.scopes).collect()
}

fn known<T>(answer: Result<T, Cause>) -> Known<T> {
    match answer {
        Ok(answer) => Known::Known(answer),
        Err(cause) => Known::Unknown(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delegated_grants_count_on_graph_or_everywhere_when_graph_is_unknown() {
        let id = |digit: char| "00000000-0000-4000-8000-00000000000x".replace('x', &digit.to_string());
        let grant = |resource, scope: &str| DelegatedGrant {
            resource_id: id(resource).parse().expect("a GUID"),
            scopes: BTreeSet::from([scope.to_owned()]),
        };
        let grants = || vec![grant('1', "User.Read"), grant('2', "user_impersonation"), grant('1', "Mail.Read")];
        let graph = id('1').parse().expect("a GUID");
        assert_eq!(Vec::from_iter(on_graph(grants(), Some(&graph))), ["Mail.Read", "User.Read"]);
        assert_eq!(on_graph(grants(), None).len(), 3);
    }
}
