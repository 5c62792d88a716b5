//! What became of the runs, read from the table itself.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Result, ensure};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::time::Timestamp;

type Item = HashMap<String, AttributeValue>;

/// A run that somebody was told of.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    /// Its id.
    pub(crate) id: u64,
    /// How many starts before it were answered with an error, or not at all.
    pub(crate) failed_before: u32,
}

/// The figures.
#[derive(Debug)]
pub(crate) struct Figures {
    accepted: usize,
    failed_starts: u32,
    /// Runs in the table, with those whose starters were never told.
    runs: usize,
    terminal: usize,
    lost: usize,
    reports: usize,
    interrupted: usize,
    /// How many claims there were beyond one for each run.
    claimed_again: u64,
    /// From its creation to its end, in milliseconds, sorted.
    durations: Vec<u64>,
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn number(item: &Item, name: &str) -> u64 {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl Figures {
    /// What the table says of the runs that were accepted.
    pub(crate) fn of(started: &[Started], items: &[Item]) -> Self {
        let of = |entity: &'static str| items.iter().filter(move |item| text(item, "entity") == entity);
        let runs: HashMap<u64, &Item> = of("run").map(|run| (number(run, "id"), run)).collect();
        let terminal: Vec<_> = runs.values().filter(|run| text(run, "status") == "completed").collect();
        let duration = |run: &&&Item| {
            let time = |name| text(run, name).parse::<Timestamp>().ok();
            let duration = time("completed_at")?.since(time("created_at")?);
            u64::try_from(duration.as_millis()).ok()
        };
        let mut durations: Vec<_> = terminal.iter().filter_map(duration).collect();
        durations.sort_unstable();
        Self {
            accepted: started.len(),
            failed_starts: started.iter().map(|started| started.failed_before).sum(),
            runs: runs.len(),
            terminal: terminal.len(),
            lost: started.iter().filter(|started| !runs.contains_key(&started.id)).count(),
            reports: of("report").count(),
            interrupted: terminal.iter().filter(|run| run.contains_key("interruption")).count(),
            claimed_again: runs.values().map(|run| number(run, "attempt").saturating_sub(1)).sum(),
            durations,
        }
    }

    /// Holds that each run has ended once, with one report, and that none is lost.
    ///
    /// # Errors
    /// When one has not.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(self.lost == 0, "{} accepted runs are not in the table", self.lost);
        ensure!(self.terminal == self.runs, "{} of {} runs have no end", self.runs - self.terminal, self.runs);
        ensure!(self.reports == self.runs, "{} runs have {} reports", self.runs, self.reports);
        Ok(())
    }

    fn percentile(&self, percent: usize) -> f64 {
        let place = (self.durations.len() * percent / 100).min(self.durations.len().saturating_sub(1));
        let millis = self.durations.get(place).copied().unwrap_or(0);
        std::time::Duration::from_millis(millis).as_secs_f64()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "accepted {}, starts without an answer {}", self.accepted, self.failed_starts)?;
        writeln!(f, "runs {}, terminal {}, reports {}, lost {}", self.runs, self.terminal, self.reports, self.lost)?;
        writeln!(
            f,
            "claimed again {}, ended by the reconciler or a last delivery {}",
            self.claimed_again, self.interrupted
        )?;
        let (p50, p99, max) = (self.percentile(50), self.percentile(99), self.percentile(100));
        write!(f, "time to the end: p50 {p50:.1} s, p99 {p99:.1} s, max {max:.1} s")
    }
}
