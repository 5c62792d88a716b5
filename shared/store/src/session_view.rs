//! What the viewer of an onboarding session reads, and what a start from one begins with.

use domain::access::{Rights, Scope};
use domain::connection::ProviderConnection;
use domain::id::{SessionId, UserId};
use domain::onboarding::OnboardingSession;
use domain::time::Timestamp;

use crate::Store;
use crate::error::StoreError;
use crate::item::acknowledgement;
use crate::item::{self, Entity, connection, session};
use crate::key;
use crate::run_view::StoredRun;

/// A session and what the caller may do with it. Nothing of it may be shown before that is decided.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// What the caller holds in the session's workspace and on its tenant.
    pub rights: Rights,
    /// The session.
    pub session: OnboardingSession,
    /// The connections of its tenant, by id.
    pub connections: Vec<ProviderConnection>,
    /// The run that was started from it last, unless it has expired.
    pub stored: Option<StoredRun>,
}

impl Store {
    /// Reads an onboarding session.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_session(&self, session: SessionId) -> Result<Option<OnboardingSession>, StoreError> {
        self.get(key::session(session)).await?.map(session::to_session).transpose()
    }

    /// Loads a session for a user in two steps, whether it exists or not. The report before that of its run is not loaded yet.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_session_view(
        &self,
        session: SessionId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Option<SessionView>, StoreError> {
        let Some(session) = self.load_session(session).await? else {
            // The same kinds of calls as for a session that is there.
            self.load_nobodys_start(user).await?;
            return Ok(None);
        };
        let scope = Scope { workspace_id: session.workspace_id, tenant_id: session.tenant_id };
        let run = session.state.verification_operation_run_id;
        let of_tenant = async {
            match session.tenant_id {
                Some(tenant) => self.query(key::acknowledged_to_connections(tenant)).await,
                None => Ok(Vec::new()),
            }
        };
        let of_run = async {
            match run {
                Some(run) => self.load_run_with_report(run, now).await,
                None => Ok(None),
            }
        };
        let (rights, items, mut stored) = tokio::try_join!(self.rights(scope, user), of_tenant, of_run)?;
        let mut connections = Vec::new();
        for item in items.into_iter().filter_map(|item| item::live(item, now)) {
            match item::attribute(&item, "entity") {
                entity if entity == Entity::Connection.as_str() => connections.push(connection::to_connection(item)?),
                entity if entity == Entity::AcknowledgedCauses.as_str() => {
                    let acknowledged = acknowledgement::to_causes(item)?;
                    if let Some(stored) = &mut stored
                        && stored.run.header.identity_hash == acknowledged.identity_hash
                    {
                        stored.acknowledged_causes = acknowledged.causes;
                    }
                }
                // Active slots stand between the two.
                _ => {}
            }
        }
        Ok(Some(SessionView { rights, session, connections, stored }))
    }
}
