//! Whether the tenants of new and changed connections are in the clouds that the file says. Microsoft tells anybody in which cloud a tenant
//! is; where it cannot be asked, or knows no such tenant, nothing is said: the file decides, this only warns.

use std::time::Duration;

use domain::cloud::Cloud;
use domain::connection::ProviderConnection;
use domain::id::EntraTenantId;
use futures_util::{StreamExt, stream};
use microsoft::{Budget, Overrides, Provider};

/// Questions at the same time.
const SIDE_BY_SIDE: usize = 8;

/// The time for one question.
const PATIENCE: Duration = Duration::from_secs(3);

/// The time for all of them: nobody waits long for a warning.
const ALL_PATIENCE: Duration = Duration::from_secs(20);

/// A warning for each connection whose tenant is in another cloud than it says.
pub(crate) async fn disagreements(connections: &[ProviderConnection]) -> Vec<String> {
    let overrides = Overrides::parse(|name| std::env::var(name).ok());
    let Ok(provider) = overrides.map_err(drop).and_then(|overrides| Provider::new(&overrides).map_err(drop)) else {
        return Vec::new();
    };
    let asked = connections.iter().filter_map(|connection| {
        let cloud: Cloud = connection.cloud.parse().ok()?;
        let tenant: EntraTenantId = connection.entra_tenant_id.parse().ok()?;
        Some((connection, cloud, tenant))
    });
    let answers = stream::iter(asked).map(async |(connection, cloud, tenant)| {
        let actual = provider.tenant_cloud(cloud, &tenant, Budget { calls: 1, time: PATIENCE }).await;
        actual.filter(|actual| *actual != cloud).map(|actual| warning(connection, actual))
    });
    let warnings = answers.buffer_unordered(SIDE_BY_SIDE).filter_map(async |warning| warning);
    warnings.take_until(Box::pin(tokio::time::sleep(ALL_PATIENCE))).collect().await
}

fn warning(connection: &ProviderConnection, actual: Cloud) -> String {
    format!(
        "warning: the Entra tenant {} of connection {} is in the cloud {actual}, and the file says {}",
        connection.entra_tenant_id, connection.id, connection.cloud
    )
}
