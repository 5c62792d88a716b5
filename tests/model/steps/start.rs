//! A start: reads, opens the run with its slot, sends the message. Or records a run that is blocked.

use crate::guard::Guard;
use crate::protocol::{Action, Protocol};
use crate::state::{Broken, LateWrite, RunId, Start, State};
use crate::table::Saved;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Reads; nothing is missing.
    Decide,
    /// Reads; the preflight refuses.
    Refuse,
    /// The next write or send.
    GoOn,
    /// Dies, or the send is lost: the same to everybody else.
    Die,
    /// Gives its write up, which arrives later or never.
    GiveUp,
}

pub(crate) fn possible(protocol: &Protocol, state: &State, actions: &mut Vec<Action>) {
    let faulty = state.faults > 0 && !protocol.bounds.queue_alone;
    for (run, start) in state.starts.iter().enumerate() {
        let mut can = |step| actions.push(Action::Start(run, step));
        match start {
            // The starts differ in nothing but their number: the first comes first.
            Start::Coming if run > 0 && state.starts[run - 1] == Start::Coming => {}
            Start::Coming => {
                can(Step::Decide);
                can(Step::Refuse);
            }
            Start::Opening | Start::Blocking { .. } => {
                can(Step::GoOn);
                if faulty && state.late.is_none() {
                    can(Step::GiveUp);
                }
            }
            Start::Opened => {
                can(Step::GoOn);
                if faulty {
                    can(Step::Die);
                }
            }
            Start::Misled { .. } => can(Step::GoOn),
            Start::Over => {}
        }
    }
}

pub(crate) fn take(protocol: &Protocol, state: &mut State, run: RunId, step: Step) {
    state.starts[run] = match (step, state.starts[run]) {
        (Step::Decide, _) => decide(protocol, state),
        (Step::Refuse, _) => Start::Blocking { latest: state.table.latest },
        (Step::Die, _) => {
            state.faults -= 1;
            Start::Over
        }
        (Step::GiveUp, start) => {
            state.faults -= 1;
            state.late = match start {
                Start::Opening => Some(LateWrite::Open(run)),
                Start::Blocking { latest } => Some(LateWrite::Block { run, latest }),
                Start::Coming | Start::Opened | Start::Misled { .. } | Start::Over => None,
            };
            Start::Over
        }
        (Step::GoOn, Start::Opening) => match state.open(protocol, run) {
            Saved::Done => Start::Opened,
            Saved::Stale | Saved::LatestMoved => met(protocol, state),
        },
        (Step::GoOn, Start::Opened) => {
            state.send(run);
            Start::Over
        }
        (Step::GoOn, Start::Misled { active }) => {
            state.breaks(Broken::MessageForNothing);
            state.send(active);
            Start::Over
        }
        (Step::GoOn, Start::Blocking { latest }) => match state.block(protocol, run, latest) {
            Saved::Done | Saved::Stale => Start::Over,
            Saved::LatestMoved => Start::Blocking { latest: state.table.latest },
        },
        (Step::GoOn, Start::Coming | Start::Over) => Start::Over,
    };
}

fn decide(protocol: &Protocol, state: &State) -> Start {
    if state.table.slot.is_some() { met(protocol, state) } else { Start::Opening }
}

/// Another run is active: the caller is given that one, and nothing is sent.
fn met(protocol: &Protocol, state: &State) -> Start {
    match state.table.slot {
        Some(slot) if !protocol.keeps(Guard::OnlyNewIsSent) => Start::Misled { active: slot.run },
        _ => Start::Over,
    }
}
