//! MiniStack, the AWS emulator, as a child of this process: it runs our function binaries, and with `AUTH=true` it
//! enforces the template's policies on them. It ends when this process ends, however that happens (`emulator.py`).

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::python::Python;

/// The region of everything local.
pub const REGION: &str = "eu-central-1";
/// MiniStack takes this pair as the root user of its only account.
pub const ROOT_KEY: &str = "test";
/// A start takes about two seconds; a busy machine with a cold disk several times that.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// How long the emulator of a process that was killed may take to save its state and let go of the port.
const FREE_WITHIN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// Where an emulator keeps its state and listens.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its own folder, with its log.
    pub state: PathBuf,
    /// A fixed port, or none to take a free one.
    pub port: Option<u16>,
    /// Whether the state outlives the emulator.
    pub persist: bool,
}

/// A running emulator.
#[derive(Debug)]
pub struct Emulator {
    endpoint: String,
    log: PathBuf,
    child: Child,
    /// The emulator stops as soon as this is closed.
    lifeline: Option<ChildStdin>,
}

impl Emulator {
    /// Starts an emulator and waits until it answers.
    ///
    /// # Errors
    /// When the port is taken or the emulator ends or stays silent; the text holds the end of its log.
    pub fn start(python: &Python, place: &Place) -> Result<Self> {
        let port = match place.port {
            Some(port) => wait_until_free(port)?,
            None => free_port()?,
        };
        let temporary = place.state.join("tmp");
        fs::create_dir_all(&temporary).with_context(|| format!("cannot create {}", temporary.display()))?;
        let log = place.state.join("emulator.log");
        let output = File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
        let endpoint = format!("http://127.0.0.1:{port}");

        let mut command = python.script("emulator.py");
        // Clean, because the functions inherit it: nothing of the caller's AWS settings may reach them.
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8");
        command.env("HOME", &place.state).env("TMPDIR", &temporary).env("STATE_DIR", &place.state);
        command.env("PERSIST_STATE", if place.persist { "1" } else { "0" });
        command.env("S3_PERSIST", "0").env("S3_DATA_DIR", place.state.join("s3"));
        command.env("GATEWAY_PORT", port.to_string()).env("BIND_HOST", "127.0.0.1").env("MINISTACK_HOST", "127.0.0.1");
        command.env("AWS_ENDPOINT_URL", &endpoint).env("MINISTACK_REGION", REGION).env("AUTH", "true");
        // Lets tests compare the calls that the functions make with those of the design.
        command.env("CLOUDTRAIL_RECORDING", "1");
        // Its broker would listen on a fixed port.
        command.env("IOT_MTLS_ENABLED", "0");
        // Ctrl-C at the terminal is for us; we tell the emulator.
        command.process_group(0);
        command.stdin(Stdio::piped()).stdout(output.try_clone().context("cannot share the log")?).stderr(output);

        let mut child = command.spawn().context("cannot start the emulator")?;
        let lifeline = child.stdin.take();
        let mut emulator = Self { endpoint, log, child, lifeline };
        emulator.wait_until_ready(port)?;
        Ok(emulator)
    }

    /// The URL of every AWS service.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The emulator's own log, with what the functions print.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Settings of AWS clients with every right. Make clients anew in each test: their connections belong to the
    /// runtime that first used them.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        sdk_config(&self.endpoint)
    }

    /// Points a command line tool at the emulator.
    #[must_use]
    pub fn configure(&self, mut command: Command) -> Command {
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", ROOT_KEY)
            .env("AWS_SECRET_ACCESS_KEY", ROOT_KEY)
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_PROFILE")
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION);
        command
    }

    /// Stops the emulator and waits until its state is saved.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub fn stop(mut self) -> Result<()> {
        self.lifeline = None;
        self.child.wait().context("cannot wait for the emulator")?;
        Ok(())
    }

    fn wait_until_ready(&mut self, port: u16) -> Result<()> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.child.try_wait().context("cannot look after the emulator")? {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                bail!("the emulator ended at once with {status}:\n{}", log.trim());
            }
            if started.elapsed() > READY_WITHIN {
                bail!("the emulator did not answer within {} s; see {}", READY_WITHIN.as_secs(), self.log.display());
            }
            thread::sleep(POLL);
        }
        Ok(())
    }
}

/// Settings of AWS clients for anything that speaks the AWS protocols at `endpoint` (an emulator, or a proxy before it).
#[must_use]
pub fn sdk_config(endpoint: &str) -> SdkConfig {
    let root = Credentials::new(ROOT_KEY, ROOT_KEY, None, None, "local stack");
    SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(root))
        .endpoint_url(endpoint)
        // Plain HTTP: no TLS stack to load in every test.
        .http_client(Builder::new().build_http())
        .build()
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot find a free port")?;
    Ok(listener.local_addr().context("a bound socket has no address")?.port())
}

fn wait_until_free(port: u16) -> Result<u16> {
    let started = Instant::now();
    while let Err(source) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        if started.elapsed() > FREE_WITHIN {
            return Err(source).with_context(|| {
                format!("port {port} is taken. Stop what listens there, or choose another one with --port")
            });
        }
        thread::sleep(POLL);
    }
    Ok(port)
}
