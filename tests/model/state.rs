//! What there is: the table, the queue and every process, with what each of them knows.

/// The runs of the model are named by their place; start number `n` opens run number `n`.
pub(crate) type RunId = usize;

/// How many runs, and so how many starts, there are. All are of one connection.
pub(crate) const RUNS: usize = 2;

/// How many workers, and how many reconcilers, there are at most.
pub(crate) const PROCESSES: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) table: Table,
    pub(crate) queue: Vec<Message>,
    pub(crate) starts: [Start; RUNS],
    pub(crate) workers: [Option<Work>; PROCESSES],
    pub(crate) ticks: [Tick; PROCESSES],
    /// A write whose sender gave it up; it arrives some time, or never.
    pub(crate) late: Option<LateWrite>,
    /// How many more times something dies, or a write is late.
    pub(crate) faults: u8,
    /// How many more messages the queue delivers twice.
    pub(crate) duplicates: u8,
    /// The promise that was broken, if one was: what follows does not matter any more.
    pub(crate) broken: Option<Broken>,
}

/// The items that the protocol is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Table {
    pub(crate) runs: [Run; RUNS],
    /// Whether the run's report is written.
    pub(crate) reports: [bool; RUNS],
    pub(crate) slot: Option<Slot>,
    /// The latest completed run of the identity.
    pub(crate) latest: Option<RunId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Run {
    Absent,
    Queued,
    Running { attempt: u8, leased: bool },
    Completed,
}

impl Run {
    pub(crate) fn is_active(self) -> bool {
        match self {
            Run::Queued | Run::Running { .. } => true,
            Run::Absent | Run::Completed => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    pub(crate) run: RunId,
    /// How often its due time has moved: the due time itself.
    pub(crate) moves: u8,
    /// Whether a message was sent for this due time before it moved.
    pub(crate) sent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Message {
    pub(crate) run: RunId,
    /// How often it has been received.
    pub(crate) receives: u8,
    /// Hidden until the run's lease has ended.
    pub(crate) hidden: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Start {
    /// Has not read anything yet.
    Coming,
    /// Met no slot: about to open the run.
    Opening,
    /// Has opened it: about to send the message.
    Opened,
    /// Was refused by the preflight, and has read the latest run: about to record the blocked one.
    Blocking { latest: Option<RunId> },
    /// Has met a slot and takes it for new: only without [`crate::guard::Guard::OnlyNewIsSent`].
    Misled { active: RunId },
    /// Has answered, or has died.
    Over,
}

/// A worker with a run that it has claimed. It has read the latest run, and is asking Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Work {
    pub(crate) message: Message,
    /// The queue has given the message back meanwhile.
    pub(crate) returned: bool,
    pub(crate) attempt: u8,
    pub(crate) latest: Option<RunId>,
    /// The run is completed and its report still to be written: only without [`crate::guard::Guard::ReportWithRun`].
    pub(crate) owes_report: bool,
}

/// A reconciler between two of its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Tick {
    Idle,
    /// Has read the slot's due time: about to move it.
    Resending {
        run: RunId,
        moves: u8,
    },
    /// Has moved it: about to send.
    Sending {
        run: RunId,
    },
    /// Has sent before: only without [`crate::guard::Guard::DueMovesFirst`].
    Moving {
        run: RunId,
        moves: u8,
    },
    /// Has read a run that nothing will finish: about to complete it.
    Interrupting(Interruption),
    /// Has read a run that has ended, or that does not exist: about to free its slot.
    Freeing {
        run: RunId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Interruption {
    pub(crate) run: RunId,
    pub(crate) read: Run,
    pub(crate) latest: Option<RunId>,
}

/// A write on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LateWrite {
    Open(RunId),
    Block { run: RunId, latest: Option<RunId> },
    Claim(RunId),
    GiveBack { run: RunId, attempt: u8 },
    Complete { run: RunId, attempt: u8, latest: Option<RunId> },
    Interrupt(Interruption),
    Free(RunId),
}

/// The promises that are about a step, not about a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Broken {
    /// A message went out for a run that was neither new nor active.
    MessageForNothing,
    /// Somebody wrote to a run that was not theirs any more.
    LateWriterHeard,
    /// The reconciler ended a run that a worker holds.
    LiveRunInterrupted,
    /// A report names another predecessor than the run that completed before it.
    WrongPredecessor,
    /// A message was acknowledged while its run is active.
    AcknowledgedTooEarly,
    /// Two messages went out for one due time.
    SentTwice,
}

impl State {
    /// Remembers the first promise that was broken.
    pub(crate) fn breaks(&mut self, promise: Broken) {
        self.broken.get_or_insert(promise);
    }
}
