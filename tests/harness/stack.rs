//! The whole stack in one value: emulator, token issuer, stand-in for Microsoft, and the deployed template wired to
//! them. `cargo dev` and the tests through HTTP start the same one.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use aws_sdk_ssm::types::ParameterType;
use serde_json::Value;
use tokio::process::Command;
use tokio::task::block_in_place;

use crate::api::Api;
use crate::customer::{Customer, directory};
use crate::deploy::{self, Deployed, Parameters, STAGE};
use crate::emulator::{Emulator, Place};
use crate::functions;
use crate::issuer::{AUDIENCE, Issuer, SCOPE};
use crate::microsoft::{Scenario, StandIn};
use crate::progress::step;
use crate::python::Python;
use crate::workspace::Workspace;

/// The address that in-product links point to locally; nothing listens there.
pub const CONSOLE: &str = "https://console.example.com";

/// A deployed stack that runs until its value is dropped or the process ends.
pub struct Stack {
    workspace: Workspace,
    python: Python,
    folder: PathBuf,
    emulator: Emulator,
    issuer: Issuer,
    microsoft: StandIn,
    deployed: Deployed,
    next_id: AtomicU64,
}

/// The ports that `cargo dev` listens on: the same every time, so that what was pasted into a shell stays right.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The emulator and with it the API.
    pub aws: u16,
    /// The token issuer.
    pub issuer: u16,
    /// The stand-in for Microsoft.
    pub microsoft: u16,
}

impl Stack {
    /// Starts everything in `folder`. Without ports it takes free ones and forgets its state at the end.
    ///
    /// # Errors
    /// When a prerequisite is missing, a port is taken, the functions do not compile or the deploy fails.
    pub async fn start(folder: PathBuf, ports: Option<Ports>) -> Result<Self> {
        // A session has the template's own number of receives; a test of the whole stack does not wait for messages that come back.
        let receives = ports.is_none().then(|| ("MaxReceiveCount", "1".to_owned()));
        Self::start_with(folder, ports, receives.into_iter().collect()).await
    }

    /// The same with other parameters of the template.
    ///
    /// # Errors
    /// As [`Stack::start`].
    pub async fn start_with(folder: PathBuf, ports: Option<Ports>, changed: Parameters) -> Result<Self> {
        let (workspace, python, emulator) = block_in_place(|| -> Result<_> {
            let workspace = Workspace::locate()?;
            let python = Python::prepare(&workspace)?;
            step("build the functions", || functions::build(&workspace))?;
            let place = Place { state: folder.clone(), port: ports.map(|all| all.aws), persist: ports.is_some() };
            let emulator = step("start the AWS emulator", || Emulator::start(&python, &place))?;
            Ok((workspace, python, emulator))
        })?;
        let issuer = local(ports.map_or(0, |all| all.issuer));
        let issuer = Issuer::start(issuer, &python, &folder.join("issuer.pem")).await?;
        let microsoft = StandIn::start_on(local(ports.map_or(0, |all| all.microsoft))).await?;
        let deployed = block_in_place(|| {
            let mut parameters = parameters(&issuer, &microsoft);
            parameters.extend(changed);
            step("deploy template.yaml", || deploy::deploy(&workspace, &python, &emulator, &folder, &parameters))
        })?;
        // Above the ids of the example directory.
        let next_id = AtomicU64::new(1001);
        Ok(Self { workspace, python, folder, emulator, issuer, microsoft, deployed, next_id })
    }

    /// Deploys it again with these parameters beside the usual ones, as an operator changes a stack.
    ///
    /// # Errors
    /// When the deploy fails.
    pub fn deploy_again(&mut self, changed: Parameters) -> Result<()> {
        let mut parameters = parameters(&self.issuer, &self.microsoft);
        parameters.extend(changed);
        let Self { workspace, python, emulator, folder, .. } = self;
        self.deployed = block_in_place(|| deploy::deploy(workspace, python, emulator, folder, &parameters))?;
        Ok(())
    }

    /// The emulator that the stack is deployed to.
    #[must_use]
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// The issuer of the tokens that the API accepts.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The stand-in that the worker takes for Microsoft.
    #[must_use]
    pub fn microsoft(&self) -> &StandIn {
        &self.microsoft
    }

    /// The names of what was deployed.
    #[must_use]
    pub fn deployed(&self) -> &Deployed {
        &self.deployed
    }

    /// The API as `user` calls it.
    #[must_use]
    pub fn api(&self, user: &str) -> Api {
        self.anonymous_api().with_token(self.issuer.token(user))
    }

    /// The API as somebody without a token calls it.
    #[must_use]
    pub fn anonymous_api(&self) -> Api {
        Api::new(self.deployed.api_url(&self.emulator))
    }

    /// An id that nothing else in the deployed table has.
    #[must_use]
    pub fn fresh_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// A customer in a workspace of its own, with its credential stored and its directory applied.
    ///
    /// # Errors
    /// When the credential or the directory is refused.
    pub async fn customer(&self, scenario: Scenario) -> Result<Customer> {
        let (workspace, tenant, connection) = (self.fresh_id(), self.fresh_id(), self.fresh_id());
        let customer = Customer { workspace, tenant, connection, fixture: self.microsoft.tenant(scenario) };
        self.store_credential(&customer).await?;
        self.apply(&directory(workspace, &[customer.entry()])).await?;
        Ok(customer)
    }

    /// Puts a customer's secret where its connection says it is.
    ///
    /// # Errors
    /// When the parameter store refuses.
    pub async fn store_credential(&self, customer: &Customer) -> Result<()> {
        aws_sdk_ssm::Client::new(&self.emulator.sdk_config())
            .put_parameter()
            .name(customer.credential())
            .value(&customer.fixture.secret)
            .r#type(ParameterType::SecureString)
            .overwrite(true)
            .send()
            .await
            .context("cannot store a credential")?;
        Ok(())
    }

    /// Applies a directory file with the operators' command line; what it prints.
    ///
    /// # Errors
    /// When it refuses the file; the text is its own.
    pub async fn apply(&self, directory: &Value) -> Result<String> {
        let file = self.folder.join(format!("directory-{}.json", self.fresh_id()));
        fs::write(&file, directory.to_string()).with_context(|| format!("cannot write {}", file.display()))?;
        let mut command = Command::from(
            self.emulator.configure(std::process::Command::new(self.workspace.binary(functions::COMMAND_LINE))),
        );
        command.arg("apply").arg(&file).args(["--table", &self.deployed.table_name, "--stage", STAGE]);
        command.env("MICROSOFT_LOGIN_ORIGIN_GLOBAL", self.microsoft.origin());
        let output = command.output().await.context("cannot run the command line")?;
        let (printed, refused) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "the directory was refused:\n{printed}{refused}");
        Ok(printed.into_owned())
    }

    /// Everything that the functions logged.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn logs(&self) -> Result<String> {
        let mut command = Command::from(self.emulator.configure(self.python.script("logs.py")));
        let output = command.arg(deploy::STACK).output().await.context("cannot run logs.py")?;
        ensure!(output.status.success(), "cannot read the logs: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Makes trouble in the stack, as `trouble.py` says, and what AWS would count of it.
    ///
    /// # Errors
    /// When the trouble cannot be made.
    pub async fn trouble(&self, arguments: &[&str]) -> Result<f64> {
        let mut command = Command::from(self.emulator.configure(self.python.script("trouble.py")));
        let output = command.arg(deploy::STACK).args(arguments).output().await.context("cannot run trouble.py")?;
        let refused = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "no trouble was made with {arguments:?}: {refused}");
        String::from_utf8_lossy(&output.stdout).trim().parse().context("trouble.py counts")
    }

    /// Stops the emulator and waits until its state is saved.
    ///
    /// # Errors
    /// When the emulator cannot be waited for.
    pub fn stop(self) -> Result<()> {
        self.emulator.stop()
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// What the local stack sets. Its times are short: nobody wants to wait six minutes for a message to come back.
fn parameters(issuer: &Issuer, microsoft: &StandIn) -> Parameters {
    let values = [
        ("Stage", STAGE.to_owned()),
        ("Architecture", architecture().to_owned()),
        ("JwtIssuer", issuer.url().to_owned()),
        ("JwtAudience", AUDIENCE.to_owned()),
        ("JwtScope", SCOPE.to_owned()),
        ("ConsoleBaseUrl", CONSOLE.to_owned()),
        ("WorkerTimeoutSeconds", "20".to_owned()),
        // Every customer was made a moment ago, and nobody waits for what never comes.
        ("PropagationSeconds", "0".to_owned()),
        // The tests' few users start what many would.
        ("StartsPerMinute", "10000".to_owned()),
        ("StandIns", stand_ins(&microsoft.origin())),
    ];
    values.into_iter().collect()
}

/// The template's `StandIns`, and the functions' `STAND_INS`, with one origin for Entra and Graph.
#[must_use]
pub fn stand_ins(origin: &str) -> String {
    format!("MICROSOFT_LOGIN_ORIGIN_GLOBAL={origin},MICROSOFT_GRAPH_ORIGIN_GLOBAL={origin}")
}

/// The functions run on this machine, so they have its architecture.
const fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}
