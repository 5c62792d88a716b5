//! A connection's configuration as it is stored: the name of its credential, never the credential.

use domain::connection::{
    CertificateAlgorithm, ConnectionType, ConsentStatus, Credential, CredentialKind, Provider, ProviderConnection,
};
use domain::id::{ConnectionId, TenantId, WorkspaceId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Damaged;
use crate::item::{self, Entity, Item};
use crate::key;

#[derive(Serialize, Deserialize)]
struct ConnectionItem {
    id: ConnectionId,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    provider: Provider,
    module: String,
    cloud: String,
    entra_tenant_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    entra_tenant_name: Option<String>,
    display_name: String,
    client_id: String,
    connection_type: ConnectionType,
    is_default: bool,
    is_enabled: bool,
    consent_status: ConsentStatus,
    credential: CredentialMap,
    updated_at: Timestamp,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct CredentialMap {
    kind: CredentialKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_algorithm: Option<CertificateAlgorithm>,
}

/// A connection's item.
pub(crate) fn of_connection(connection: &ProviderConnection) -> Item {
    let connection = connection.clone();
    let credential = connection.credential;
    let body = ConnectionItem {
        id: connection.id,
        workspace_id: connection.workspace_id,
        tenant_id: connection.tenant_id,
        provider: connection.provider,
        module: connection.module,
        cloud: connection.cloud,
        entra_tenant_id: connection.entra_tenant_id,
        entra_tenant_name: connection.entra_tenant_name,
        display_name: connection.display_name,
        client_id: connection.client_id,
        connection_type: connection.connection_type,
        is_default: connection.is_default,
        is_enabled: connection.is_enabled,
        consent_status: connection.consent_status,
        credential: CredentialMap {
            kind: credential.kind,
            reference: credential.reference,
            expires_at: credential.expires_at,
            certificate_algorithm: credential.certificate_algorithm,
        },
        updated_at: connection.updated_at,
        version: connection.version,
    };
    item::build(Entity::Connection, &key::connection(body.tenant_id, body.id), &body)
}

/// Reads a connection's item.
pub(crate) fn to_connection(item: Item) -> Result<ProviderConnection, Damaged> {
    let stored: ConnectionItem = item::read(Entity::Connection, item)?;
    let credential = stored.credential;
    Ok(ProviderConnection {
        id: stored.id,
        workspace_id: stored.workspace_id,
        tenant_id: stored.tenant_id,
        provider: stored.provider,
        module: stored.module,
        cloud: stored.cloud,
        entra_tenant_id: stored.entra_tenant_id,
        entra_tenant_name: stored.entra_tenant_name,
        display_name: stored.display_name,
        client_id: stored.client_id,
        connection_type: stored.connection_type,
        is_default: stored.is_default,
        is_enabled: stored.is_enabled,
        consent_status: stored.consent_status,
        credential: Credential {
            kind: credential.kind,
            reference: credential.reference,
            expires_at: credential.expires_at,
            certificate_algorithm: credential.certificate_algorithm,
        },
        updated_at: stored.updated_at,
        version: stored.version,
    })
}
