//! `cargo dev`: the whole product on this machine, in one command. It deploys the template to a local AWS emulator,
//! verifies one tenant of a stand-in for Microsoft through the API, prints the report, and keeps serving.

mod dev_server;

use std::net::Ipv4Addr;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use harness::microsoft::Scenario;
use harness::progress::say;

use dev_server::DevServer;

/// Runs the product on this machine: deploys it to a local AWS emulator and verifies one tenant of a stand-in for
/// Microsoft.
#[derive(Debug, Parser)]
#[command(name = "cargo dev")]
struct Arguments {
    /// How the tenant behaves that is verified.
    #[arg(long, default_value = "healthy", value_parser = scenario())]
    scenario: Scenario,

    /// Exit after the report: 0 when the run completed.
    #[arg(long)]
    once: bool,

    /// The API's port; the token issuer and the stand-in for Microsoft take the next two.
    #[arg(long, default_value_t = 4510, value_parser = clap::value_parser!(u16).range(1024..=65533))]
    port: u16,

    /// Lets containers reach the stack at this address of the machine, for `sam local`: where Docker's first network sees it, unless
    /// another is given. Whoever else reaches the address reaches the emulator, too.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "172.17.0.1")]
    containers: Option<Ipv4Addr>,
}

fn scenario() -> impl TypedValueParser<Value = Scenario> {
    let possible = Scenario::ALL.iter().map(|scenario| PossibleValue::new(scenario.name()).help(scenario.about()));
    PossibleValuesParser::new(possible).try_map(|name| name.parse::<Scenario>())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("\nerror: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let server = DevServer::start(arguments.port, arguments.scenario, arguments.containers).await?;
    let outcome = server.verify(arguments.scenario).await;
    if outcome.is_ok() && !arguments.once {
        server.explain(arguments.scenario);
        tokio::signal::ctrl_c().await?;
        say("\nStopping. The next `cargo dev` finds everything as it is now.");
    }
    // The state is saved even after a failure, to look at it.
    server.stop()?;
    outcome
}
