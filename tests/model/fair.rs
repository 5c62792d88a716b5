//! What becomes of a state when nothing dies any more and time goes on.
//!
//! stateright's `eventually` takes a way that ends in a circle for fulfilled, and this protocol is full of circles. So that every run
//! ends is held as an `always` property: from each reachable state a fair course, which is one of many, comes to a good end. For the
//! reconciler that is enough to be sure of every course: it needs nobody else, so whatever the others still do only leads to another
//! reachable state, and what they can do is bounded.

use crate::canonical::canonical;
use crate::protocol::{Action, Protocol};
use crate::state::{Run, Start, State, Tick};
use crate::steps::{clock, reconciler, start, worker};

/// Whether every run ends, and no slot is left: by the reconciler alone where there is one, else by the queue and the workers.
pub(crate) fn everything_ends(protocol: &Protocol, state: &State) -> bool {
    let ended = |state: &State| state.table.slot.is_none() && !state.table.runs.iter().any(|run| run.is_active());
    if protocol.reconciles() && ended(state) {
        return true;
    }
    let end = if protocol.reconciles() { reconciler_alone(protocol, state) } else { queue_alone(protocol, state) };
    ended(&end)
}

/// Everything else is dead, every lease ends and every deadline passes.
fn reconciler_alone(protocol: &Protocol, state: &State) -> State {
    let mut state = State { ticks: [Tick::Idle; 2], ..state.clone() };
    while let Some(slot) = state.table.slot {
        if let Run::Running { leased: true, .. } = state.table.runs[slot.run] {
            protocol.apply(&mut state, Action::Clock(clock::Step::EndLease(slot.run)));
        }
        let active = state.table.runs[slot.run].is_active();
        let finding = if active { reconciler::Finding::Hopeless } else { reconciler::Finding::Orphan };
        protocol.apply(&mut state, Action::Look(0, slot.run, finding));
        protocol.apply(&mut state, Action::Tick(0, reconciler::Step::GoOn));
        if state.table.slot == Some(slot) {
            break;
        }
    }
    state
}

/// Whoever is alive goes on, without trouble; messages come back when their leases have ended.
fn queue_alone(protocol: &Protocol, state: &State) -> State {
    let mut state = state.clone();
    while let Some(action) = next(&state) {
        protocol.apply(&mut state, action);
        state = canonical(protocol, state);
    }
    state
}

fn next(state: &State) -> Option<Action> {
    let waits = |start: &Start| matches!(start, Start::Opening | Start::Opened | Start::Blocking { .. });
    let start = state.starts.iter().position(waits).map(|run| Action::Start(run, start::Step::GoOn));
    let work = || {
        let busy = state.workers.iter().position(Option::is_some);
        busy.map(|worker| Action::Work(worker, worker::Step::Complete))
    };
    let message = || {
        let visible = state.queue.iter().position(|message| !message.hidden);
        visible.map(|message| Action::Deliver(message, worker::Delivery::Claims))
    };
    let lease = || {
        let leased = |run: &Run| matches!(run, Run::Running { leased: true, .. });
        state.table.runs.iter().position(leased).map(|run| Action::Clock(clock::Step::EndLease(run)))
    };
    start.or_else(work).or_else(message).or_else(lease)
}
