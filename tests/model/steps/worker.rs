//! A worker: claims the run that a message names, asks Microsoft, completes the run and acknowledges the message.

use crate::guard::Guard;
use crate::protocol::{Action, Protocol};
use crate::state::{Broken, LateWrite, Message, Run, RunId, State, Work};
use crate::table::{Claim, Saved};

/// How a delivery goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// A free worker claims the run.
    Claims,
    /// It dies before that.
    Dies,
    /// It gives the claim up, which arrives later or never.
    GivesUp,
}

/// What a worker does with the run that it has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Microsoft has answered, or the run is to be blocked: completes it.
    Complete,
    /// Microsoft, the parameter store or the token service is in trouble.
    Trouble,
    /// Dies; or the table is in trouble, which looks the same from outside.
    Die,
    /// Completes the run, and dies before the message is acknowledged; or the answer is lost.
    CompleteAndDie,
    /// Gives the completing transaction up, which arrives later or never.
    GiveCompletionUp,
    /// Gives up giving the run back, which arrives later or never.
    GiveReturnUp,
}

pub(crate) fn possible(protocol: &Protocol, state: &State, actions: &mut Vec<Action>) {
    let dies = state.faults > 0;
    let late = dies && state.late.is_none() && !protocol.bounds.queue_alone;
    let free = state.workers.iter().filter(|work| work.is_some()).count() < protocol.bounds.workers;
    let spared = |receives: u8| protocol.bounds.queue_alone && receives >= protocol.bounds.receives;
    for (at, message) in state.queue.iter().enumerate() {
        // Which of two equal messages comes does not matter.
        if !free || message.hidden || at > 0 && state.queue[at - 1] == *message {
            continue;
        }
        actions.push(Action::Deliver(at, Delivery::Claims));
        if dies && !spared(message.receives + 1) {
            actions.push(Action::Deliver(at, Delivery::Dies));
        }
        if late {
            actions.push(Action::Deliver(at, Delivery::GivesUp));
        }
    }
    for (worker, work) in state.workers.iter().enumerate() {
        let Some(work) = work else { continue };
        let dies = dies && !spared(work.message.receives);
        let mut can = |step| actions.push(Action::Work(worker, step));
        can(Step::Complete);
        if dies {
            can(Step::Die);
        }
        if work.owes_report {
            continue;
        }
        can(Step::Trouble);
        if dies {
            can(Step::CompleteAndDie);
        }
        if late {
            can(Step::GiveCompletionUp);
            can(Step::GiveReturnUp);
        }
    }
}

pub(crate) fn deliver(protocol: &Protocol, state: &mut State, at: usize, delivery: Delivery) {
    let message = state.queue.remove(at);
    let message = Message { receives: message.receives + 1, ..message };
    let run = message.run;
    match delivery {
        Delivery::Claims => {}
        Delivery::Dies => {
            state.faults -= 1;
            return state.comes_back(protocol, message);
        }
        Delivery::GivesUp => {
            state.faults -= 1;
            state.late = Some(LateWrite::Claim(run));
            return state.comes_back(protocol, message);
        }
    }
    match state.claim(protocol, run) {
        Claim::Mine { attempt } => {
            let latest = state.table.latest;
            let work = Work { message, returned: false, attempt, latest, owes_report: false };
            let free = state.workers.iter_mut().find(|work| work.is_none()).expect("a worker is free");
            *free = Some(work);
        }
        Claim::Done => state.acknowledge(run),
        Claim::Held if is_last(protocol, message) && !protocol.keeps(Guard::HeldIsNotAcknowledged) => {
            state.acknowledge(run);
        }
        Claim::Held => state.comes_back(protocol, message),
    }
}

pub(crate) fn take(protocol: &Protocol, state: &mut State, worker: usize, step: Step) {
    let Some(work) = state.workers[worker] else { return };
    let Work { message, attempt, latest, .. } = work;
    let run = message.run;
    let last = is_last(protocol, message) && protocol.keeps(Guard::LastReceiveEnds);
    state.workers[worker] = None;
    match step {
        Step::Complete if work.owes_report => {
            state.table.reports[run] = true;
            state.acknowledge_delivery(work);
        }
        Step::Complete => complete(protocol, state, worker, work),
        // Could not verify: the last receive ends the run as failed.
        Step::Trouble if last => complete(protocol, state, worker, work),
        Step::Trouble => match state.give_back(protocol, run, attempt) {
            Saved::Done => state.fails(protocol, work),
            Saved::Stale | Saved::LatestMoved => overtaken(protocol, state, work),
        },
        Step::Die => {
            state.faults -= 1;
            state.fails(protocol, work);
        }
        Step::CompleteAndDie => {
            state.faults -= 1;
            _ = state.complete(protocol, run, attempt, latest);
            state.fails(protocol, work);
        }
        Step::GiveCompletionUp => {
            state.faults -= 1;
            state.late = Some(LateWrite::Complete { run, attempt, latest });
            state.fails(protocol, work);
        }
        Step::GiveReturnUp => {
            state.faults -= 1;
            state.late = Some(LateWrite::GiveBack { run, attempt });
            state.fails(protocol, work);
        }
    }
}

fn complete(protocol: &Protocol, state: &mut State, worker: usize, work: Work) {
    match state.complete(protocol, work.message.run, work.attempt, work.latest) {
        Saved::Done if protocol.keeps(Guard::ReportWithRun) => state.acknowledge_delivery(work),
        Saved::Done => state.workers[worker] = Some(Work { owes_report: true, ..work }),
        Saved::Stale => overtaken(protocol, state, work),
        // Seals the report again, after the one that it reads now.
        Saved::LatestMoved => state.workers[worker] = Some(Work { latest: state.table.latest, ..work }),
    }
}

/// Somebody else has the run: the message has done its work when the run has ended, else it has not.
fn overtaken(protocol: &Protocol, state: &mut State, work: Work) {
    if state.table.runs[work.message.run].is_active() {
        state.fails(protocol, work);
    } else {
        state.acknowledge_delivery(work);
    }
}

fn is_last(protocol: &Protocol, message: Message) -> bool {
    message.receives >= protocol.bounds.receives
}

impl State {
    pub(crate) fn send(&mut self, run: RunId) {
        self.queue.push(Message { run, receives: 0, hidden: false });
    }

    /// The queue forgets a message for good: its run must have ended.
    fn acknowledge(&mut self, run: RunId) {
        if self.table.runs[run].is_active() {
            self.breaks(Broken::AcknowledgedTooEarly);
        }
    }

    /// A delivery that the queue has taken back meanwhile cannot be acknowledged any more.
    fn acknowledge_delivery(&mut self, work: Work) {
        if !work.returned {
            self.acknowledge(work.message.run);
        }
    }

    /// The record is reported as failed, or nothing is reported at all.
    fn fails(&mut self, protocol: &Protocol, work: Work) {
        if !work.returned {
            self.comes_back(protocol, work.message);
        }
    }

    /// A message that was not acknowledged comes back, or goes to the dead-letter queue. Where the queue's visibility is relied upon,
    /// it stays hidden until the lease has ended that is alive now.
    pub(crate) fn comes_back(&mut self, protocol: &Protocol, message: Message) {
        if !is_last(protocol, message) {
            let leased = matches!(self.table.runs[message.run], Run::Running { leased: true, .. });
            let hidden = leased && protocol.bounds.queue_alone && protocol.keeps(Guard::VisibilityOutlastsLease);
            self.queue.push(Message { hidden, ..message });
        }
    }
}
