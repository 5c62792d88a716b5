//! States that differ in nothing that anybody can ever see are made one, so that the checker visits them once.
//!
//! Each of these needs a guard that makes the difference invisible, and is left out where that guard is missing.

use crate::guard::Guard;
use crate::protocol::Protocol;
use crate::state::{Interruption, LateWrite, RUNS, Run, RunId, Start, State, Tick, Work};

pub(crate) fn canonical(protocol: &Protocol, mut state: State) -> State {
    let runs = state.table.runs;
    let leased = |run: RunId| matches!(runs[run], Run::Running { leased: true, .. });
    for message in &mut state.queue {
        message.hidden &= leased(message.run);
    }
    // The message of a run that has ended is received, and acknowledged.
    if protocol.keeps(Guard::Claim) {
        state.queue.retain(|message| runs[message.run].is_active());
    }
    // Which attempt is not the current one any more does not matter, nor what it has read.
    if protocol.keeps(Guard::Attempt) {
        let overtaken = |run: RunId, mine| !matches!(runs[run], Run::Running { attempt, .. } if attempt == mine);
        for work in state.workers.iter_mut().flatten().filter(|work| overtaken(work.message.run, work.attempt)) {
            *work = Work { attempt: 0, latest: None, ..*work };
        }
        match &mut state.late {
            Some(LateWrite::Complete { run, attempt, latest }) if overtaken(*run, *attempt) => {
                (*attempt, *latest) = (0, None);
            }
            Some(LateWrite::GiveBack { run, attempt }) if overtaken(*run, *attempt) => *attempt = 0,
            _ => {}
        }
    }
    // What the reconciler has read is outdated for good: no run is twice in one state.
    if protocol.keeps(Guard::AsRead) {
        let ticks = state.ticks.iter_mut().filter_map(|tick| match tick {
            Tick::Interrupting(it) => Some(it),
            _ => None,
        });
        let late = state.late.iter_mut().filter_map(|late| match late {
            LateWrite::Interrupt(it) => Some(it),
            _ => None,
        });
        for it in ticks.chain(late).filter(|it| runs[it.run] != it.read) {
            *it = Interruption { read: Run::Absent, latest: None, ..*it };
        }
    }
    // Everything has ended, and nothing new begins: nothing that dies now is missed.
    if state.starts == [Start::Over; RUNS] && !runs.iter().any(|run| run.is_active()) {
        (state.faults, state.duplicates) = (0, 0);
    }
    state.queue.sort_unstable();
    state.workers.sort_unstable();
    state.ticks.sort_unstable();
    state
}
