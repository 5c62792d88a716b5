//! The questions of one check: each is sent, tried again while that makes sense, and paid for from one allowance. What became of all of
//! them is one line of the log: a line for each would be most of what a verification logs.

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use domain::facts::Cause;
use domain::reason::Reason;
use tracing::info;
use uuid::Uuid;

use crate::allowance::Allowance;
use crate::answer::Answer;
use crate::retry;
use crate::transport::{CALL_TIMEOUT, Outgoing, Transport};
use crate::trouble::{Trouble, UpstreamError};

/// One check's use of the wire.
#[derive(Debug)]
pub(crate) struct Requester<'a> {
    transport: &'a Transport,
    allowance: Allowance,
    /// What became of the calls so far, in the words of the log.
    calls: Mutex<String>,
}

impl<'a> Requester<'a> {
    /// Begins to spend the allowance.
    pub(crate) fn new(transport: &'a Transport, allowance: Allowance) -> Self {
        Self { transport, allowance, calls: Mutex::default() }
    }

    /// Asks until `read` finds the answer or asking again makes no sense. `outgoing` makes the request anew for each
    /// try.
    pub(crate) async fn ask<'r, T>(
        &self,
        question: &'static str,
        outgoing: impl Fn() -> Outgoing<'r>,
        read: impl Fn(&Answer) -> Result<T, Trouble>,
    ) -> Result<T, Cause> {
        let mut last: Option<Cause> = None;
        for tries in 1.. {
            let Some(time) = self.allowance.take_call() else { break };
            // After a failure the kept connection may still lead to the broken server; throttling says nothing of the
            // kind.
            let fresh = last.as_ref().is_some_and(|cause| cause.reason != Reason::Throttled);
            let client_request_id = Uuid::new_v4();
            let begun = Instant::now();
            let answered = self.transport.send(outgoing(), fresh, client_request_id, time.min(CALL_TIMEOUT)).await;
            self.note(question, client_request_id, begun, answered.as_ref());
            let found = match answered {
                Ok(answer) => read(&answer),
                Err(failure) => Err(failure.before_an_answer(client_request_id)),
            };
            let trouble = match found {
                Ok(found) => return Ok(found),
                Err(trouble) => trouble,
            };
            let pause = retry::pause(&trouble, tries, self.allowance.time_left(), fastrand::f64());
            last = Some(trouble.cause);
            match pause {
                Some(pause) if self.allowance.has_calls() => tokio::time::sleep(pause).await,
                Some(_) | None => break,
            }
        }
        Err(last.unwrap_or_else(|| Trouble::from(UpstreamError::Budget).cause))
    }

    /// A call with the ids that Microsoft's support asks for. Never a URL, header or body.
    fn note(&self, question: &str, id: Uuid, begun: Instant, answered: Result<&Answer, &UpstreamError>) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let separator = if calls.is_empty() { "" } else { "; " };
        let ms = begun.elapsed().as_millis();
        let noted = match answered {
            Ok(Answer { status, request_id: Some(theirs), .. }) => {
                write!(calls, "{separator}{question} {} {ms} ms {id} {theirs}", status.as_u16())
            }
            Ok(answer) => write!(calls, "{separator}{question} {} {ms} ms {id}", answer.status.as_u16()),
            Err(failure) => write!(calls, "{separator}{question} no answer ({}) {ms} ms {id}", failure.detail()),
        };
        noted.expect("memory takes it");
    }
}

impl Drop for Requester<'_> {
    /// However the check ended.
    fn drop(&mut self) {
        let calls = self.calls.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !calls.is_empty() {
            info!(%calls, "asked Microsoft: question, status, time, client-request-id, request-id");
        }
    }
}
