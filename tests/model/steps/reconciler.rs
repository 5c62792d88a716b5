//! The reconciler: reads what the index hints at, then the run, and sends it again, interrupts it or frees its slot.

use crate::guard::Guard;
use crate::protocol::{Action, Protocol};
use crate::state::{Broken, Interruption, LateWrite, Run, RunId, State, Tick};
use crate::table::Saved;

/// What a tick makes of a run that it has read. How late it is, is not in the model: any of them may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Queued past its age, or its lease ended long ago: to be sent again.
    Lost,
    /// Too many attempts, or past its deadline.
    Hopeless,
    /// It has ended, or it does not exist.
    Orphan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    GoOn,
    /// Dies, or what it sends or writes is lost.
    Die,
    /// Gives its write up, which arrives later or never.
    GiveUp,
}

pub(crate) fn possible(protocol: &Protocol, state: &State, actions: &mut Vec<Action>) {
    if !protocol.reconciles() {
        return;
    }
    let busy = state.ticks.iter().filter(|tick| **tick != Tick::Idle).count();
    for (at, tick) in state.ticks.iter().enumerate() {
        let mut can = |step| actions.push(Action::Tick(at, step));
        match tick {
            // One that has nothing to do is as good as the other.
            Tick::Idle if busy == protocol.bounds.ticks || state.ticks[..at].contains(&Tick::Idle) => {}
            Tick::Idle => look_around(protocol, state, at, actions),
            Tick::Resending { .. } => can(Step::GoOn),
            Tick::Sending { .. } | Tick::Moving { .. } => {
                can(Step::GoOn);
                if state.faults > 0 {
                    can(Step::Die);
                }
            }
            Tick::Interrupting(_) | Tick::Freeing { .. } => {
                can(Step::GoOn);
                if state.faults > 0 && state.late.is_none() {
                    can(Step::GiveUp);
                }
            }
        }
    }
}

/// The index is a hint: it may name any run that there was, long after its slot has gone.
fn look_around(protocol: &Protocol, state: &State, at: usize, actions: &mut Vec<Action>) {
    let moves = state.table.slot.map_or(0, |slot| slot.moves);
    for (run, stored) in state.table.runs.iter().enumerate() {
        let has_slot = state.table.slot.is_some_and(|slot| slot.run == run);
        let mut found = |finding| actions.push(Action::Look(at, run, finding));
        match stored {
            Run::Absent if !has_slot => {}
            Run::Absent | Run::Completed => found(Finding::Orphan),
            Run::Running { leased: true, .. } => {}
            Run::Queued | Run::Running { .. } => {
                let attempts = if let Run::Running { attempt, .. } = stored { *attempt } else { 0 };
                if attempts < protocol.bounds.attempts && moves < protocol.bounds.resends {
                    found(Finding::Lost);
                }
                found(Finding::Hopeless);
            }
        }
    }
}

pub(crate) fn look(state: &mut State, at: usize, run: RunId, finding: Finding) {
    let moves = state.table.slot.map_or(0, |slot| slot.moves);
    let (read, latest) = (state.table.runs[run], state.table.latest);
    state.ticks[at] = match finding {
        Finding::Lost => Tick::Resending { run, moves },
        Finding::Hopeless => Tick::Interrupting(Interruption { run, read, latest }),
        Finding::Orphan => Tick::Freeing { run },
    };
}

pub(crate) fn take(protocol: &Protocol, state: &mut State, at: usize, step: Step) {
    let tick = state.ticks[at];
    state.ticks[at] = match step {
        Step::GoOn => go_on(protocol, state, tick),
        Step::Die => {
            state.faults -= 1;
            Tick::Idle
        }
        Step::GiveUp => {
            state.faults -= 1;
            state.late = match tick {
                Tick::Interrupting(interruption) => Some(LateWrite::Interrupt(interruption)),
                Tick::Freeing { run } => Some(LateWrite::Free(run)),
                Tick::Idle | Tick::Resending { .. } | Tick::Sending { .. } | Tick::Moving { .. } => None,
            };
            Tick::Idle
        }
    };
}

fn go_on(protocol: &Protocol, state: &mut State, tick: Tick) -> Tick {
    match tick {
        Tick::Resending { run, moves } if !protocol.keeps(Guard::DueMovesFirst) => {
            if let Some(slot) = state.table.slot.as_mut() {
                let again = std::mem::replace(&mut slot.sent, true);
                if again {
                    state.breaks(Broken::SentTwice);
                }
            }
            state.send(run);
            Tick::Moving { run, moves }
        }
        Tick::Resending { run, moves } => match state.move_due(protocol, run, moves) {
            Saved::Done => Tick::Sending { run },
            Saved::Stale | Saved::LatestMoved => Tick::Idle,
        },
        Tick::Sending { run } => {
            state.send(run);
            Tick::Idle
        }
        Tick::Moving { run, moves } => {
            _ = state.move_due(protocol, run, moves);
            Tick::Idle
        }
        Tick::Interrupting(it) => match state.interrupt(protocol, it) {
            Saved::Done | Saved::Stale => Tick::Idle,
            Saved::LatestMoved => Tick::Interrupting(Interruption { latest: state.table.latest, ..it }),
        },
        Tick::Freeing { run } => {
            state.free(protocol, run);
            Tick::Idle
        }
        Tick::Idle => Tick::Idle,
    }
}
