//! What a worker reads after it has claimed a run: the authority and prerequisites as they are now.

use domain::access::{Rights, Scope};
use domain::connection::ProviderConnection;
use domain::operation_run::RunHeader;
use domain::tenant::Tenant;
use domain::time::Timestamp;

use crate::batch_get::RightsKeys;
use crate::error::StoreError;
use crate::item::latest::Latest;
use crate::item::{connection, directory};
use crate::key;
use crate::table::Store;

/// What the execution of a run is decided from.
#[derive(Debug, Clone)]
pub struct ExecutionData {
    /// What the initiator holds now; nothing for the system itself.
    pub rights: Rights,
    /// The tenant.
    pub tenant: Option<Tenant>,
    /// The connection.
    pub connection: Option<ProviderConnection>,
    /// The latest completed run of the same identity.
    pub latest: Option<Latest>,
}

impl Store {
    /// Loads what the execution of a run is decided from, in one call.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn load_execution(&self, run: &RunHeader, now: Timestamp) -> Result<ExecutionData, StoreError> {
        let initiator = run.initiator.user_id();
        let rights = initiator.map(|user| RightsKeys::of(Scope::of_run(run), user));
        let tenant_key = key::tenant(run.tenant_id);
        let state_key = key::state(run.tenant_id, &run.identity_hash);
        let connection_key = run.target.connection_id.map(|connection| key::connection(run.tenant_id, connection));

        let keys = [&tenant_key, &state_key].into_iter().chain(&connection_key).cloned();
        let keys = rights.iter().flat_map(RightsKeys::all).chain(keys).collect();
        let mut found = self.batch_get(keys).await?;

        let rights = rights.map(|keys| keys.read(&mut found)).transpose()?;
        Ok(ExecutionData {
            rights: rights.unwrap_or_default(),
            tenant: found.take(&tenant_key).map(directory::to_tenant).transpose()?,
            connection: connection_key.and_then(|key| found.take(&key)).map(connection::to_connection).transpose()?,
            latest: found.take(&state_key).and_then(|item| self.latest_of(item, now)),
        })
    }
}
