//! What the tests of one process share: one emulator for those that bring their own table and call the functions'
//! libraries, and one deployed stack for those that go through HTTP.
//! Tests keep apart by a table and queues of their own, or by ids of their own in the deployed table.

use std::fs::{self, File, TryLockError};
use std::future::Future;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_types::SdkConfig;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;
use tokio::task::block_in_place;

use crate::deploy::Parameters;
use crate::emulator::{Emulator, Place};
use crate::python::Python;
use crate::queue::Queues;
use crate::stack::Stack;
use crate::table::TableDefinition;
use crate::workspace::Workspace;

/// More test processes than this at once would not fit a machine.
const SLOTS: u32 = 32;

/// A fresh table and fresh queues on the shared emulator, for one test.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// Settings of AWS clients with every right.
    pub aws: SdkConfig,
    /// The name of an empty table, keys and indexes as deployed.
    pub table: String,
    /// An empty queue and its dead-letter queue.
    pub queues: Queues,
}

impl Sandbox {
    /// With times that no test outlives: messages come back only when a test makes them visible.
    ///
    /// # Panics
    /// When the emulator cannot be started; the text says what is missing.
    pub async fn new() -> Self {
        Self::with_queue(Duration::from_mins(6), 5).await
    }

    /// With a queue whose messages come back after `visibility`, at most `max_receive_count` times.
    ///
    /// # Panics
    /// As `new`.
    pub async fn with_queue(visibility: Duration, max_receive_count: u32) -> Self {
        let aws = emulator().await.sdk_config();
        let name = unique_name();
        let made = async {
            let database = aws_sdk_dynamodb::Client::new(&aws);
            TableDefinition::from_template()?.create(&database, &name).await?;
            Queues::create(&aws_sdk_sqs::Client::new(&aws), &name, visibility, max_receive_count).await
        };
        let queues = made.await.unwrap_or_else(|error| panic!("{error:#}"));
        Self { aws, table: name, queues }
    }
}

/// The emulator that the tests of this process share, without anything deployed to it. Apart from the one of `stack`, so
/// that the calls it records are the test's own.
///
/// # Panics
/// When it cannot be started; the text says what is missing.
pub async fn emulator() -> &'static Emulator {
    static SHARED: OnceCell<Result<Emulator, String>> = OnceCell::const_new();
    let start = || {
        on_background(async {
            block_in_place(|| {
                let workspace = Workspace::locate()?;
                let python = Python::prepare(&workspace)?;
                Emulator::start(&python, &Place { state: slot(&workspace)?, port: None, persist: false })
            })
        })
    };
    unwrap(SHARED.get_or_init(start).await)
}

/// The deployed stack that the tests of this process share.
///
/// # Panics
/// When it cannot be started; the text says what is missing.
pub async fn stack() -> &'static Stack {
    static SHARED: OnceCell<Result<Stack, String>> = OnceCell::const_new();
    let start = || {
        on_background(async {
            let folder = slot(&Workspace::locate()?)?;
            Stack::start(folder, None).await
        })
    };
    unwrap(SHARED.get_or_init(start).await)
}

/// A deployed stack of the caller's own, for what would disturb others: functions that are killed, other parameters.
///
/// # Panics
/// When it cannot be started; the text says what is missing.
pub async fn own_stack(parameters: Parameters) -> Stack {
    let start = on_background(async {
        let folder = slot(&Workspace::locate()?)?;
        Stack::start_with(folder, None, parameters).await
    });
    start.await.unwrap_or_else(|text| panic!("the local stack does not start: {text}"))
}

/// A name that no other test of this process has.
#[must_use]
pub fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Runs on a runtime that lives as long as the process: a test's own runtime ends with it and takes its servers along.
async fn on_background<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T, String> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("the machine has threads left")
    });
    match runtime.spawn(work).await {
        Ok(result) => result.map_err(|error| format!("{error:#}")),
        Err(panicked) => Err(panicked.to_string()),
    }
}

fn unwrap<T>(shared: &'static Result<T, String>) -> &'static T {
    shared.as_ref().unwrap_or_else(|text| panic!("the local stack does not start: {text}"))
}

/// An empty folder that no other process uses. The lock is held until this process ends, so the folders of ended
/// processes are found and used again, and a failed run's logs stay until then.
fn slot(workspace: &Workspace) -> Result<PathBuf> {
    let parent = workspace.local_stack();
    fs::create_dir_all(&parent).with_context(|| format!("cannot create {}", parent.display()))?;
    for number in 1..=SLOTS {
        let lock = File::create(parent.join(format!("test-{number}.lock"))).context("cannot create a lock")?;
        match lock.try_lock() {
            Ok(()) => {
                // Held for the rest of the process.
                std::mem::forget(lock);
                let folder = parent.join(format!("test-{number}"));
                if folder.exists() {
                    fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
                }
                fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
                return Ok(folder);
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(source).context("cannot lock a folder for the tests"),
        }
    }
    bail!("{SLOTS} test processes run already")
}
