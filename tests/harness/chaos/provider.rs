//! Microsoft, as far as the life of a run goes: in order, slow, busy, refusing, or so surprising that the worker panics.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::cloud::Cloud;
use domain::facts::{Cause, Facts, Questions};
use domain::next_step::App;
use domain::reason::Reason;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use microsoft::{Budget, ClientCredential, Priority};
use secrecy::SecretString;
use tokio::time::sleep;

use super::world::World;
use crate::microsoft::{Scenario, StandIn, TenantFixture};

/// The customer whose connections are verified.
pub(super) fn customer() -> TenantFixture {
    TenantFixture::well_known(Scenario::Healthy)
}

/// What the stand-in for Microsoft says of a connection in order.
///
/// # Errors
/// When the stand-in does not start.
pub fn healthy_facts() -> Result<Facts> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        let stand_in = StandIn::start().await?;
        let fixture = customer();
        stand_in.add(&fixture);
        let origin = stand_in.origin();
        let overrides = microsoft::Overrides::parse(|name| match name {
            "MICROSOFT_LOGIN_ORIGIN_GLOBAL" | "MICROSOFT_GRAPH_ORIGIN_GLOBAL" => Some(origin.clone()),
            _ => None,
        })?;
        let app = App {
            cloud: Cloud::Global,
            entra_tenant_id: fixture.entra_tenant_id.clone(),
            client_id: fixture.client_id,
        };
        let credential = ClientCredential::ClientSecret(Arc::new(SecretString::from(fixture.secret)));
        let (questions, budget) = (Questions::default(), Budget::of(Duration::from_secs(10)));
        let provider = microsoft::Provider::new(&overrides)?;
        Ok(provider.check(&app, &credential, questions, Priority::Normal, budget).await)
    })
}

/// Whoever answers in Microsoft's place.
pub(super) struct Provider {
    pub(super) world: Arc<World>,
    pub(super) healthy: Facts,
}

impl worker::Provider for Provider {
    fn check<'a>(
        &'a self,
        _: &'a App,
        _: &'a ClientCredential,
        _: Questions,
        _: Priority,
        budget: Budget,
    ) -> BoxFuture<'a, Facts> {
        async move {
            let chance = |most| self.world.chance(|chance| chance.u64(..most));
            sleep(Duration::from_millis(100 + chance(1_500)).min(budget.time)).await;
            let cause = |reason, retry_after| Facts::NoToken(Cause { reason, evidence: Vec::new(), retry_after });
            match chance(20) {
                0 => cause(Reason::Throttled, Some(Duration::from_secs(chance(200)))),
                1 => {
                    sleep(budget.time).await;
                    cause(Reason::DependencyUnreachable, None)
                }
                2 => cause(Reason::AuthenticationFailed, None),
                // As a panic, but for the noise.
                3 => resume_unwind(Box::new("on purpose")),
                _ => self.healthy.clone(),
            }
        }
        .boxed()
    }
}
