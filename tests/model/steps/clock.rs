//! What time and the queue do by themselves.

use crate::guard::Guard;
use crate::protocol::{Action, Protocol};
use crate::state::{Run, RunId, State, Work};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A lease ends, whether its worker is alive or not.
    EndLease(RunId),
    /// The queue gives the message back that a worker still has.
    EndVisibility(usize),
    /// The queue delivers a message one more time.
    Duplicate(usize),
    /// The late write arrives.
    Arrive,
}

pub(crate) fn possible(protocol: &Protocol, state: &State, actions: &mut Vec<Action>) {
    let mut can = |step| actions.push(Action::Clock(step));
    for (run, stored) in state.table.runs.iter().enumerate() {
        if let Run::Running { leased: true, .. } = stored {
            can(Step::EndLease(run));
        }
    }
    let patient = protocol.bounds.queue_alone && protocol.keeps(Guard::VisibilityOutlastsLease);
    for (worker, work) in state.workers.iter().enumerate() {
        let Some(work) = work else { continue };
        let mine = |run| matches!(run, Run::Running { leased: true, attempt } if attempt == work.attempt);
        let hidden = patient && mine(state.table.runs[work.message.run]);
        if !work.returned && !hidden {
            can(Step::EndVisibility(worker));
        }
    }
    for (at, message) in state.queue.iter().enumerate() {
        if state.duplicates > 0 && (at == 0 || state.queue[at - 1] != *message) {
            can(Step::Duplicate(at));
        }
    }
    if state.late.is_some() {
        can(Step::Arrive);
    }
}

pub(crate) fn take(protocol: &Protocol, state: &mut State, step: Step) {
    match step {
        Step::EndLease(run) => {
            if let Run::Running { attempt, .. } = state.table.runs[run] {
                state.table.runs[run] = Run::Running { attempt, leased: false };
            }
        }
        Step::EndVisibility(worker) => {
            let Some(work) = state.workers[worker] else { return };
            state.comes_back(protocol, work.message);
            state.workers[worker] = Some(Work { returned: true, ..work });
        }
        Step::Duplicate(at) => {
            state.duplicates -= 1;
            state.queue.push(state.queue[at]);
        }
        Step::Arrive => {
            if let Some(late) = state.late.take() {
                state.arrive(protocol, late);
            }
        }
    }
}
