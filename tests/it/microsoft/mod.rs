//! The `microsoft` crate against the stand-in, over real HTTP.

mod connections;
mod credentials;
mod hostile;
mod privacy;
mod retries;
mod scenario_table;
mod scenarios;

use std::sync::Arc;
use std::time::Duration;

use domain::connection::CertificateAlgorithm;
use domain::evidence::{EvidenceKind, EvidenceValue};
use domain::facts::{Cause, Facts, GraphFacts, Questions};
use domain::next_step::App;
use harness::emulator::sdk_config;
use harness::microsoft::{RecordedCall, Registration, Scenario, StandIn, TenantFixture};
use microsoft::{Budget, Certificate, ClientAssertion, ClientCredential, Overrides, Priority, Provider};
use secrecy::SecretString;

/// A healthy check: the token, then organization, own service principal, assignments, Graph's principal.
const HEALTHY_CALLS: u32 = 5;

/// A stand-in and a provider that knows no other Microsoft.
struct Bench {
    stand_in: StandIn,
    provider: Provider,
}

/// What one check found out and what it asked.
struct Checked {
    facts: Facts,
    calls: Vec<RecordedCall>,
}

impl Bench {
    async fn start() -> Self {
        let stand_in = StandIn::start().await.expect("a free port");
        let origin = stand_in.origin();
        let overrides = Overrides::parse(|variable| variable.ends_with("_ORIGIN_GLOBAL").then(|| origin.clone()));
        let provider = Provider::new(&overrides.expect("valid overrides")).expect("a client");
        Self { stand_in, provider }
    }

    /// The same with hosts of every cloud, behind TLS.
    async fn start_in_every_cloud() -> Self {
        let stand_in = StandIn::start_in_every_cloud().await.expect("free ports");
        let overrides = Overrides::parse(|variable| stand_in.variable(variable));
        let provider = Provider::new(&overrides.expect("valid overrides")).expect("a client");
        Self { stand_in, provider }
    }

    /// Checks a tenant of its own.
    async fn check(&self, scenario: Scenario, budget: Budget) -> Checked {
        self.check_tenant(&self.stand_in.tenant(scenario), budget).await
    }

    async fn check_tenant(&self, tenant: &TenantFixture, budget: Budget) -> Checked {
        self.check_with(tenant, &self.credential(tenant).await, Questions::default(), budget).await
    }

    async fn check_with(
        &self,
        tenant: &TenantFixture,
        credential: &ClientCredential,
        questions: Questions,
        budget: Budget,
    ) -> Checked {
        let app = App {
            cloud: tenant.cloud,
            entra_tenant_id: tenant.entra_tenant_id.clone(),
            client_id: tenant.client_id.clone(),
        };
        let facts = self.provider.check(&app, credential, questions, Priority::Low, budget).await;
        Checked { facts, calls: self.stand_in.calls(&tenant.entra_tenant_id) }
    }

    /// What the tenant's app signs in with.
    async fn credential(&self, tenant: &TenantFixture) -> ClientCredential {
        let stored = SecretString::from(tenant.secret.as_str());
        match &tenant.registration {
            Registration::ClientSecret => ClientCredential::ClientSecret(Arc::new(stored)),
            Registration::Certificate(_) => {
                let parsed = Certificate::parse(&stored).expect("a key and its certificate");
                ClientCredential::Certificate(Arc::new(parsed), CertificateAlgorithm::Ps256)
            }
            Registration::Federated(_) => {
                let sts = aws_sdk_sts::Client::new(&sdk_config(&self.stand_in.sts_endpoint()));
                let audience = tenant.cloud.endpoints().federation_audience;
                let issued = sts.get_web_identity_token().audience(audience).signing_algorithm("RS256").send().await;
                let jwt = issued.expect("an answer").web_identity_token.expect("a token");
                ClientCredential::Federated(ClientAssertion::new(jwt.into()))
            }
        }
    }
}

impl Checked {
    fn count(&self) -> u32 {
        self.calls.len().try_into().expect("a handful of calls")
    }

    fn graph(&self) -> &GraphFacts {
        match &self.facts {
            Facts::Token(facts) => facts,
            Facts::NoToken(cause) => panic!("no token: {cause:?}"),
        }
    }

    fn no_token(&self) -> &Cause {
        match &self.facts {
            Facts::NoToken(cause) => cause,
            Facts::Token(facts) => panic!("a token was issued: {facts:?}"),
        }
    }
}

/// Time for a slow machine, and less than a throttled answer of the stand-in asks to wait.
fn calls(calls: u32) -> Budget {
    Budget { calls, time: Duration::from_secs(harness::microsoft::RETRY_AFTER_SECONDS - 1) }
}

/// The finer cause, if there is one.
fn detail(cause: &Cause) -> Option<&str> {
    let found = cause.evidence.iter().find(|evidence| evidence.kind == EvidenceKind::Detail)?;
    match &found.value {
        EvidenceValue::Text(text) => Some(text),
        EvidenceValue::Number(_) => None,
    }
}
