//! One tenant of the stand-in: its ids, what is granted in it, and what was asked of it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::id::{ClientId, EntraTenantId, ObjectId};
use domain::manifest::Manifest;
use uuid::Uuid;

use super::behaviour::{Behaviour, Grants};
use super::scenario::Scenario;
use super::{RecordedCall, lock};

/// What a connection needs to know about a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFixture {
    /// How it behaves.
    pub scenario: Scenario,
    /// Its Entra tenant id.
    pub entra_tenant_id: EntraTenantId,
    /// The app registration.
    pub client_id: ClientId,
    /// The client secret as it is stored for the connection; the app's own, unless the scenario says otherwise.
    pub secret: String,
}

impl TenantFixture {
    /// The one tenant of a scenario whose ids never change.
    pub(crate) fn well_known(scenario: Scenario) -> Self {
        let number = Scenario::ALL.iter().position(|other| *other == scenario).expect("the list has every scenario");
        Self {
            scenario,
            entra_tenant_id: format!("5ca1ab1e-0000-4000-8000-{number:012x}").parse().expect("a GUID"),
            client_id: format!("c11e9700-0000-4000-8000-{number:012x}").parse().expect("a GUID"),
            secret: format!("stand-in~{scenario}~client-secret"),
        }
    }

    /// A tenant with ids and a secret that nobody else has.
    pub(crate) fn fresh(scenario: Scenario) -> Self {
        Self {
            scenario,
            entra_tenant_id: guid().parse().expect("a GUID"),
            client_id: guid().parse().expect("a GUID"),
            secret: format!("stand-in~{}", Uuid::new_v4().simple()),
        }
    }
}

fn guid() -> String {
    Uuid::new_v4().to_string()
}

fn object_id() -> ObjectId {
    guid().parse().expect("a GUID")
}

/// What Graph offers, as far as this product asks for it: names and ids of app roles.
pub(crate) fn app_roles() -> BTreeMap<&'static str, &'static ObjectId> {
    let required = Manifest::built_in().requirements("intune").expect("the manifest defines the module");
    required.iter().map(|requirement| (requirement.name, &requirement.permission.id)).collect()
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
    calls: Mutex<Vec<RecordedCall>>,
    tricked: AtomicBool,
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
            calls: Mutex::default(),
            tricked: AtomicBool::new(false),
        }
    }

    /// What is granted to the app.
    pub(crate) fn granted(&self) -> BTreeMap<&'static str, &'static ObjectId> {
        let mut granted = app_roles();
        match self.behaviour.grants {
            Grants::All => {}
            Grants::AllBut(missing) => granted.retain(|name, _| *name != missing),
            Grants::None => granted.clear(),
        }
        granted
    }

    /// The organization that its tokens reach.
    pub(crate) fn organization(&self) -> String {
        if self.behaviour.other_organization { guid() } else { self.fixture.entra_tenant_id.to_string() }
    }

    /// Whether this is the first time that a trick is played on a caller.
    pub(crate) fn is_first_trick(&self) -> bool {
        !self.tricked.swap(true, Ordering::Relaxed)
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
