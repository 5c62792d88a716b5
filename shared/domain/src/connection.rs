//! Provider connections: how a SaaS reaches one customer's Microsoft tenant. Configuration belongs to the directory file, health to
//! the worker; they are stored apart and merged only when a connection is shown.

use crate::id::{ConnectionId, RunId, TenantId, WorkspaceId};
use crate::names::names;
use crate::reason::ReasonCode;
use crate::time::Timestamp;

names! {
    /// Whose API a connection speaks to.
    Provider: "a provider" {
        /// Microsoft 365 through Entra and Graph.
        Microsoft = "microsoft",
    }
}

names! {
    /// Whose app registration a connection uses.
    ConnectionType: "a connection type" {
        /// The SaaS vendor's multi-tenant app, consented to by the customer.
        Platform = "platform",
        /// An app registered in the customer's own tenant.
        Dedicated = "dedicated",
    }
}

names! {
    /// What the host SaaS knows of the customer's admin consent.
    ConsentStatus: "a consent status" {
        /// Nothing is known.
        Unknown = "unknown",
        /// Consent has been asked for and not been given yet.
        Required = "required",
        /// An administrator consented.
        Granted = "granted",
        /// The consent flow ended in an error.
        Failed = "failed",
        /// Consent was taken back.
        Revoked = "revoked",
    }
}

names! {
    /// How a connection proves who it is to Entra.
    CredentialKind: "a credential kind" {
        /// A shared secret.
        ClientSecret = "client_secret",
        /// A signed assertion (`private_key_jwt`).
        Certificate = "certificate",
        /// A token of another issuer (workload identity federation); nothing is stored.
        Federated = "federated",
    }
}

names! {
    /// The signature of a certificate's assertion.
    CertificateAlgorithm: "a certificate algorithm" {
        /// RSASSA-PSS with `x5t#S256`: what Microsoft recommends.
        Ps256 = "PS256",
        /// RSASSA-PKCS1-v1_5 with `x5t`, for app registrations that refuse PS256.
        Rs256 = "RS256",
    }
}

names! {
    /// What the last conclusive verification said of a connection.
    VerificationStatus: "a verification status" {
        /// Never verified conclusively.
        Unknown = "unknown",
        /// Every check passed.
        Healthy = "healthy",
        /// Works, with warnings.
        Degraded = "degraded",
        /// Reaches Microsoft but lacks something it cannot work without.
        Blocked = "blocked",
        /// Microsoft refuses it, or it reaches the wrong organization.
        Error = "error",
    }
}

/// Where a connection's credential is and how it is used. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// How the connection proves who it is.
    pub kind: CredentialKind,
    /// Name of the parameter that holds the secret; none for federated credentials.
    pub reference: Option<String>,
    /// When it expires, as an operator typed it: shown and warned about, never trusted to block.
    pub expires_at: Option<Timestamp>,
    /// Only for certificates; absent means PS256.
    pub certificate_algorithm: Option<CertificateAlgorithm>,
}

/// A connection's configuration as it is stored. Ids and the cloud are text here because a stored item may be older than the rules
/// that `apply` holds today: preflight parses them, and says so when they are malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderConnection {
    /// Its id.
    pub id: ConnectionId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// Whose API it speaks to.
    pub provider: Provider,
    /// Name of a module of the permission manifest: what the connection is used for.
    pub module: String,
    /// A [`Cloud`](crate::cloud::Cloud) by name.
    pub cloud: String,
    /// The Entra tenant, a GUID.
    pub entra_tenant_id: String,
    /// The Entra tenant's name, if the operator gave one.
    pub entra_tenant_name: Option<String>,
    /// A name for people.
    pub display_name: String,
    /// The app registration, a GUID.
    pub client_id: String,
    /// Whose app registration it is.
    pub connection_type: ConnectionType,
    /// Used when a request names no connection. At most one of a tenant and provider.
    pub is_default: bool,
    /// Whether it may be used at all.
    pub is_enabled: bool,
    /// What the host SaaS knows of admin consent.
    pub consent_status: ConsentStatus,
    /// How it proves who it is.
    pub credential: Credential,
    /// When the configuration last changed.
    pub updated_at: Timestamp,
    /// Counts changes of the configuration.
    pub version: u64,
}

/// What the worker last found out about a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionHealth {
    /// What the last conclusive verification said.
    pub verification_status: VerificationStatus,
    /// When that was.
    pub last_verified_at: Timestamp,
    /// Reason code of the first fail or warn in shown order; none when all passed.
    pub last_error_reason_code: Option<ReasonCode>,
    /// The run that found out.
    pub run_id: RunId,
}
