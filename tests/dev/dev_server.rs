//! One session with the local stack: start it, verify a tenant, say how to go on by hand.

use std::fs::{self, File};
use std::io::{Write, stdout};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use harness::customer::{Customer, MANAGER, OPERATOR, directory};
use harness::emulator::{REGION, ROOT_KEY};
use harness::microsoft::{Scenario, TenantFixture};
use harness::progress::say;
use harness::sam_local;
use harness::stack::{Ports, Stack};
use harness::workspace::Workspace;
use serde_json::{Value, json};
use tenantcheck::report::Report;

/// The example directory has one workspace, with a tenant for each scenario.
const WORKSPACE: u64 = 1;
/// Retried scenarios take two attempts with a pause between them; nothing takes as long as this.
const PATIENCE: Duration = Duration::from_mins(2);
/// Enough to see what went wrong last.
const LOGGED_LINES: usize = 40;

/// A running local stack with the example directory applied.
pub(crate) struct DevServer {
    stack: Stack,
    /// The address at which containers see this machine, and the file that points `sam local` at the stack.
    for_containers: Option<(Ipv4Addr, PathBuf)>,
    /// Held as long as the session runs: the state has one user.
    _lock: File,
}

impl DevServer {
    /// Starts the stack on `port` and the two after it, with what an earlier session left, and where containers see this machine at an
    /// address, opens it to them.
    pub(crate) async fn start(port: u16, scenario: Scenario, containers: Option<Ipv4Addr>) -> Result<Self> {
        let started = Instant::now();
        // By port: the emulator knows its queues by URL, so its state is of no use on another port.
        let name = format!("dev-{port}");
        say(&format!("Local stack (state: target/local-stack/{name})"));
        let folder = Workspace::locate()?.local_stack().join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let lock = File::create(folder.join("lock")).context("cannot create the lock of the local stack")?;
        ensure!(lock.try_lock().is_ok(), "another `cargo dev` runs here; stop it or choose another --port");

        let ports = Ports { aws: port, issuer: port + 1, microsoft: port + 2 };
        // Every tenant was made a moment ago: only where something is on its way nobody minds to wait for it.
        let on_its_way = matches!(scenario, Scenario::JustConsented | Scenario::JustRotated);
        let waits = on_its_way.then(|| ("PropagationSeconds", "900".to_owned()));
        let for_containers = containers.map(|address| (address, folder.join("sam-local.json")));
        let stack = Stack::start_with(folder, Some(ports), waits.into_iter().collect()).await?;
        let server = Self { stack, for_containers, _lock: lock };
        server.apply_example().await?;
        if let Some((address, file)) = &server.for_containers {
            sam_local::open(&server.stack, ports, *address, file).await?;
        }
        say(&format!("Ready after {:.1} s", started.elapsed().as_secs_f64()));
        Ok(server)
    }

    async fn apply_example(&self) -> Result<()> {
        let mut tenants = Vec::new();
        for scenario in Scenario::ALL {
            let customer = customer(*scenario);
            self.stack.store_credential(&customer).await?;
            tenants.push(customer.entry());
        }
        let summary = self.stack.apply(&directory(WORKSPACE, &tenants)).await?;
        // The counts; the lines before them name every entry.
        let counts = summary.rsplit("\n\n").next().unwrap_or(&summary);
        say(&format!("  apply the example directory\n{}", indented(counts)));
        Ok(())
    }

    /// Starts one verification and prints what comes of it; what the functions logged when nothing comes of it.
    pub(crate) async fn verify(&self, scenario: Scenario) -> Result<()> {
        let verified = self.try_verify(scenario).await;
        if verified.is_err() {
            let logs = self.stack.logs().await?;
            let lines: Vec<&str> = logs.lines().filter(|line| line.starts_with('{')).collect();
            let last = lines[lines.len().saturating_sub(LOGGED_LINES)..].join("\n");
            say(&format!("\nThe last that the functions logged:\n{}", indented(&last)));
        }
        verified
    }

    async fn try_verify(&self, scenario: Scenario) -> Result<()> {
        let (api, customer) = (self.stack.api(OPERATOR), customer(scenario));
        say(&format!("\nVerify the tenant of the scenario \"{scenario}\": {}", scenario.about()));
        let started = Instant::now();
        let accepted = api.post(&customer.verifications(), &json!({})).await?;
        ensure!(accepted.status == 202, "the start was answered {}: {}", accepted.status, accepted.text());
        let path = accepted.header("location").context("an accepted start names its run")?.to_owned();
        let answered = started.elapsed();
        let run = api.completed(&path, PATIENCE).await?;
        let completed = started.elapsed();

        let report = api.get(&format!("{path}/report")).await?;
        ensure!(report.status == 200, "the report was answered {}: {}", report.status, report.text());
        let report: Report = serde_json::from_slice(&report.body).context("the report has another shape")?;
        let mut out = stdout().lock();
        writeln!(out, "\nRun {path}: {} with outcome {}", text(&run["status"]), text(&run["outcome"]))?;
        writeln!(
            out,
            "POST answered after {} ms, completed {} ms after the POST\n",
            answered.as_millis(),
            completed.as_millis()
        )?;
        writeln!(out, "{report}")?;
        Ok(())
    }

    /// Prints how to go on by hand.
    pub(crate) fn explain(&self, scenario: Scenario) {
        let (api, customer) = (self.stack.api(OPERATOR), customer(scenario));
        let url = |path: &str| format!("'{}'", api.url(path));
        say("The stack keeps running until Ctrl-C. To go on by hand, paste:\n");
        say(&format!("  TOKEN='{}'", api.token().unwrap_or_default()));
        say(&format!("  curl -i -X POST -H \"Authorization: Bearer $TOKEN\" {}", url(&customer.verifications())));
        say(&format!("  curl -i -H \"Authorization: Bearer $TOKEN\" {}", url(&customer.verification())));
        for path in [customer.connections(), customer.permissions(), customer.runs()] {
            say(&format!("  curl -i -H \"Authorization: Bearer $TOKEN\" {}", url(&path)));
        }
        say(&format!("  curl -i {}", url("/openapi.json")));
        let manager = self.stack.api(MANAGER);
        say(
            "\nTo say that a finding may stand (RUN is a run's id, CHECK the key of a check that failed or warns), as a manager:\n",
        );
        say(&format!("  MANAGER='{}'", manager.token().unwrap_or_default()));
        let acknowledgement = url("/runs/RUN/checks/CHECK/acknowledgement");
        let body = "-H 'Content-Type: application/json' -d '{\"ack_reason\": \"known\"}'";
        say(&format!("  curl -i -X POST -H \"Authorization: Bearer $MANAGER\" {body} {acknowledgement}"));
        say("\nOr with the operators' command line:\n");
        say(&format!("  export TENANTCHECK_API_URL={} TENANTCHECK_TOKEN=\"$TOKEN\"", url("")));
        let of_tenant = format!("--workspace {} --tenant {}", customer.workspace, customer.tenant);
        say(&format!("  cargo run -q -p tenantcheck -- verify {of_tenant}"));
        say(&format!("  cargo run -q -p tenantcheck -- runs {of_tenant}"));
        if let Some((address, file)) = &self.for_containers {
            say("\nOr one function of `sam build` alone, in a container (CONTRIBUTING.md tells of the others):\n");
            say(&format!(
                "  export AWS_ACCESS_KEY_ID={ROOT_KEY} AWS_SECRET_ACCESS_KEY={ROOT_KEY} AWS_DEFAULT_REGION={REGION}"
            ));
            let options = format!("--env-vars {} --add-host host.docker.internal:{address}", file.display());
            say(&format!("  sam local invoke StartFunction --event events/start.json {options}"));
        }
        say(&format!(
            "\nOther tenants of workspace {WORKSPACE} (the number in the path is the tenant):\n{}",
            tenants()
        ));
    }

    /// Stops the stack and saves its state.
    pub(crate) fn stop(self) -> Result<()> {
        self.stack.stop()
    }
}

/// The example's customer of a scenario; tenant and connection have the scenario's number, counted from 1.
fn customer(scenario: Scenario) -> Customer {
    let number = Scenario::ALL.iter().take_while(|other| **other != scenario).count() as u64 + 1;
    let fixture = TenantFixture::well_known(scenario);
    Customer { workspace: WORKSPACE, tenant: number, connection: number, fixture }
}

fn tenants() -> String {
    let line = |scenario: &Scenario| format!("  {:>4}  {scenario}", customer(*scenario).tenant);
    Scenario::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("unknown")
}
