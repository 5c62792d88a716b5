//! What goes wrong with the calls to AWS, and how often.

use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

/// An AWS service that functions call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    Sqs,
    Ssm,
}

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fate {
    /// It is done, and answered.
    Fine,
    /// It never arrives, and the connection breaks.
    LostRequest,
    /// It never arrives, and nobody answers.
    Silence,
    /// It is done, and the connection breaks before the answer.
    LostAnswer,
    /// It is done so much later, when its sender has given up or is gone.
    Late(Duration),
    /// It is done, and the answer takes so long: what it says may be true no more.
    SlowAnswer(Duration),
    /// It is done and answered, and done again so much later.
    Twice(Duration),
    /// It is not done, and answered with this error.
    Error(&'static str),
    /// So many keys of a batch are left unprocessed.
    Unprocessed(usize),
    /// It is answered, and what was sent has vanished.
    Vanished,
}

/// What goes wrong at present.
pub(super) struct Weather {
    /// How many of the calls meet trouble, of 1.
    trouble: f64,
    outage: Option<(Service, Instant)>,
}

impl Weather {
    /// Nothing goes wrong.
    pub(super) fn calm() -> Self {
        Self { trouble: 0.0, outage: None }
    }

    /// Whether nothing goes wrong.
    pub(super) fn is_calm(&self) -> bool {
        self.trouble == 0.0 && self.outage.is_none()
    }

    /// Seeds differ in how bad it is.
    pub(super) fn drawn(chance: &mut Rng) -> Self {
        let trouble = [0.01, 0.05, 0.15, 0.3][chance.usize(..4)];
        Self { trouble, outage: None }
    }

    /// A service does not work for a while.
    pub(super) fn outage(&mut self, service: Service, duration: Duration) {
        self.outage = Some((service, Instant::now() + duration));
    }

    /// Decides about one request.
    pub(super) fn fate(&self, chance: &mut Rng, service: Service, operation: &str) -> Fate {
        if self.outage.is_some_and(|(out, until)| out == service && Instant::now() < until) {
            return [Fate::Error("InternalServerError"), Fate::LostRequest, Fate::Silence][chance.usize(..3)];
        }
        if chance.f64() >= self.trouble {
            return Fate::Fine;
        }
        match chance.u8(..10) {
            0 => Fate::LostRequest,
            1 => Fate::Silence,
            2 | 3 => Fate::LostAnswer,
            // Past a lease of 65 s too.
            4 | 5 => Fate::Late(Duration::from_millis(chance.u64(1_000..100_000))),
            6 => Fate::SlowAnswer(Duration::from_millis(chance.u64(50..2_900))),
            7 => Fate::Twice(Duration::from_millis(chance.u64(0..90_000))),
            8 => match operation {
                "BatchGetItem" => Fate::Unprocessed(chance.usize(1..4)),
                "SendMessage" => Fate::Vanished,
                _ => Fate::Error(throttled(service)),
            },
            _ => match operation {
                "TransactWriteItems" => Fate::Error("TransactionConflict"),
                "UpdateItem" => Fate::Error("TransactionConflictException"),
                _ => Fate::Error("InternalServerError"),
            },
        }
    }
}

fn throttled(service: Service) -> &'static str {
    match service {
        Service::DynamoDb | Service::Ssm => "ThrottlingException",
        Service::Sqs => "RequestThrottled",
    }
}
