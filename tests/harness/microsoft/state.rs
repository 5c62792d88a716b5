//! What the stand-in remembers, and which part of it a request may see: a cloud knows its own tenants and tokens alone.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use domain::cloud::Cloud;
use domain::id::EntraTenantId;

use super::lock;
use super::scenario::Scenario;
use super::tenant::{Tenant, TenantFixture};

/// What all hosts share.
#[derive(Debug, Default)]
pub(crate) struct Known {
    tenants: Mutex<HashMap<EntraTenantId, Arc<Tenant>>>,
    /// Issued access tokens and the tenant that each is for.
    tokens: Mutex<HashMap<String, Arc<Tenant>>>,
    /// Ids of assertions that were used.
    assertions: Mutex<HashSet<String>>,
}

impl Known {
    /// Every scenario's well-known tenant is there from the start.
    pub(crate) fn new() -> Self {
        let known = Self::default();
        for scenario in Scenario::ALL {
            known.add(&TenantFixture::well_known(*scenario));
        }
        known
    }

    /// Adds a tenant.
    pub(crate) fn add(&self, fixture: &TenantFixture) {
        lock(&self.tenants).insert(fixture.entra_tenant_id.clone(), Arc::new(Tenant::new(fixture.clone())));
    }

    /// The tenant with this id, in whichever cloud.
    pub(crate) fn tenant(&self, id: &EntraTenantId) -> Option<Arc<Tenant>> {
        lock(&self.tenants).get(id).cloned()
    }

    /// Whether an assertion's id was never used before. From now on it was.
    pub(crate) fn is_new_assertion(&self, id: String) -> bool {
        lock(&self.assertions).insert(id)
    }
}

/// What the requests to one host see.
#[derive(Debug)]
pub(crate) struct State {
    /// The host's own address.
    pub(crate) origin: String,
    /// The host's cloud.
    pub(crate) cloud: Cloud,
    /// What all hosts share.
    pub(crate) known: Arc<Known>,
}

impl State {
    /// The tenant with this id, if the host's authority has it. GCC High and DoD share theirs.
    pub(crate) fn tenant(&self, id: &EntraTenantId) -> Option<Arc<Tenant>> {
        let here = self.cloud.endpoints().authority;
        self.known.tenant(id).filter(|tenant| tenant.fixture.cloud.endpoints().authority == here)
    }

    /// Remembers whom a token is for.
    pub(crate) fn issue(&self, token: String, tenant: Arc<Tenant>) {
        lock(&self.known.tokens).insert(token, tenant);
    }

    /// The tenant that a token is for, if it is for this cloud's Graph.
    pub(crate) fn bearer(&self, token: &str) -> Option<Arc<Tenant>> {
        let tenant = lock(&self.known.tokens).get(token).cloned();
        tenant.filter(|tenant| tenant.fixture.cloud == self.cloud)
    }
}
