//! The start of a verification, whoever asks for it: a caller of the API with an entitlement, or the deployment itself. The connection
//! is resolved, the preflight decides, and one run is recorded and queued, given back, or recorded as blocked with its report. It knows
//! nothing of HTTP, and never calls Microsoft.

mod opening;
mod started;
mod starter;

use domain::preflight::Resolved;

use opening::Opening;

pub use started::{ReportJson, StartError, Started};
pub use starter::{Named, Start, Starter};

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
        if let Some(limit) = &start.limit
            && !self.store.count_start(limit).await?
        {
            return Ok(Started::LimitReached);
        }
        match block {
            Some(block) => opening(connection).block(&block).await,
            None => opening(connection).open(&data.slots).await,
        }
    }
}
