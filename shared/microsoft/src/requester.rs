//! The questions of one check: each is sent, tried again while that makes sense, and paid for from one allowance.

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
}

impl<'a> Requester<'a> {
    /// Begins to spend the allowance.
    pub(crate) fn new(transport: &'a Transport, allowance: Allowance) -> Self {
        Self { transport, allowance }
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
            log(question, tries, client_request_id, begun, answered.as_ref());
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
}

/// One line a call, with the ids that Microsoft's support asks for. Never a URL, header or body.
fn log(question: &str, tries: u32, client_request_id: Uuid, begun: Instant, answered: Result<&Answer, &UpstreamError>) {
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    match answered {
        Ok(answer) => info!(
            question,
            tries,
            %client_request_id,
            request_id = answer.request_id.map(tracing::field::display),
            http.status = answer.status.as_u16(),
            duration_ms,
            "Microsoft answered"
        ),
        Err(failure) => info!(
            question,
            tries,
            %client_request_id,
            failure = failure.detail(),
            duration_ms,
            "Microsoft gave no answer"
        ),
    }
}
