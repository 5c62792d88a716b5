//! `cargo run -p harness --bin chaos -- --seeds N`: lets so many hours of chaos happen, one for each seed, and names the seeds in which
//! an invariant broke. A seed that failed tells its story with `--from SEED --tell`. Ends with 1 where something broke.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use harness::chaos::{Backlog, Counts, Guard, Plan, Story, happen, healthy_facts, wait};
use harness::progress::say;

/// Lets things go wrong in every way, and holds that every accepted run ends exactly once.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    from: u64,
    /// Takes a guard away, and stops at the first seed that shows that it is missing.
    #[arg(long, value_enum)]
    without: Option<Guard>,
    /// Instead: lets so many runs wait for an hour, in the queue and with their messages lost, and says what the reconciler did.
    #[arg(long, value_name = "RUNS", conflicts_with_all = ["seeds", "from", "without", "tell"])]
    backlog: Option<u64>,
    /// Prints what happened.
    #[arg(long)]
    tell: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether every invariant held.
fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(runs) = arguments.backlog {
        return Ok([false, true].into_iter().all(|is_lost| waits(Backlog { runs, minutes: 60, is_lost })));
    }
    let healthy = healthy_facts()?;
    let (begun, end) = (Instant::now(), arguments.from + arguments.seeds);
    let next = AtomicU64::new(arguments.from);
    let (mut counts, mut failed, mut done) = (Counts::default(), Vec::new(), 0_u64);
    std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (tell, healthy, next) = (tell.clone(), &healthy, &next);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let plan = Plan { seed, without: arguments.without, told: arguments.tell };
                    // Nobody listens any more once a missing guard has shown.
                    if seed >= end || tell.send((seed, happen(plan, healthy))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        for (seed, story) in told {
            counts.add(&story.counts);
            done += 1;
            print(seed, &story);
            if !story.violations.is_empty() {
                failed.push(seed);
                if arguments.without.is_some() {
                    break;
                }
            }
        }
    });
    failed.sort_unstable();
    say(&format!(
        "{counts}{done} seeds in {:.0} s, {} failed: {failed:?}",
        begun.elapsed().as_secs_f64(),
        failed.len()
    ));
    Ok(failed.is_empty())
}

fn waits(backlog: Backlog) -> bool {
    let begun = Instant::now();
    let story = wait(backlog);
    story.violations.iter().for_each(|violation| say(violation));
    say(&format!("{backlog:?}, {:.0} s:\n{}", begun.elapsed().as_secs_f64(), story.counts));
    story.violations.is_empty()
}

fn print(seed: u64, story: &Story) {
    story.lines.iter().for_each(|line| say(line));
    story.violations.iter().for_each(|violation| say(&format!("seed {seed}: {violation}")));
}
