//! The start of a verification, whoever asks for it: a caller of the API with an entitlement, or the deployment itself. The connection
//! is resolved, the preflight decides, and one run is recorded and queued, given back, or recorded as blocked with its report. It knows
//! nothing of HTTP, and never calls Microsoft.

mod opening;
mod started;

use domain::access::Authority;
use domain::id::ConnectionId;
use domain::operation_run::Initiator;
use domain::preflight::{Resolved, Rules};
use domain::time::Timestamp;
use queue::Queue;
use store::{Beside, StartData, Store};
use tokio::time::Instant;

use opening::Opening;

pub use started::{ReportJson, StartError, Started};

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
    pub beside: Beside,
    /// The time.
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

impl Starter {
    /// Resolves the connection, asks whether it can be checked, and starts.
    ///
    /// # Errors
    /// [`StartError`]. Then no message was sent; where it says so, a run may have been recorded all the same, which whoever looks
    /// after runs sends.
    pub async fn start(&self, start: Start<'_>) -> Result<Started, StartError> {
        let data = start.data;
        let tenant = &data.tenant;
        let (Named::ByRequest(id) | Named::BySession(id)) = start.named;
        let opening = |connection| Opening { starter: self, start: &start, tenant, connection };
        if let Some(remembered) = &data.remembered {
            return opening(None).replay(remembered).await;
        }
        data.require_readable(id)?;
        let (connection, block) = match (self.rules.resolve(tenant, &data.connections, id), start.named) {
            (Resolved::Unknown, Named::ByRequest(_)) => return Ok(Started::UnknownConnection),
            (Resolved::Unknown, Named::BySession(_)) => {
                (None, Some(self.rules.no_connection(tenant, data.connections.is_empty())))
            }
            (Resolved::Missing(block), _) => (None, Some(block)),
            (Resolved::Connection(connection), _) => (Some(connection), self.rules.preflight(tenant, connection).err()),
        };
        match block {
            Some(block) => opening(connection).block(&block).await,
            None => opening(connection).open(&data.slots).await,
        }
    }
}
