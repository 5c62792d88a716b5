//! How a connection looks on the wire: its configuration with its health merged in, and never where its credential is.

use domain::connection::{
    CertificateAlgorithm, ConnectionHealth, ConnectionType, ConsentStatus, CredentialKind, Provider, ProviderConnection,
};
use domain::id::{ConnectionId, RunId, TenantId, WorkspaceId};
use domain::reason::ReasonCode;
use domain::time::Timestamp;
use serde::Serialize;

/// A connection with its health.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionBody<'a> {
    id: ConnectionId,
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    provider: Provider,
    module: &'a str,
    cloud: &'a str,
    entra_tenant_id: &'a str,
    entra_tenant_name: Option<&'a str>,
    display_name: &'a str,
    client_id: &'a str,
    connection_type: ConnectionType,
    is_default: bool,
    is_enabled: bool,
    consent_status: ConsentStatus,
    credential: CredentialBody,
    verification_status: &'static str,
    last_verified_at: Option<Timestamp>,
    last_error_reason_code: Option<&'a ReasonCode>,
    run_id: Option<RunId>,
    updated_at: Timestamp,
    version: u64,
}

#[derive(Debug, Serialize)]
struct CredentialBody {
    kind: CredentialKind,
    expires_at: Option<Timestamp>,
    certificate_algorithm: Option<CertificateAlgorithm>,
}

impl<'a> ConnectionBody<'a> {
    /// The connection. While a run is active on it, its status is `pending` and the rest is what was last found out.
    pub(crate) fn of(
        connection: &'a ProviderConnection,
        health: Option<&'a ConnectionHealth>,
        is_active: bool,
    ) -> Self {
        let known = health.map_or("unknown", |health| health.verification_status.as_str());
        let credential = &connection.credential;
        Self {
            id: connection.id,
            workspace_id: connection.workspace_id,
            tenant_id: connection.tenant_id,
            provider: connection.provider,
            module: &connection.module,
            cloud: &connection.cloud,
            entra_tenant_id: &connection.entra_tenant_id,
            entra_tenant_name: connection.entra_tenant_name.as_deref(),
            display_name: &connection.display_name,
            client_id: &connection.client_id,
            connection_type: connection.connection_type,
            is_default: connection.is_default,
            is_enabled: connection.is_enabled,
            consent_status: connection.consent_status,
            credential: CredentialBody {
                kind: credential.kind,
                expires_at: credential.expires_at,
                certificate_algorithm: credential.certificate_algorithm,
            },
            verification_status: if is_active { "pending" } else { known },
            last_verified_at: health.map(|health| health.last_verified_at),
            last_error_reason_code: health.and_then(|health| health.last_error_reason_code.as_ref()),
            run_id: health.map(|health| health.run_id),
            updated_at: connection.updated_at,
            version: connection.version,
        }
    }
}
