//! A few hours of chaos. Thousands of them: `cargo run --profile simulation -p harness --bin chaos -- --seeds 10000`.

use std::sync::OnceLock;

use clap::ValueEnum;
use domain::facts::Facts;
use harness::chaos::{Backlog, Guard, Plan, Story, happen, healthy_facts, wait};

/// More seeds than any missing guard needs to show.
const ENOUGH: u64 = 60;

fn healthy() -> &'static Facts {
    static HEALTHY: OnceLock<Facts> = OnceLock::new();
    HEALTHY.get_or_init(|| healthy_facts().expect("the stand-in answers"))
}

fn hour(seed: u64, without: Option<Guard>) -> Story {
    happen(Plan { seed, without, told: false }, healthy())
}

#[test]
fn every_accepted_run_ends_once_whatever_goes_wrong() {
    for seed in 1..=8 {
        let story = hour(seed, None);
        assert!(story.violations.is_empty(), "seed {seed}: {:#?}", story.violations);
        assert!(
            story.counts.of("runs") > 0 && story.counts.of("calls in trouble") > 0,
            "seed {seed}: {}",
            story.counts
        );
    }
}

#[test]
fn every_guard_is_missed() {
    for guard in Guard::value_variants() {
        let shows = (1..=ENOUGH).find(|seed| !hour(*seed, Some(*guard)).violations.is_empty());
        assert!(shows.is_some(), "nothing breaks without {}", guard.name());
    }
}

#[test]
fn a_seed_tells_the_same_story_again() {
    let told = || happen(Plan { seed: 13, without: None, told: true }, healthy());
    let (first, again) = (told(), told());
    let differs = first.lines.iter().zip(&again.lines).find(|(first, again)| first != again);
    assert_eq!(differs, None);
    assert_eq!(first, again);
}

#[test]
fn a_backlog_gets_no_storm_of_messages() {
    let backlog = Backlog { runs: 200, minutes: 20, is_lost: false };
    let waiting = wait(backlog);
    assert!(waiting.violations.is_empty(), "{:?}", waiting.violations);
    assert_eq!(waiting.counts.of("messages sent again"), 0, "the runs wait in the queue");
    assert!(waiting.counts.of("messages held back") >= backlog.runs);
    let lost = wait(Backlog { runs: 90, is_lost: true, ..backlog });
    let sent = lost.counts.of("messages sent again");
    // After 2, 4, 8 and 16 minutes, and nobody takes them.
    assert!((90..=4 * 90).contains(&sent), "{sent}");
}
