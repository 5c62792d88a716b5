//! What the viewer of an onboarding session reads, and what a start from one begins with.

use domain::access::Scope;
use domain::connection::ProviderConnection;
use domain::guarded::{Guarded, Opened};
use domain::id::{SessionId, UserId};
use domain::onboarding::OnboardingSession;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::item::{self, Stored, session};
use crate::key;
use crate::run_view::StoredRun;
use crate::table::Store;

/// What is stored of a session.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The session.
    pub session: OnboardingSession,
    /// The connections of its tenant, by id.
    pub connections: Vec<ProviderConnection>,
    /// The run that was started from it last, unless it has expired or cannot be read.
    pub stored: Option<StoredRun>,
}

impl Store {
    /// Reads an onboarding session.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_session(&self, session: SessionId) -> Result<Option<OnboardingSession>, StoreError> {
        Ok(self.get(key::session(session)).await?.map(session::to_session).transpose()?)
    }

    /// Loads a session for a user, and nothing else of it, in two calls, whether it exists or not.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_session_head(
        &self,
        session: SessionId,
        user: &UserId,
    ) -> Result<Guarded<OnboardingSession>, StoreError> {
        let Some(session) = self.load_session(session).await? else {
            self.batch_get(vec![key::nobodys_membership(user)]).await?;
            return Ok(Guarded::absent());
        };
        let scope = Scope::of_session(&session);
        Ok(Guarded::new(scope, self.rights(scope, user).await?, session))
    }

    /// Reads what else is shown of a session: the connections of its tenant, and side by side its run. The report before that of its run
    /// is not loaded yet.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_session_view(
        &self,
        opened: Opened<OnboardingSession>,
        now: Timestamp,
    ) -> Result<SessionView, StoreError> {
        let session = opened.value;
        let of_tenant = async {
            match session.tenant_id {
                Some(tenant) => self.query(key::acknowledged_to_connections(tenant)).await,
                None => Ok(Vec::new()),
            }
        };
        let of_run = async {
            match session.state.verification_operation_run_id {
                Some(run) => self.dispensable(self.load_run_with_report(run, now).await),
                None => Ok(None),
            }
        };
        let (items, mut stored) = tokio::try_join!(of_tenant, of_run)?;
        // Active slots stand between the two.
        let Stored { connections, acknowledged, damaged, .. } =
            Stored::of(items.into_iter().filter_map(|item| item::live(item, now)));
        self.leave_out(&damaged);
        if let Some(stored) = &mut stored {
            let of_run = acknowledged.into_iter().find(|it| it.identity_hash == stored.run.header.identity_hash);
            stored.acknowledged_causes = of_run.map(|it| it.causes).unwrap_or_default();
        }
        Ok(SessionView { session, connections, stored })
    }
}
