//! What somebody who looks after active runs does about one of them. Its message may be lost, its last worker may have died, or it is
//! simply waiting in a long queue: from the run alone nobody can tell, so a message more is sent, ever more rarely, and only what
//! nothing can finish any more is ended.

use std::time::Duration;

use crate::bounds::Bounds;
use crate::operation_run::{Interruption, OperationRun, RunState};
use crate::time::Timestamp;

/// As often as this workers may claim a run; a run that none of so many could finish will not be finished by another.
pub const MAX_ATTEMPTS: u32 = 8;

/// Between two looks at the same run at most this passes, however old it is.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// What is to be done about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing before then.
    Later(Timestamp),
    /// Its message may be lost: another one is sent, and the run is looked at again then.
    SendAgain(Timestamp),
    /// Nothing will finish it: it is ended.
    Interrupt(Interruption),
    /// It is completed, and does not need a slot.
    Terminal,
}

impl Look {
    /// Decides from the run as it is stored.
    #[must_use]
    pub fn at(run: &OperationRun, bounds: &Bounds, now: Timestamp) -> Self {
        let created_at = run.header.created_at;
        let deadline = created_at + bounds.run_deadline;
        // Since when nobody holds the run and nobody waits for the provider, and how often it was taken.
        let (free_since, attempts) = match &run.state {
            RunState::Completed(_) => return Look::Terminal,
            RunState::Queued => (created_at, 0),
            RunState::Running(attempt) if bounds.holds(attempt.lease_until, now) => {
                // Its worker has a word in it even past the deadline: a lease ends soon.
                return Look::Later((attempt.lease_until + bounds.patience).min(deadline.max(attempt.lease_until)));
            }
            RunState::Running(attempt) => {
                let lease = attempt.lease_until.min(now);
                (attempt.retry_at.map_or(lease, |retry_at| retry_at.max(lease)), attempt.number)
            }
        };
        if now >= deadline {
            return Look::Interrupt(Interruption::DeadlinePassed);
        }
        if now < free_since + bounds.patience {
            return Look::Later((free_since + bounds.patience).min(deadline));
        }
        if attempts >= MAX_ATTEMPTS {
            return Look::Interrupt(Interruption::AttemptsUsedUp);
        }
        // Twice as long as the run has waited so far: a backlog of thousands gets few messages more.
        let wait = now.since(free_since).clamp(bounds.patience, LONGEST_WAIT);
        Look::SendAgain((now + wait).min(deadline))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::testing::{self, BOUNDS, now};

    fn queued() -> OperationRun {
        OperationRun::queue(testing::header())
    }

    /// A run that workers have claimed so often, each time after the last one's lease; how long after its creation that was.
    fn claimed(times: u32) -> (OperationRun, Duration) {
        let mut run = queued();
        let mut age = Duration::ZERO;
        for _ in 0..times {
            age += Duration::from_secs(70);
            let at = now() + age;
            run = run.claim(at, BOUNDS.lease(at, at + BOUNDS.worker_timeout), &BOUNDS).expect("the lease has ended");
        }
        (run, age)
    }

    fn seen(run: &OperationRun, age: Duration) -> String {
        let from_now = |at: Timestamp| format!("in {} s", at.since(now() + age).as_secs());
        match Look::at(run, &BOUNDS, now() + age) {
            Look::Later(at) => format!("later, {}", from_now(at)),
            Look::SendAgain(at) => format!("send again, then {}", from_now(at)),
            Look::Interrupt(why) => format!("interrupt: {why}"),
            Look::Terminal => "terminal".to_owned(),
        }
    }

    #[test]
    fn what_is_done_depends_on_the_state_and_on_how_long_nobody_heard_of_the_run() {
        let (held, claimed_at) = claimed(1);
        let retry_at = now() + Duration::from_mins(15);
        let waiting = held.clone().give_back(now() + claimed_at, retry_at).expect("claimed runs are given back");
        let (worn, worn_at) = claimed(MAX_ATTEMPTS);
        let report = testing::seal(testing::passing_checks());
        let done = held.clone().finish(now(), &report).expect("claimed runs finish");
        let mut table = String::new();
        for (name, run, ages) in [
            ("queued", queued(), vec![0, 119, 120, 240, 3599, 3600, 7200, 21_500, 21_599, 21_600]),
            ("held since 70 s", held, vec![70, 135, 136, 254, 255, 600, 21_600]),
            ("waits until 900 s", waiting, vec![71, 900, 1019, 1020, 1200, 21_600]),
            ("claimed 8 times", worn, vec![worn_at.as_secs() + 60, worn_at.as_secs() + 186, 21_600]),
            ("completed", done, vec![0, 21_600]),
        ] {
            for age in ages {
                let line = seen(&run, Duration::from_secs(age));
                writeln!(table, "{name:18} at {age:5} s: {line}").expect("a String takes every write");
            }
        }
        insta::assert_snapshot!("what_is_done_about_a_run", table);
    }

    #[test]
    fn a_run_that_stays_queued_gets_few_messages_and_then_its_end() {
        let run = queued();
        let (mut at, mut sent) = (now() + BOUNDS.patience, 0);
        let end = loop {
            at = match Look::at(&run, &BOUNDS, at) {
                Look::SendAgain(next) => {
                    sent += 1;
                    next
                }
                Look::Later(next) => next,
                ended => break ended,
            };
        };
        assert_eq!((sent, end), (10, Look::Interrupt(Interruption::DeadlinePassed)));
        assert_eq!(at, now() + BOUNDS.run_deadline);
    }

    #[test]
    fn a_lease_that_no_worker_can_have_is_not_believed() {
        let (mut run, age) = claimed(1);
        let RunState::Running(attempt) = &mut run.state else { panic!("claimed runs are running") };
        attempt.lease_until = now() + Duration::from_hours(24);
        let at = now() + age;
        assert_eq!(Look::at(&run, &BOUNDS, at), Look::Later(at + BOUNDS.patience));
        let taken = run.claim(at, BOUNDS.lease(at, at), &BOUNDS).expect("nobody holds it");
        assert!(matches!(taken.state, RunState::Running(attempt) if attempt.number == 2));
    }
}
