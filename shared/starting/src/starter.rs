//! What a start is asked with.

use domain::access::Authority;
use domain::id::ConnectionId;
use domain::operation_run::Initiator;
use domain::preflight::Rules;
use domain::time::Timestamp;
use queue::Queue;
use store::{StartConditions, StartData, StartLimit, Store};
use tokio::time::Instant;

/// What starts need, made once.
#[derive(Debug, Clone)]
pub struct Starter {
    /// The table.
    pub store: Store,
    /// Where the workers take their messages from.
    pub queue: Queue,
    /// What preflight needs besides stored data.
    pub rules: Rules,
}

/// A start that was asked for, with what its decision needs.
#[derive(Debug)]
pub struct Start<'a> {
    /// By whose authority. Whoever asks has decided it for the tenant's scope.
    pub authority: Authority,
    /// Who asks.
    pub initiator: Initiator,
    /// The tenant with its connections and active runs, as they were read.
    pub data: &'a StartData,
    /// Which connection.
    pub named: Named,
    /// What is written in the same transaction, whatever the start comes to.
    pub conditions: StartConditions,
    /// What its user may start within a minute; none for what the system starts.
    pub limit: Option<StartLimit>,
    /// The present, as one reading of the clock.
    pub now: Timestamp,
    /// When the message must have been sent: a run that is recorded is answered, sent or not.
    pub send_by: Instant,
}

/// The connection that is to be verified, if one is named, and who names it.
#[derive(Debug, Clone, Copy)]
pub enum Named {
    /// The caller; without one the tenant's default. One that is not the tenant's does not exist.
    ByRequest(Option<ConnectionId>),
    /// The onboarding session. One that was removed blocks the run: nobody is sent to another one unasked.
    BySession(Option<ConnectionId>),
}
