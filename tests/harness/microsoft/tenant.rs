//! One tenant of the stand-in: its ids, what is granted in it, and what was asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::HttpBody as _;
use axum::response::Response;
use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use domain::graph_permission::GraphPermission;
use domain::id::{ClientId, EntraTenantId, ObjectId};
use domain::manifest::Manifest;
use uuid::Uuid;

use super::behaviour::{Arrival, Behaviour, Grants};
use super::registration::{AppCertificate, AppKey, FederatedCredential, Registration};
use super::scenario::Scenario;
use super::{RecordedCall, lock};

/// How long a new certificate lasts.
const YEAR: Duration = Duration::from_hours(365 * 24);

/// What the module `intune` requires, which the app's registration asks for.
pub(crate) fn required_roles() -> BTreeMap<&'static str, &'static ObjectId> {
    let required = Manifest::built_in().requirements("intune").expect("the manifest defines the module");
    let required: BTreeSet<_> = required.iter().map(|requirement| requirement.name).collect();
    GraphPermission::roles().filter(|(name, _)| required.contains(name)).collect()
}

/// What a connection needs to know about a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFixture {
    /// How it behaves.
    pub scenario: Scenario,
    /// Where it is.
    pub cloud: Cloud,
    /// Its Entra tenant id.
    pub entra_tenant_id: EntraTenantId,
    /// The app registration.
    pub client_id: ClientId,
    /// The credential as it is stored for the connection, a client secret or a certificate with its key; empty for a federated one.
    pub secret: String,
    /// What the app is registered with.
    pub registration: Registration,
}

impl TenantFixture {
    /// The one tenant of a scenario whose ids never change.
    #[must_use]
    pub fn well_known(scenario: Scenario) -> Self {
        let number = Scenario::ALL.iter().position(|other| *other == scenario).expect("the list has every scenario");
        Self {
            scenario,
            cloud: Cloud::Global,
            entra_tenant_id: format!("5ca1ab1e-0000-4000-8000-{number:012x}").parse().expect("a GUID"),
            client_id: format!("c11e9700-0000-4000-8000-{number:012x}").parse().expect("a GUID"),
            secret: format!("stand-in~{scenario}~client-secret"),
            registration: Registration::ClientSecret,
        }
    }

    /// A tenant with ids that nobody else has, in this cloud, whose app is registered with what is stored for its connection.
    #[must_use]
    pub fn fresh(scenario: Scenario, cloud: Cloud, kind: CredentialKind) -> Self {
        let (secret, registration) = match kind {
            CredentialKind::ClientSecret => {
                (format!("stand-in~{}", Uuid::new_v4().simple()), Registration::ClientSecret)
            }
            CredentialKind::Certificate => {
                let certificate = AppCertificate::new(AppKey::Own, YEAR);
                (certificate.stored(), certificate.registered(CertificateAlgorithm::Ps256))
            }
            CredentialKind::Federated => {
                (String::new(), Registration::Federated(FederatedCredential::of_worker(cloud)))
            }
        };
        let (entra_tenant_id, client_id) = (guid().parse().expect("a GUID"), guid().parse().expect("a GUID"));
        Self { scenario, cloud, entra_tenant_id, client_id, secret, registration }
    }
}

fn guid() -> String {
    Uuid::new_v4().to_string()
}

fn object_id() -> ObjectId {
    guid().parse().expect("a GUID")
}

/// A tenant that requests come for.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// Its ids and secret.
    pub(crate) fixture: TenantFixture,
    /// How it answers.
    pub(crate) behaviour: Behaviour,
    /// Object id of the app's own service principal.
    pub(crate) service_principal: ObjectId,
    /// Object id of Graph's service principal.
    pub(crate) resource: ObjectId,
    /// Object id of another resource's service principal.
    pub(crate) other_resource: ObjectId,
    calls: Mutex<Vec<RecordedCall>>,
    tricked: AtomicBool,
    tokens: AtomicU32,
    bytes: AtomicU64,
}

/// Who tells of grants.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Witness {
    /// The token's roles.
    Token,
    /// Graph's list of assignments.
    Assignments,
}

impl Tenant {
    /// A tenant as the fixture's scenario says.
    pub(crate) fn new(fixture: TenantFixture) -> Self {
        let behaviour = fixture.scenario.behaviour();
        Self {
            fixture,
            behaviour,
            service_principal: object_id(),
            resource: object_id(),
            other_resource: object_id(),
            calls: Mutex::default(),
            tricked: AtomicBool::new(false),
            tokens: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// What is granted to the app, as far as this witness knows.
    pub(crate) fn granted(&self, witness: Witness) -> BTreeMap<&'static str, &'static ObjectId> {
        let known_with = match witness {
            Witness::Token => 2,
            Witness::Assignments => 3,
        };
        if self.behaviour.arrival == Arrival::OnTheWay && self.tokens.load(Ordering::Relaxed) < known_with {
            return BTreeMap::new();
        }
        let mut granted = required_roles();
        let conditions = self.behaviour.granted_beside;
        granted.extend(GraphPermission::roles().filter(|(name, _)| conditions == Some(*name)));
        match self.behaviour.grants {
            Grants::All => {}
            Grants::AllBut(missing) => granted.retain(|name, _| *name != missing),
            Grants::None => granted.clear(),
        }
        granted
    }

    /// The roles that are granted to the app, each with its resource, as the assignments tell.
    pub(crate) fn assigned(&self) -> Vec<(ObjectId, &ObjectId)> {
        let on_graph = self.granted(Witness::Assignments).into_values().map(|role| (role.clone(), &self.resource));
        let elsewhere = self.behaviour.granted_elsewhere.map(|role| role.parse().expect("a GUID"));
        on_graph.chain(elsewhere.map(|role| (role, &self.other_resource))).collect()
    }

    /// The organization that its tokens reach.
    pub(crate) fn organization(&self) -> String {
        if self.behaviour.other_organization { guid() } else { self.fixture.entra_tenant_id.to_string() }
    }

    /// Whether this is the first time that a trick is played on a caller.
    pub(crate) fn is_first_trick(&self) -> bool {
        !self.tricked.swap(true, Ordering::Relaxed)
    }

    /// Counts a token that is about to be issued.
    pub(crate) fn count_token(&self) {
        self.tokens.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what an answer tells.
    pub(crate) fn count_bytes(&self, answer: &Response) {
        self.bytes.fetch_add(answer.body().size_hint().exact().unwrap_or(0), Ordering::Relaxed);
    }

    /// The bytes of all bodies of a known length so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Remembers a request.
    pub(crate) fn record(&self, call: RecordedCall) {
        lock(&self.calls).push(call);
    }

    /// The requests so far.
    pub(crate) fn calls(&self) -> Vec<RecordedCall> {
        lock(&self.calls).clone()
    }
}
