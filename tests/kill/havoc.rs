//! What happens to the processes meanwhile.

use std::fmt;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use harness::processes::{self, Function, Signal};
use harness::stack::Stack;

/// Longer than the worker's lease of 25 s: who wakes after it is too late.
const PAST_THE_LEASE: Duration = Duration::from_secs(27);

/// How often which was hit.
#[derive(Debug, Default)]
pub(crate) struct Havoc {
    killed: [u32; 3],
    stopped: u32,
}

impl fmt::Display for Havoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [start, worker, reconciler] = self.killed;
        write!(
            f,
            "killed: {start} times start, {worker} times worker, {reconciler} times reconciler; stopped past the lease: {} workers",
            self.stopped
        )
    }
}

/// Kills or stops a random process at random moments until it is enough.
pub(crate) async fn wreak(stack: &Stack, mut random: Rng, is_enough: impl Fn() -> bool) -> Result<Havoc> {
    let endpoint = stack.emulator().endpoint();
    let mut havoc = Havoc::default();
    let mut stopped: Vec<(processes::FunctionProcess, tokio::time::Instant)> = Vec::new();
    while !is_enough() {
        tokio::time::sleep(Duration::from_millis(random.u64(100..700))).await;
        for (process, _) in stopped.extract_if(.., |(_, since)| since.elapsed() > PAST_THE_LEASE) {
            processes::signal(&process, Signal::Continue)?;
        }
        let (place, function) = match random.u8(..10) {
            0..4 => (0, Function::Start),
            4..9 => (1, Function::Worker),
            _ => (2, Function::Reconciler),
        };
        let alive: Vec<_> = processes::of(endpoint, function)?;
        let alive: Vec<_> = alive.into_iter().filter(|it| stopped.iter().all(|(process, _)| process != it)).collect();
        let Some(process) = random.choice(&alive) else { continue };
        if function == Function::Worker && random.u8(..8) == 0 {
            processes::signal(process, Signal::Stop)?;
            stopped.push((process.clone(), tokio::time::Instant::now()));
            havoc.stopped += 1;
        } else {
            processes::signal(process, Signal::Kill)?;
            havoc.killed[place] += 1;
        }
    }
    for (process, since) in stopped {
        tokio::time::sleep_until(since + PAST_THE_LEASE).await;
        processes::signal(&process, Signal::Continue)?;
    }
    Ok(havoc)
}
