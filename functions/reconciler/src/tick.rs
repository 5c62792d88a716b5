//! One round: which runs nobody has heard of for a while, what is to be done about each, and what came of it.

use std::time::Duration;

use domain::look::Look;
use domain::operation_run::RunHeader;
use domain::time::Timestamp;
use futures_util::{StreamExt, stream};
use runtime::Chain;
use runtime::metric::{Metric, Unit};
use serde::Serialize;
use store::{ActiveEntry, FoundRun, StoreError};

use crate::act::{Act, Acted, Plan};
use crate::app::App;

/// So many of each of the index's eight shards a round: what is left comes with the next one, and the oldest first.
const OF_EACH_SHARD: usize = 125;

/// So many at once: enough to be done within seconds, few enough for the connections.
const SIDE_BY_SIDE: usize = 16;

/// Nothing is begun when less than this is left of the invocation.
const TIME_TO_END: Duration = Duration::from_secs(5);

/// With so many waiting messages the queue is long, and a run that nobody heard of waits in it rather than being lost.
const LONG_QUEUE: usize = 100;

/// What cannot be read is looked at again after this.
const UNREADABLE_WAIT: Duration = Duration::from_hours(1);

/// What a round came to, in runs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tick {
    /// Whose entries the index showed.
    pub seen: u64,
    /// Whose message was sent again.
    pub sent_again: u64,
    /// Whose message was not sent again, because the queue is long.
    pub held: u64,
    /// Ended, because nothing could finish them any more.
    pub interrupted: u64,
    /// Whose slot was freed, because it was left over.
    pub freed: u64,
    /// That cannot be read, or whose entry cannot.
    pub unreadable: u64,
    /// That could not be looked after.
    pub failed: u64,
}

/// Looks after the active runs once, in an invocation that ends at `deadline`. Runs that cannot be looked after are logged and counted,
/// and keep no others waiting.
///
/// # Errors
/// [`StoreError`] when not even the index can be read, or the runs that it names.
pub async fn tick(app: &App, deadline: Timestamp) -> Result<Tick, StoreError> {
    let now = app.clock.now();
    let entries = app.store.unheard_runs(now - app.bounds.patience, OF_EACH_SHARD).await?;
    let ids: Vec<_> = entries.iter().filter_map(|entry| entry.run_id).collect();
    let mut runs = app.store.load_found_runs(&ids, now).await?;
    let mut tick = Tick { seen: u64::try_from(entries.len()).unwrap_or(u64::MAX), ..Tick::default() };
    let plans = entries.into_iter().map(|entry| {
        let run = entry.run_id.and_then(|id| runs.remove(&id));
        plan(app, entry, run, now)
    });
    let plans: Vec<Plan> = plans.collect();
    let in_time = || app.clock.now() + TIME_TO_END <= deadline;
    let acted =
        stream::iter(plans).map(async |plan| if in_time() { plan.follow(app, now).await } else { Acted::Nothing });
    let acted: Vec<Acted> = acted.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut lost = Vec::new();
    for acted in acted {
        match acted {
            Acted::Nothing => {}
            Acted::Interrupted => tick.interrupted += 1,
            Acted::Freed => tick.freed += 1,
            Acted::Unreadable => tick.unreadable += 1,
            Acted::Failed => tick.failed += 1,
            Acted::ToSend(run) => lost.push(*run),
        }
    }
    send_again(app, &lost, &mut tick).await;
    tick.report(now);
    Ok(tick)
}

fn plan(app: &App, entry: ActiveEntry, run: Option<FoundRun>, now: Timestamp) -> Plan {
    let (look_again, act) = match run {
        Some(FoundRun::Run(run)) => match Look::at(&run, &app.bounds, now) {
            Look::Later(at) => (at, Act::Nothing),
            Look::SendAgain(at) => (at, Act::Send(run.header)),
            Look::Interrupt(why) => (now + app.bounds.patience, Act::Interrupt(run, why)),
            Look::Terminal => (now + app.bounds.patience, Act::Free),
        },
        Some(FoundRun::Gone) => (now + app.bounds.patience, Act::Free),
        Some(FoundRun::Unreadable(damaged)) => (now + UNREADABLE_WAIT, Act::KeepAnEyeOn(Some(damaged))),
        None => (now + UNREADABLE_WAIT, Act::KeepAnEyeOn(None)),
    };
    // The index holds since when nobody has heard of a run; it is looked at again when that is too long.
    Plan { entry, heard: look_again - app.bounds.patience, act }
}

/// Asks the workers again to take these runs, whose entries are moved on already: should this fail, the next look at them comes all
/// the same. Behind a long queue more messages would only make it longer.
async fn send_again(app: &App, lost: &[RunHeader], tick: &mut Tick) {
    if lost.is_empty() {
        return;
    }
    let runs = u64::try_from(lost.len()).unwrap_or(u64::MAX);
    match app.queue.length().await {
        Ok(length) if length >= LONG_QUEUE.max(lost.len()) => {
            tracing::warn!(queue.length = length, runs, "the queue is long: no messages are sent again");
            tick.held = runs;
            return;
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(error = %Chain(&error), "it is not known how long the queue is"),
    }
    let sent = stream::iter(lost).map(async |run| (run.id, app.queue.send(run).await)).buffer_unordered(SIDE_BY_SIDE);
    for (id, sent) in sent.collect::<Vec<_>>().await {
        match sent {
            Ok(()) => {
                tracing::warn!(run.id = %id, "nobody heard of a run for a while: its message is sent again");
                tick.sent_again += 1;
            }
            Err(error) => {
                tracing::error!(run.id = %id, error = %Chain(&error), "a message could not be sent again");
                tick.failed += 1;
            }
        }
    }
}

impl Tick {
    /// One line for each round that did something, and what alarms count.
    fn report(&self, now: Timestamp) {
        let Tick { seen, sent_again, held, interrupted, freed, unreadable, failed } = *self;
        if seen == 0 {
            tracing::info!("every active run was heard of lately");
            return;
        }
        tracing::info!(seen, sent_again, held, interrupted, freed, unreadable, failed, "looked after active runs");
        for (what, value) in [
            ("sent_again", sent_again),
            ("held", held),
            ("interrupted", interrupted),
            ("freed", freed),
            ("unreadable", unreadable),
            ("failed", failed),
        ] {
            if value > 0 {
                Metric { name: "Reconciled", unit: Unit::Count, value, dimension: Some(("what", what)) }.emit(now);
            }
        }
    }
}
