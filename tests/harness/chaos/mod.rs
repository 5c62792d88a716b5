//! Chaos: the real handlers of start, worker, reconciler and viewer in one thread and one pretended hour, over a table, a queue and a
//! parameter store in memory. Requests get lost, come late, come twice or fail, answers get lost, processes are killed or stopped for
//! longer than their leases last, clocks are wrong. After every write the invariants are held; at the end everything must have ended.
//!
//! A seed decides all of it. Time is tokio's paused clock, which jumps to the next timer, and nothing waits for the world outside, so
//! the same seed tells the same story.

mod backlog;
mod callers;
mod drive;
mod guard;
mod lambda;
mod ledger;
mod provider;
mod queue;
mod scene;
mod table;
mod verdict;
mod weather;
mod wire;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::task::LocalSet;

pub use backlog::Backlog;
pub use guard::Guard;
pub use provider::healthy_facts;
pub use world::Counts;

use domain::facts::Facts;
use world::World;

/// What a seed decides about, and what is taken away.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Decides everything that happens.
    pub seed: u64,
    /// The guard that is missing, to see that the invariants do not hold without it.
    pub without: Option<Guard>,
    /// Whether the story is written down.
    pub told: bool,
}

/// What happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Story {
    /// What broke an invariant.
    pub violations: Vec<String>,
    /// How much of what happened.
    pub counts: Counts,
    /// What happened in its order, where it was to be told.
    pub lines: Vec<String>,
}

/// Lets one seed's hour happen. `healthy` is what Microsoft says of a connection in order.
#[must_use]
pub fn happen(plan: Plan, healthy: &Facts) -> Story {
    story(plan, async |world| scene::play(&world, healthy).await)
}

/// Lets a backlog wait.
#[must_use]
pub fn wait(backlog: Backlog) -> Story {
    let plan = Plan { seed: 1, without: None, told: false };
    story(plan, async |world| backlog.wait(&world).await)
}

fn story(plan: Plan, happen: impl AsyncFnOnce(Arc<World>)) -> Story {
    // What the functions and the SDK draw comes from here too.
    fastrand::seed(plan.seed);
    runtime::clock::be_repeatable();
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without input and output needs memory alone");
    let everything = async {
        let world = World::new(plan);
        happen(Arc::clone(&world)).await;
        world.story()
    };
    let told = catch_unwind(AssertUnwindSafe(|| LocalSet::new().block_on(&runtime, everything)));
    told.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let violation = format!("panicked: {}", text.unwrap_or_default());
        Story { violations: vec![violation], ..Story::default() }
    })
}
