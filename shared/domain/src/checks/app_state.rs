//! The app's own principal in the tenant: whether it may be used, who owns the app, and whether somebody else can sign in as it. An app
//! may read its own principal without any permission.

use crate::check::{Check, CheckDefinition, CheckKey, Severity, Skip, Verdict};
use crate::connection::ConnectionType;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::{Known, ServicePrincipal, is_ahead};
use crate::id::EntraTenantId;
use crate::reason::Reason;
use crate::time::Timestamp;

pub(super) const DEFINITION: CheckDefinition = CheckDefinition {
    key: CheckKey::APP_STATE,
    title: "App in the tenant",
    severity: Severity::Critical,
    blocking: true,
};

pub(super) fn check(
    principal: &Known<ServicePrincipal>,
    connection_type: ConnectionType,
    tenant: &EntraTenantId,
    now: Timestamp,
) -> Check {
    let principal = match principal {
        Known::Known(principal) => principal,
        Known::Unknown(cause) => {
            return Check::new(&DEFINITION, Verdict::Skip(Skip::Because(cause.reason)), cause.evidence.clone())
                .with_message("Not checked, because the app's own principal could not be read.");
        }
    };
    let owner = principal.owner.iter().map(|owner| Evidence::text(EvidenceKind::AppOwner, owner.as_str())).collect();
    let fail = |reason, evidence| Check::new(&DEFINITION, Verdict::Fail(reason), evidence);
    if principal.is_disabled_by_microsoft {
        return fail(Reason::ProviderAppDisabledByMicrosoft, owner);
    }
    if !principal.is_enabled {
        return fail(Reason::ProviderAppDisabled, owner);
    }
    let is_foreign = principal.owner.as_ref().is_none_or(|owner| owner != tenant);
    match connection_type {
        ConnectionType::Dedicated if principal.owner.is_some() && is_foreign => {
            fail(Reason::ProviderAppOwnerMismatch, owner)
        }
        // Where the operator's own tenant is verified, the app is at home.
        ConnectionType::Platform if is_foreign => {
            let Some(credentials) = &principal.credentials else {
                return Check::new(&DEFINITION, Verdict::Skip(Skip::NotApplicable), owner).with_message(
                    "Not checked, because Graph does not tell the credentials of the app's own principal.",
                );
            };
            let valid: Vec<_> = credentials.iter().filter(|credential| is_ahead(credential.expires_at, now)).collect();
            if valid.is_empty() {
                return Check::pass(&DEFINITION, owner);
            }
            let ids = valid.iter().filter_map(|credential| credential.key_id.as_ref());
            let ids = ids.map(|id| Evidence::text(EvidenceKind::ForeignCredential, id.as_str()));
            fail(Reason::ProviderAppForeignCredential, ids.chain(owner).collect())
        }
        ConnectionType::Dedicated | ConnectionType::Platform => Check::pass(&DEFINITION, owner),
    }
}
