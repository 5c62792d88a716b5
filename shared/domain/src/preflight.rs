//! Preflight: whether a verification can start at all, from stored data alone. It runs before a run is made and again before a
//! worker sends anything to Microsoft. The first row of the specification's table that matches wins.

use crate::connection::{ConnectionType, ConsentStatus, ProviderConnection};
use crate::credential_policy::{CredentialOwner, CredentialPolicy, UsableCredential};
use crate::facts::Questions;
use crate::id::{ClientId, ConnectionId, EntraTenantId};
use crate::manifest::{Manifest, PermissionType, Requirement};
use crate::next_step::{App, Links, NextStep, NextStepTemplate, Subject, Target};
use crate::reason::Reason;
use crate::tenant::{Tenant, TenantStatus};
use crate::time::Timestamp;

/// What preflight needs besides stored data: fixed for a deployment.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Which credential a connection may use.
    pub credentials: CredentialPolicy,
    /// Builds the links of next steps.
    pub links: Links,
    /// What each module requires.
    pub manifest: &'static Manifest,
}

/// Which connection a start is about.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// The one named, or the tenant's default.
    Connection(&'a ProviderConnection),
    /// None was named and there is none to use.
    Missing(Block),
    /// The named one is not among the tenant's: the caller gets a 404, no run.
    Unknown,
}

/// A prerequisite is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What is missing.
    pub reason: Reason,
    /// What to do about it.
    pub next_steps: Vec<NextStep>,
    /// The connection that it is about.
    pub connection_id: Option<ConnectionId>,
    /// Its app, where its ids can be read.
    pub client_id: Option<ClientId>,
}

/// A connection that may be checked, with its ids parsed.
#[derive(Debug, Clone)]
pub struct Runnable<'a> {
    /// Whom the next steps are for; its app is always known.
    pub subject: Subject,
    /// The app in its cloud and tenant.
    pub app: App,
    /// How it proves who it is.
    pub credential: UsableCredential,
    /// When it expires, as an operator typed it.
    pub expires_at: Option<Timestamp>,
    /// Whose app registration it is.
    pub connection_type: ConnectionType,
    /// What its module requires.
    pub requirements: Vec<Requirement<'a>>,
}

impl Runnable<'_> {
    /// What Graph is asked besides what every check needs.
    #[must_use]
    pub fn questions(&self) -> Questions {
        let delegated = self.requirements.iter().filter(|it| it.kind == PermissionType::Delegated);
        Questions {
            delegated: delegated.flat_map(Requirement::names).map(str::to_owned).collect(),
            // A dedicated app is registered in the customer's own tenant, a platform app in the vendor's.
            registration: self.connection_type == ConnectionType::Dedicated
                && !matches!(self.credential, UsableCredential::Federated),
        }
    }
}

impl Rules {
    /// Chooses the connection: the one named, else the tenant's default.
    #[must_use]
    pub fn resolve<'a>(
        &self,
        tenant: &Tenant,
        connections: &'a [ProviderConnection],
        named: Option<ConnectionId>,
    ) -> Resolved<'a> {
        let chosen = match named {
            Some(id) => connections.iter().find(|connection| connection.id == id),
            None => connections.iter().find(|connection| connection.is_default),
        };
        match chosen {
            Some(connection) => Resolved::Connection(connection),
            None if named.is_some() => Resolved::Unknown,
            None => Resolved::Missing(self.no_connection(tenant, connections.is_empty())),
        }
    }

    /// The block of a tenant without a connection to use.
    #[must_use]
    pub fn no_connection(&self, tenant: &Tenant, none_at_all: bool) -> Block {
        let label = if none_at_all { "Add a connection" } else { "Choose a default connection" };
        let step = NextStepTemplate { label, target: Target::Connections };
        let next_steps = vec![self.links.next_step(step, &Subject::of_tenant(tenant))];
        Block { reason: Reason::ProviderConnectionMissing, next_steps, connection_id: None, client_id: None }
    }

    /// Whether this connection of this tenant can be checked.
    ///
    /// # Errors
    /// The [`Block`] of the first prerequisite that is missing.
    pub fn preflight(&self, tenant: &Tenant, connection: &ProviderConnection) -> Result<Runnable<'_>, Block> {
        let app = app_of(connection);
        let subject = Subject {
            connection_id: Some(connection.id),
            app: app.clone(),
            is_registered_there: connection.connection_type == ConnectionType::Dedicated,
            ..Subject::of_tenant(tenant)
        };
        let block = |reason| self.block(reason, &subject);

        if tenant.status == TenantStatus::Archived {
            return Err(block(Reason::TenantNotOperable));
        }
        if !connection.is_enabled {
            return Err(block(Reason::ProviderConnectionDisabled));
        }
        let requirements = self.manifest.requirements(&connection.module);
        let own = tenant.entra_tenant_id.parse::<EntraTenantId>();
        let (Some(app), Ok(own), Some(requirements)) = (app, own, requirements) else {
            return Err(block(Reason::ProviderConnectionInvalid));
        };
        if app.entra_tenant_id != own {
            return Err(block(Reason::ProviderConnectionInvalid));
        }
        let (connection_type, expires_at) = (connection.connection_type, connection.credential.expires_at);
        let owner = match connection_type {
            ConnectionType::Dedicated => CredentialOwner::Workspace(connection.workspace_id),
            ConnectionType::Platform => CredentialOwner::Platform(app.client_id.clone(), app.cloud),
        };
        let credential = self.credentials.usable(&connection.credential, &owner).map_err(block)?;
        match (connection.consent_status, connection_type) {
            (ConsentStatus::Required, _) | (ConsentStatus::Unknown, ConnectionType::Platform) => {
                Err(block(Reason::ProviderConsentMissing))
            }
            (ConsentStatus::Failed, _) => Err(block(Reason::ProviderConsentFailed)),
            (ConsentStatus::Revoked, _) => Err(block(Reason::ProviderConsentRevoked)),
            (ConsentStatus::Granted, _) | (ConsentStatus::Unknown, ConnectionType::Dedicated) => {
                Ok(Runnable { subject, app, credential, expires_at, connection_type, requirements })
            }
        }
    }

    /// A block with the reason's own next step.
    #[must_use]
    pub fn block(&self, reason: Reason, subject: &Subject) -> Block {
        let next_steps = reason.text().next_step.map(|step| self.links.next_step(step, subject));
        let client_id = subject.app.as_ref().map(|app| app.client_id.clone());
        Block { reason, next_steps: next_steps.into_iter().collect(), connection_id: subject.connection_id, client_id }
    }
}

fn app_of(connection: &ProviderConnection) -> Option<App> {
    Some(App {
        cloud: connection.cloud.parse().ok()?,
        entra_tenant_id: connection.entra_tenant_id.parse().ok()?,
        client_id: connection.client_id.parse().ok()?,
    })
}

#[cfg(test)]
mod tests;
