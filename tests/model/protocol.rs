//! The model for the checker: how large it is, which guard is missing, and which steps are possible in a state.

use stateright::{Model, Property};

use crate::canonical::canonical;
use crate::guard::Guard;
use crate::properties;
use crate::state::{PROCESSES, RUNS, Run, RunId, Slot, Start, State, Table, Tick};
use crate::steps::{clock, reconciler, start, worker};

/// How much happens at most. The time a step takes is not in the model: whatever may come in any order does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) workers: usize,
    /// How many ticks of the reconciler overlap.
    pub(crate) ticks: usize,
    /// How often something dies, a send is lost or a write is late.
    pub(crate) faults: u8,
    /// How many messages are delivered twice.
    pub(crate) duplicates: u8,
    /// How often a message is received before it goes to the dead-letter queue.
    pub(crate) receives: u8,
    /// With so many attempts a run is not sent again.
    pub(crate) attempts: u8,
    /// How often a run is sent again.
    pub(crate) resends: u8,
    /// Whether nothing but a worker dies, and none on the last receive of its message: the queue alone ends every run.
    pub(crate) queue_alone: bool,
    /// Whether the table is damaged: the slot names a run that has ended. Only the second start is still to come.
    pub(crate) orphaned_slot: bool,
}

/// The protocol, whole or without one of its guards.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocol {
    pub(crate) bounds: Bounds,
    pub(crate) without: Option<Guard>,
}

impl Protocol {
    pub(crate) fn keeps(&self, guard: Guard) -> bool {
        self.without != Some(guard)
    }

    /// Whether there is a reconciler.
    pub(crate) fn reconciles(&self) -> bool {
        self.bounds.ticks > 0 && self.keeps(Guard::Reconciler)
    }
}

/// What may happen next. Numbers are the places of starts, messages, workers and ticks in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Start(RunId, start::Step),
    Deliver(usize, worker::Delivery),
    Work(usize, worker::Step),
    Look(usize, RunId, reconciler::Finding),
    Tick(usize, reconciler::Step),
    Clock(clock::Step),
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut state = State {
            table: Table { runs: [Run::Absent; RUNS], reports: [false; RUNS], slot: None, latest: None },
            queue: Vec::new(),
            starts: [Start::Coming; RUNS],
            workers: [None; PROCESSES],
            ticks: [Tick::Idle; PROCESSES],
            late: None,
            faults: self.bounds.faults,
            duplicates: self.bounds.duplicates,
            broken: None,
        };
        if self.bounds.orphaned_slot {
            (state.starts[0], state.table.runs[0], state.table.reports[0]) = (Start::Over, Run::Completed, true);
            (state.table.slot, state.table.latest) = (Some(Slot { run: 0, moves: 0, sent: false }), Some(0));
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_some() {
            return;
        }
        start::possible(self, state, actions);
        worker::possible(self, state, actions);
        reconciler::possible(self, state, actions);
        clock::possible(self, state, actions);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        self.apply(&mut state, action);
        Some(canonical(self, state))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl Protocol {
    /// Takes one step.
    pub(crate) fn apply(&self, state: &mut State, action: Action) {
        match action {
            Action::Start(run, step) => start::take(self, state, run, step),
            Action::Deliver(message, delivery) => worker::deliver(self, state, message, delivery),
            Action::Work(worker, step) => worker::take(self, state, worker, step),
            Action::Look(tick, run, finding) => reconciler::look(state, tick, run, finding),
            Action::Tick(tick, step) => reconciler::take(self, state, tick, step),
            Action::Clock(step) => clock::take(self, state, step),
        }
    }
}
