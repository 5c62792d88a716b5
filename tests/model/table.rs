//! The writes to the table, each with its condition: all of it or nothing.

use crate::guard::Guard;
use crate::protocol::Protocol;
use crate::state::{Broken, Interruption, LateWrite, Run, RunId, Slot, State};

/// What came of claiming a run.
pub(crate) enum Claim {
    Mine { attempt: u8 },
    Held,
    Done,
}

/// What came of a conditional write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saved {
    Done,
    /// Nothing changed.
    Stale,
    /// Nothing changed: another run has completed meanwhile.
    LatestMoved,
}

/// Who completes a run, and what it knows of the run.
#[derive(Clone, Copy)]
enum Writer {
    /// A blocked start: the run is not there yet.
    Start,
    Worker {
        attempt: u8,
    },
    Reconciler {
        read: Run,
    },
}

impl State {
    /// Opens a queued run with its connection's slot.
    pub(crate) fn open(&mut self, protocol: &Protocol, run: RunId) -> Saved {
        if self.table.slot.is_some() && protocol.keeps(Guard::Slot) {
            return Saved::Stale;
        }
        self.table.runs[run] = Run::Queued;
        self.table.slot = Some(Slot { run, moves: 0, sent: false });
        Saved::Done
    }

    /// Takes a run that waits, or whose lease has ended.
    pub(crate) fn claim(&mut self, protocol: &Protocol, run: RunId) -> Claim {
        let attempt = match self.table.runs[run] {
            Run::Queued => 1,
            Run::Running { attempt, leased: false } => attempt + 1,
            Run::Running { .. } if protocol.keeps(Guard::Claim) => return Claim::Held,
            Run::Absent | Run::Completed if protocol.keeps(Guard::Claim) => return Claim::Done,
            Run::Running { attempt, .. } => attempt + 1,
            Run::Absent | Run::Completed => {
                self.breaks(Broken::LateWriterHeard);
                1
            }
        };
        self.table.runs[run] = Run::Running { attempt, leased: true };
        Claim::Mine { attempt }
    }

    /// Ends an attempt's lease, to be tried again.
    pub(crate) fn give_back(&mut self, protocol: &Protocol, run: RunId, mine: u8) -> Saved {
        match self.table.runs[run] {
            Run::Running { attempt, .. } if attempt == mine => {}
            _ if protocol.keeps(Guard::Attempt) => return Saved::Stale,
            _ => self.breaks(Broken::LateWriterHeard),
        }
        self.table.runs[run] = Run::Running { attempt: mine, leased: false };
        Saved::Done
    }

    /// A worker completes the run that it has claimed.
    pub(crate) fn complete(&mut self, protocol: &Protocol, run: RunId, mine: u8, latest: Option<RunId>) -> Saved {
        self.end(protocol, run, Writer::Worker { attempt: mine }, latest)
    }

    /// A start records a run that never starts.
    pub(crate) fn block(&mut self, protocol: &Protocol, run: RunId, latest: Option<RunId>) -> Saved {
        self.end(protocol, run, Writer::Start, latest)
    }

    /// The reconciler completes a run that nothing else will.
    pub(crate) fn interrupt(&mut self, protocol: &Protocol, it: Interruption) -> Saved {
        self.end(protocol, it.run, Writer::Reconciler { read: it.read }, it.latest)
    }

    /// The completing transaction: run, report, latest run and slot.
    fn end(&mut self, protocol: &Protocol, run: RunId, writer: Writer, latest: Option<RunId>) -> Saved {
        let stored = self.table.runs[run];
        let (fits, guard) = match writer {
            Writer::Start => (stored == Run::Absent, None),
            Writer::Worker { attempt: mine } => {
                (matches!(stored, Run::Running { attempt, .. } if attempt == mine), Some(Guard::Attempt))
            }
            Writer::Reconciler { read } => (stored == read, Some(Guard::AsRead)),
        };
        if !fits && guard.is_none_or(|guard| protocol.keeps(guard)) {
            return Saved::Stale;
        }
        if latest != self.table.latest && protocol.keeps(Guard::Latest) {
            return Saved::LatestMoved;
        }
        match (stored, writer) {
            _ if fits && latest == self.table.latest => {}
            _ if fits => self.breaks(Broken::WrongPredecessor),
            (Run::Running { leased: true, .. }, Writer::Reconciler { .. }) => self.breaks(Broken::LiveRunInterrupted),
            _ => self.breaks(Broken::LateWriterHeard),
        }
        self.table.runs[run] = Run::Completed;
        self.table.reports[run] = protocol.keeps(Guard::ReportWithRun) || !matches!(writer, Writer::Worker { .. });
        self.table.latest = Some(run);
        // A slot of another run stays. There is none while an active run holds its slot: this is for a table that was mended by hand.
        self.table.slot = self.table.slot.filter(|slot| slot.run != run);
        Saved::Done
    }

    /// Moves a slot's due time.
    pub(crate) fn move_due(&mut self, protocol: &Protocol, run: RunId, moves: u8) -> Saved {
        let slot = self.table.slot.filter(|slot| slot.run == run || !protocol.keeps(Guard::DueOfThisRun));
        let Some(slot) = slot else { return Saved::Stale };
        if slot.moves != moves && protocol.keeps(Guard::DueAsRead) {
            return Saved::Stale;
        }
        if !self.table.runs[run].is_active() {
            self.breaks(Broken::MessageForNothing);
        }
        if slot.moves != moves {
            self.breaks(Broken::SentTwice);
        }
        self.table.slot = Some(Slot { moves: slot.moves + 1, sent: false, ..slot });
        Saved::Done
    }

    /// Removes a slot whose run has ended.
    pub(crate) fn free(&mut self, protocol: &Protocol, run: RunId) {
        self.table.slot = self.table.slot.filter(|slot| slot.run != run && protocol.keeps(Guard::FreeAsRead));
    }

    /// A late write arrives. Nobody waits for its answer any more.
    pub(crate) fn arrive(&mut self, protocol: &Protocol, late: LateWrite) {
        match late {
            LateWrite::Open(run) => _ = self.open(protocol, run),
            LateWrite::Block { run, latest } => _ = self.block(protocol, run, latest),
            LateWrite::Claim(run) => _ = self.claim(protocol, run),
            LateWrite::GiveBack { run, attempt } => _ = self.give_back(protocol, run, attempt),
            LateWrite::Complete { run, attempt, latest } => _ = self.complete(protocol, run, attempt, latest),
            LateWrite::Interrupt(interruption) => _ = self.interrupt(protocol, interruption),
            LateWrite::Free(run) => self.free(protocol, run),
        }
    }
}
