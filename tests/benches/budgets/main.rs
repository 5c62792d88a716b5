//! What each function costs, beside its goals: the time and, where valgrind is installed, the instructions from its start to its first
//! request for an invocation, with the connection to the table open; the memory that is resident then; the size of its zip; and the
//! instructions of warm calls. Prints the figures; nothing fails when they grow. The emulator speaks plain HTTP, so no figure has a TLS
//! handshake in it.

#![allow(clippy::print_stdout, reason = "printing the figures is what it is for")]
#![allow(clippy::cast_precision_loss, reason = "the figures are far below 2^52")]

mod scenery;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use harness::lambda::Process;
use harness::workspace::Workspace;
use tokio::process::Command;

use scenery::{Scenery, Warm};

const FUNCTIONS: [&str; 5] = ["acknowledge", "reconciler", "start", "viewer", "worker"];

/// Starts whose median is told.
const STARTS: usize = 11;

/// The first calls open connections and make what is made once: they are not counted.
const FIRST_CALLS: usize = 2;

/// The calls over which an average is taken.
const CALLS: usize = 8;

#[tokio::main]
async fn main() -> Result<()> {
    let workspace = Workspace::locate()?;
    // `cargo bench` adds an argument of its own.
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).map(PathBuf::from);
    let folder = match folder {
        Some(folder) => folder,
        None => harness::functions::build_released(&workspace)?,
    };
    let scenery = Scenery::set().await?;
    let has_valgrind = Command::new("valgrind").arg("--version").output().await.is_ok();
    for function in FUNCTIONS {
        let binary = folder.join(function);
        let (time, resident) = started(&scenery, &binary).await?;
        print!("{function}: first poll after {:.1} ms (goal 10)", time.as_secs_f64() * 1e3);
        if has_valgrind {
            print!(", {:.1} M instructions (goal 4)", instructions(&scenery, &binary, None).await? / 1e6);
        }
        print!(", {:.1} MiB resident (goal 15)", resident / 1_048_576.0);
        println!(", {:.1} MB zipped (goal 5)", zipped(&binary)? / 1e6);
    }
    if !has_valgrind {
        println!("The instructions of warm calls are told where valgrind is installed.");
        return Ok(());
    }
    for call in Warm::ALL {
        let binary = folder.join(call.function());
        let first = instructions(&scenery, &binary, Some((call, FIRST_CALLS))).await?;
        let all = instructions(&scenery, &binary, Some((call, FIRST_CALLS + CALLS))).await?;
        println!("{}: {:.2} M instructions ({})", call.name(), (all - first) / 1e6 / CALLS as f64, call.goal());
    }
    Ok(())
}

/// The median time from a start to its first poll, and the bytes that are resident then.
async fn started(scenery: &Scenery, binary: &Path) -> Result<(Duration, f64)> {
    let mut seen = Vec::new();
    for _ in 0..STARTS {
        let mut process = Process::spawn(scenery.command(binary, false)).await?;
        seen.push((process.first_poll().await?, process.resident()?));
        process.end().await?;
    }
    seen.sort();
    let (time, resident) = seen[STARTS / 2];
    Ok((time, resident as f64))
}

/// The instructions of a process from its start until it has answered so many calls, as callgrind counts them.
async fn instructions(scenery: &Scenery, binary: &Path, calls: Option<(Warm, usize)>) -> Result<f64> {
    let mut process = Process::spawn(scenery.command(binary, true)).await?;
    process.first_poll().await?;
    if let Some((call, times)) = calls {
        for _ in 0..times {
            let answer = process.invoke(&scenery.event(call).await?).await?;
            call.check(&answer)?;
        }
    }
    let told = process.end().await?;
    let counted = told.lines().find_map(|line| line.split_once("Collected :")?.1.split_whitespace().next());
    counted.with_context(|| format!("callgrind does not tell: {told}"))?.parse().context("it is no number")
}

/// The bytes of a binary as a zip has them.
fn zipped(binary: &Path) -> Result<f64> {
    let plain = std::fs::read(binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&plain)?;
    Ok(encoder.finish()?.len() as f64)
}
