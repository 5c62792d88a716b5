//! The identity of a run: what makes two starts the same verification. Who asked, when and by what name is not part of it.

use crate::connection::Provider;
use crate::fingerprint::{InvalidFingerprint, parse_digest, sha256_hex};
use crate::id::{ConnectionId, TenantId, WorkspaceId};
use crate::operation::Operation;
use crate::parsed_text::parsed_text;

parsed_text! {
    /// Lower-case hexadecimal SHA-256 of the compact JSON array
    /// `[workspace_id, tenant_id, type, provider, provider_connection_id]`.
    RunIdentityHash, or InvalidFingerprint, by parse_digest;
}

impl RunIdentityHash {
    /// Of what the run is about; a missing connection stays null.
    #[must_use]
    pub fn of(
        workspace_id: WorkspaceId,
        tenant_id: TenantId,
        operation: Operation,
        provider: Provider,
        connection_id: Option<ConnectionId>,
    ) -> Self {
        let identity = (workspace_id, tenant_id, operation, provider, connection_id);
        Self(sha256_hex(&serde_json::to_vec(&identity).expect("ids and names have a JSON form")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The golden values were computed outside of this program, with `printf '%s' '<array>' | sha256sum`.
    #[test]
    fn golden_values_hold() {
        let of = |connection: Option<u64>| {
            RunIdentityHash::of(
                WorkspaceId::try_from(1).expect("an id"),
                TenantId::try_from(2).expect("an id"),
                Operation::ProviderConnectionCheck,
                Provider::Microsoft,
                connection.map(|id| ConnectionId::try_from(id).expect("an id")),
            )
        };
        // [1,2,"provider.connection.check","microsoft",3]
        assert_eq!(of(Some(3)).as_str(), "4ac88a807e64563cdf031b6f220621565b2076ce4cf26636f02023725c3207d2");
        // [1,2,"provider.connection.check","microsoft",null]
        assert_eq!(of(None).as_str(), "b2d2b74486883e13e6a4a0f8812581ed66deb00e74aebd219f5de08fbc1215e0");
    }
}
