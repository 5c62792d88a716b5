//! How long one check takes when every answer of Microsoft comes after 200 ms: a token, then everything else side by side. Prints the
//! times; nothing fails when they grow.

#![allow(clippy::print_stdout, reason = "printing the times is what it is for")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::cloud::Cloud;
use domain::facts::{Facts, Questions};
use domain::next_step::App;
use harness::microsoft::{Scenario, StandIn};
use microsoft::{Budget, ClientCredential, Overrides, Priority, Provider};
use secrecy::SecretString;

const CHECKS: usize = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let stand_in = StandIn::start().await?;
    let origin = stand_in.origin();
    let overrides = Overrides::parse(|name| match name {
        "MICROSOFT_LOGIN_ORIGIN_GLOBAL" | "MICROSOFT_GRAPH_ORIGIN_GLOBAL" => Some(origin.clone()),
        _ => None,
    })?;
    let mut times = Vec::new();
    for _ in 0..CHECKS {
        // A client of its own for each check: connections are opened anew, as in a process that just started.
        let provider = Provider::new(&overrides)?;
        let tenant = stand_in.tenant(Scenario::Late);
        let app =
            App { cloud: Cloud::Global, entra_tenant_id: tenant.entra_tenant_id.clone(), client_id: tenant.client_id };
        let credential = ClientCredential::ClientSecret(Arc::new(SecretString::from(tenant.secret)));
        let questions = Questions { delegated: ["User.Read".to_owned()].into(), registration: true };
        let begun = Instant::now();
        let facts =
            provider.check(&app, &credential, questions, Priority::Normal, Budget::of(Duration::from_secs(45))).await;
        times.push(begun.elapsed());
        anyhow::ensure!(matches!(facts, Facts::Token(_)), "the check did not come to Graph: {facts:?}");
        anyhow::ensure!(stand_in.calls(&tenant.entra_tenant_id).len() == 7, "the check made other calls than seven");
    }
    times.sort();
    println!(
        "a check of 7 calls in 2 waves, each answered after 200 ms: median {} ms, slowest {} ms of {CHECKS}",
        times[CHECKS / 2].as_millis(),
        times[CHECKS - 1].as_millis()
    );
    Ok(())
}
