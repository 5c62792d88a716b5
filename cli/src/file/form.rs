//! The file's form, read after schema and rules have accepted it.

mod session;

use domain::access::Role;
use domain::cloud::Cloud;
use domain::connection::{
    CertificateAlgorithm, ConnectionType, ConsentStatus, Credential, CredentialKind, Provider, ProviderConnection,
};
use domain::directory::{Entitlement, Membership, WantedTenant, WantedWorkspace, Workspace};
use domain::id::{ClientId, ConnectionId, EntraTenantId, TenantId, UserId, WorkspaceId};
use domain::tenant::{Tenant, TenantStatus};
use domain::time::Timestamp;
use serde::Deserialize;

use session::SessionForm;

#[derive(Deserialize)]
pub(super) struct File {
    workspaces: Vec<WorkspaceForm>,
}

#[derive(Deserialize)]
struct WorkspaceForm {
    id: WorkspaceId,
    name: String,
    memberships: Vec<GrantForm>,
    tenants: Vec<TenantForm>,
    #[serde(default)]
    onboarding_sessions: Vec<SessionForm>,
}

#[derive(Deserialize)]
struct GrantForm {
    user_id: UserId,
    role: Role,
}

#[derive(Deserialize)]
struct TenantForm {
    id: TenantId,
    name: String,
    entra_tenant_id: EntraTenantId,
    status: TenantStatus,
    entitlements: Vec<GrantForm>,
    connections: Vec<ConnectionForm>,
}

#[derive(Deserialize)]
struct ConnectionForm {
    id: ConnectionId,
    provider: Provider,
    module: String,
    cloud: Cloud,
    entra_tenant_id: EntraTenantId,
    entra_tenant_name: Option<String>,
    display_name: String,
    client_id: ClientId,
    connection_type: ConnectionType,
    is_default: bool,
    is_enabled: bool,
    consent_status: ConsentStatus,
    credential: CredentialForm,
}

#[derive(Deserialize)]
struct CredentialForm {
    kind: CredentialKind,
    reference: Option<String>,
    expires_at: Option<Timestamp>,
    certificate_algorithm: Option<CertificateAlgorithm>,
}

impl File {
    pub(super) fn into_directory(self, now: Timestamp) -> Vec<WantedWorkspace> {
        self.workspaces.into_iter().map(|workspace| workspace.into_wanted(now)).collect()
    }
}

impl WorkspaceForm {
    fn into_wanted(self, now: Timestamp) -> WantedWorkspace {
        let workspace_id = self.id;
        let membership = |GrantForm { user_id, role }| Membership { workspace_id, user_id, role };
        WantedWorkspace {
            workspace: Workspace { id: workspace_id, name: self.name },
            memberships: self.memberships.into_iter().map(membership).collect(),
            tenants: self.tenants.into_iter().map(|tenant| tenant.into_wanted(workspace_id, now)).collect(),
            sessions: self.onboarding_sessions.into_iter().map(|session| session.into_session(workspace_id)).collect(),
        }
    }
}

impl TenantForm {
    fn into_wanted(self, workspace_id: WorkspaceId, now: Timestamp) -> WantedTenant {
        let tenant_id = self.id;
        let entitlement = |GrantForm { user_id, role }| Entitlement { workspace_id, tenant_id, user_id, role };
        let connection = |connection: ConnectionForm| connection.into_connection(workspace_id, tenant_id, now);
        WantedTenant {
            tenant: Tenant {
                id: tenant_id,
                workspace_id,
                name: self.name,
                entra_tenant_id: self.entra_tenant_id.into(),
                status: self.status,
            },
            entitlements: self.entitlements.into_iter().map(entitlement).collect(),
            connections: self.connections.into_iter().map(connection).collect(),
        }
    }
}

impl ConnectionForm {
    fn into_connection(self, workspace_id: WorkspaceId, tenant_id: TenantId, now: Timestamp) -> ProviderConnection {
        ProviderConnection {
            id: self.id,
            workspace_id,
            tenant_id,
            provider: self.provider,
            module: self.module,
            cloud: self.cloud.to_string(),
            entra_tenant_id: self.entra_tenant_id.into(),
            entra_tenant_name: self.entra_tenant_name,
            display_name: self.display_name,
            client_id: self.client_id.into(),
            connection_type: self.connection_type,
            is_default: self.is_default,
            is_enabled: self.is_enabled,
            consent_status: self.consent_status,
            credential: Credential {
                kind: self.credential.kind,
                reference: self.credential.reference,
                expires_at: self.credential.expires_at,
                certificate_algorithm: self.credential.certificate_algorithm,
            },
            updated_at: now,
            version: 1,
        }
    }
}
