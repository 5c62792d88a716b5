//! Connections with their health.

use serde::Deserialize;

use crate::text::Text;

/// The connections of a tenant.
#[derive(Debug, Deserialize)]
pub struct Connections {
    /// All of them.
    pub connections: Vec<Connection>,
}

/// A connection.
#[derive(Debug, Deserialize)]
pub struct Connection {
    /// Its id.
    pub id: u64,
    /// Its name for people.
    pub display_name: Text,
    /// What it is for.
    pub module: Text,
    /// The cloud.
    pub cloud: Text,
    /// Whether it is the tenant's default.
    pub is_default: bool,
    /// Whether it may be used.
    pub is_enabled: bool,
    /// Whether the customer has consented.
    pub consent_status: Text,
    /// How it signs in.
    pub credential: Credential,
    /// What the last verification found out.
    pub verification_status: Text,
    /// When that was.
    pub last_verified_at: Option<Text>,
    /// The first thing that was wrong.
    pub last_error_reason_code: Option<Text>,
}

/// How a connection signs in; never the secret.
#[derive(Debug, Deserialize)]
pub struct Credential {
    /// Its kind.
    pub kind: Text,
    /// When it ends, as far as somebody has written down.
    pub expires_at: Option<Text>,
}
