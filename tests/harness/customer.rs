//! A customer to verify: a tenant of the stand-in for Microsoft together with the workspace, people and connection that
//! the directory file gives it, and the credential in the parameter store.

use serde_json::{Value, json};

use crate::deploy::STAGE;
use crate::microsoft::TenantFixture;

/// May do everything in the workspace and on the tenant.
pub const OWNER: &str = "ada";
/// May do everything but own.
pub const MANAGER: &str = "maria";
/// May start a verification.
pub const OPERATOR: &str = "grace";
/// May only look.
pub const READER: &str = "linus";
/// A member of the workspace without an entitlement to any tenant.
pub const UNENTITLED: &str = "eve";

/// A tenant with one connection, which is its default.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The workspace that manages it.
    pub workspace: u64,
    /// The tenant's id here.
    pub tenant: u64,
    /// The connection's id.
    pub connection: u64,
    /// What Microsoft knows of it.
    pub fixture: TenantFixture,
}

impl Customer {
    /// Where a verification of it is started.
    #[must_use]
    pub fn verifications(&self) -> String {
        format!("/workspaces/{}/tenants/{}/verifications", self.workspace, self.tenant)
    }

    /// Where its newest verification is seen.
    #[must_use]
    pub fn verification(&self) -> String {
        format!("/workspaces/{}/tenants/{}/verification", self.workspace, self.tenant)
    }

    /// Where its connections are seen.
    #[must_use]
    pub fn connections(&self) -> String {
        format!("/workspaces/{}/tenants/{}/connections", self.workspace, self.tenant)
    }

    /// The name of the parameter that holds its secret.
    #[must_use]
    pub fn credential(&self) -> String {
        format!("/tenantcheck/{STAGE}/{}/connection-{}", self.workspace, self.connection)
    }

    /// Where its permissions are seen.
    #[must_use]
    pub fn permissions(&self) -> String {
        format!("/workspaces/{}/tenants/{}/permissions", self.workspace, self.tenant)
    }

    /// Where its runs are listed.
    #[must_use]
    pub fn runs(&self) -> String {
        format!("/workspaces/{}/tenants/{}/runs", self.workspace, self.tenant)
    }

    /// The entry of an onboarding session for it in the directory file.
    #[must_use]
    pub fn session(&self, id: u64) -> Value {
        json!({
            "id": id,
            "tenant_id": self.tenant,
            "entra_tenant_id": self.fixture.entra_tenant_id.as_str(),
            "current_step": "verify",
            "state": { "provider_connection_id": self.connection },
            "started_by": OWNER,
            "updated_by": OWNER,
        })
    }

    /// Its workspace with an onboarding session for it, as a directory file.
    #[must_use]
    pub fn directory_with_session(&self, session: u64) -> Value {
        let mut file = directory(self.workspace, &[self.entry()]);
        file["workspaces"][0]["onboarding_sessions"] = json!([self.session(session)]);
        file
    }

    /// Its entry in the directory file.
    #[must_use]
    pub fn entry(&self) -> Value {
        let scenario = self.fixture.scenario.name();
        json!({
            "id": self.tenant,
            "name": format!("Customer \"{scenario}\""),
            "entra_tenant_id": self.fixture.entra_tenant_id.as_str(),
            "status": "active",
            "entitlements": [
                { "user_id": OWNER, "role": "owner" },
                { "user_id": MANAGER, "role": "manager" },
                { "user_id": OPERATOR, "role": "operator" },
                { "user_id": READER, "role": "readonly" },
            ],
            "connections": [{
                "id": self.connection,
                "provider": "microsoft",
                "module": "intune",
                "cloud": "global",
                "entra_tenant_id": self.fixture.entra_tenant_id.as_str(),
                "display_name": format!("Connection to \"{scenario}\""),
                "client_id": self.fixture.client_id.as_str(),
                "connection_type": "dedicated",
                "is_default": true,
                "is_enabled": true,
                "consent_status": "granted",
                "credential": { "kind": "client_secret", "reference": self.credential() },
            }],
        })
    }
}

/// A directory file with one workspace, its usual people, and these tenants.
#[must_use]
pub fn directory(workspace: u64, tenants: &[Value]) -> Value {
    let member = |user: &str, role: &str| json!({ "user_id": user, "role": role });
    json!({
        "workspaces": [{
            "id": workspace,
            "name": format!("Workspace {workspace}"),
            "memberships": [
                member(OWNER, "owner"),
                member(MANAGER, "manager"),
                member(OPERATOR, "operator"),
                member(READER, "readonly"),
                member(UNENTITLED, "operator"),
            ],
            "tenants": tenants,
        }],
    })
}
