//! The promises, as properties of each reachable state; and what the model must be able to do, so that none holds for nothing.

use stateright::Property;

use crate::fair;
use crate::protocol::Protocol;
use crate::state::{Broken, Run, State};

pub(crate) const REPORT_WITH_RUN: &str = "I1, I2: a completed run has its report";
pub(crate) const NO_EARLY_REPORT: &str = "I3: an active run has no report";
pub(crate) const NO_MESSAGE_FOR_NOTHING: &str = "I4: a message is decided upon for a new or an active run";
pub(crate) const ONE_ACTIVE_RUN: &str = "I5: at most one run is active, and it holds the slot";
pub(crate) const LATE_WRITERS: &str = "I6: one terminal transition, a late writer changes nothing";
pub(crate) const LIVE_RUNS: &str = "I6: a run that a worker holds is not interrupted";
pub(crate) const EVERYTHING_ENDS: &str = "I7: every run ends and its slot is free";
pub(crate) const PREDECESSOR: &str = "a report follows the run that completed before it";
pub(crate) const ACKNOWLEDGED_LAST: &str = "a message is acknowledged when its run has ended";
pub(crate) const SENT_ONCE: &str = "one message goes out for one due time";

type Condition = fn(&Protocol, &State) -> bool;

pub(crate) fn all() -> Vec<Property<Protocol>> {
    let always: fn(&'static str, Condition) -> _ = Property::always;
    let sometimes: fn(&'static str, Condition) -> _ = Property::sometimes;
    vec![
        always(REPORT_WITH_RUN, |_, state| of_each(state, |run, report| report || !matches!(run, Run::Completed))),
        always(NO_EARLY_REPORT, |_, state| of_each(state, |run, report| !report || matches!(run, Run::Completed))),
        always(NO_MESSAGE_FOR_NOTHING, |_, state| state.broken != Some(Broken::MessageForNothing)),
        always(ONE_ACTIVE_RUN, |_, state| {
            let slot = state.table.slot.map(|slot| slot.run);
            state.table.runs.iter().enumerate().all(|(run, stored)| !stored.is_active() || slot == Some(run))
        }),
        always(LATE_WRITERS, |_, state| state.broken != Some(Broken::LateWriterHeard)),
        always(LIVE_RUNS, |_, state| state.broken != Some(Broken::LiveRunInterrupted)),
        always(EVERYTHING_ENDS, |protocol, state| state.broken.is_some() || fair::everything_ends(protocol, state)),
        always(PREDECESSOR, |_, state| state.broken != Some(Broken::WrongPredecessor)),
        always(ACKNOWLEDGED_LAST, |_, state| state.broken != Some(Broken::AcknowledgedTooEarly)),
        always(SENT_ONCE, |_, state| state.broken != Some(Broken::SentTwice)),
        sometimes("a run begins when the one before it has ended", |_, state| {
            state.table.runs[0] == Run::Completed && state.table.runs[1].is_active()
        }),
        sometimes("a run is blocked beside an active one", |_, state| {
            state.table.runs[1] == Run::Completed && state.table.runs[0].is_active()
        }),
        sometimes("a run has ended, and two workers do not know it yet", |_, state| {
            state.workers.iter().all(|work| work.is_some_and(|work| !state.table.runs[work.message.run].is_active()))
        }),
    ]
}

fn of_each(state: &State, holds: fn(Run, bool) -> bool) -> bool {
    state.table.runs.iter().zip(state.table.reports).all(|(run, report)| holds(*run, report))
}
