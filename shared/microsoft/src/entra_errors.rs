//! What Entra's error numbers (AADSTS) mean to a client credentials sign-in: one table. Microsoft says that the numbers
//! may change, so they only refine what the HTTP status and the OAuth error already say, and a number that is not here
//! loses nothing.
//!
//! Source: Microsoft, "Microsoft Entra authentication and authorization error codes", and public code and trackers for
//! the rest.

use domain::connection::CredentialKind;
use domain::reason::Reason;

use crate::trouble::Retry;

/// A cause that Entra names by one or more numbers.
#[derive(Debug)]
pub(crate) struct EntraError {
    pub(crate) codes: &'static [u64],
    /// Our word for it, as evidence.
    pub(crate) detail: &'static str,
    /// What reports say.
    pub(crate) reason: Reason,
    /// Whether asking again can help.
    pub(crate) retry: Retry,
    /// The only kind of credential that the numbers are said of; they say nothing of any other. None where it makes no difference.
    pub(crate) only: Option<CredentialKind>,
}

const fn row(codes: &'static [u64], detail: &'static str, reason: Reason, retry: Retry) -> EntraError {
    EntraError { codes, detail, reason, retry, only: None }
}

const fn refused(codes: &'static [u64], detail: &'static str, reason: Reason) -> EntraError {
    row(codes, detail, reason, Retry::Never)
}

const fn of_secrets(codes: &'static [u64], detail: &'static str, reason: Reason) -> EntraError {
    EntraError { only: Some(CredentialKind::ClientSecret), ..refused(codes, detail, reason) }
}

/// The cause that a number stands for with this kind of credential, if it is known.
pub(crate) fn entra_error(code: u64, credential: CredentialKind) -> Option<&'static EntraError> {
    let says = |row: &&EntraError| row.codes.contains(&code) && row.only.is_none_or(|only| only == credential);
    TABLE.iter().find(says)
}

/// Whether a number is about client secrets. Said of another credential, nothing but "refused" is left of it.
pub(crate) fn is_about_secrets(code: u64) -> bool {
    TABLE.iter().any(|row| row.only == Some(CredentialKind::ClientSecret) && row.codes.contains(&code))
}

/// Every known cause.
pub(crate) const TABLE: &[EntraError] = &[
    // The credential.
    of_secrets(&[7_000_215, 70_002], "credential.secret_invalid", Reason::ProviderCredentialSecretInvalid),
    of_secrets(&[7_000_222], "credential.secret_expired", Reason::ProviderCredentialSecretExpired),
    refused(&[7_000_216, 7_000_218], "credential.missing", Reason::ProviderCredentialMissing),
    refused(&[1_000_502], "credential.certificate_expired", Reason::ProviderCredentialCertificateExpired),
    refused(&[7_000_214, 7_000_277], "credential.certificate_revoked", Reason::ProviderCredentialCertificateRevoked),
    refused(&[700_027], "credential.certificate_not_registered", Reason::ProviderCredentialCertificateNotRegistered),
    refused(
        &[700_030, 50_012, 7_000_274],
        "credential.certificate_rejected",
        Reason::ProviderCredentialCertificateRejected,
    ),
    // Each try signs a fresh assertion, which mends a stale one.
    row(&[700_024], "credential.assertion_time", Reason::ProviderCredentialAssertionTime, Retry::Once),
    refused(
        &[50_027, 50_013, 900_384, 700_021],
        "credential.assertion_invalid",
        Reason::ProviderCredentialAssertionInvalid,
    ),
    // Errors of a user's sign-in: somebody stored a user's credential.
    refused(
        &[50_020, 50_177, 50_076, 50_079, 50_173, 700_082],
        "credential.delegated_not_supported",
        Reason::ProviderCredentialDelegatedNotSupported,
    ),
    // Federated credentials. New ones take minutes to be known everywhere.
    refused(&[70_021], "federation.no_match", Reason::ProviderFederationNoMatch),
    refused(&[700_211], "federation.issuer_mismatch", Reason::ProviderFederationIssuerMismatch),
    refused(&[700_212], "federation.audience_mismatch", Reason::ProviderFederationAudienceMismatch),
    refused(&[700_213], "federation.subject_mismatch", Reason::ProviderFederationSubjectMismatch),
    // Seen in no public text.
    refused(&[7_002_121], "federation.audience_mismatch", Reason::ProviderFederationAudienceMismatch),
    refused(&[7_002_131], "federation.subject_mismatch", Reason::ProviderFederationSubjectMismatch),
    refused(&[7_002_138], "federation.subject_case", Reason::ProviderFederationSubjectCase),
    refused(&[70_025, 7_000_226], "federation.credential_missing", Reason::ProviderFederationCredentialMissing),
    // The issuer's keys are kept for up to half an hour.
    refused(&[7_000_272], "federation.issuer_key_unknown", Reason::ProviderFederationIssuerKeyUnknown),
    refused(&[700_223, 700_238, 7_002_381], "federation.policy_blocked", Reason::ProviderFederationPolicyBlocked),
    refused(&[700_222, 700_229], "federation.token_type", Reason::ProviderFederationTokenType),
    // The app.
    refused(&[700_025], "app.public_client", Reason::ProviderAppPublicClient),
    refused(&[700_016, 700_011, 70_001], "app.not_found_in_tenant", Reason::ProviderAppNotFoundInTenant),
    refused(&[7_000_229], "app.service_principal_missing", Reason::ProviderAppServicePrincipalMissing),
    refused(&[7_000_112], "app.disabled", Reason::ProviderAppDisabled),
    refused(&[7_000_232], "app.managed_identity", Reason::ProviderAppManagedIdentity),
    refused(&[501_051], "app.assignment_required", Reason::ProviderAppAssignmentRequired),
    refused(&[1_000_031], "app.blocked", Reason::ProviderAppBlocked),
    refused(&[7_000_114, 70_003], "app.grant_not_allowed", Reason::ProviderAppGrantNotAllowed),
    // Consent.
    refused(&[65_001], "consent.missing", Reason::ProviderConsentMissing),
    refused(&[900_971, 500_113], "consent.redirect_uri", Reason::ProviderConsentRedirectUri),
    refused(&[90_094, 90_095, 90_099, 650_056], "consent.admin_required", Reason::ProviderConsentAdminRequired),
    refused(&[500_011, 650_052, 50_001], "resource.not_available", Reason::ProviderResourceNotAvailable),
    refused(&[650_057], "resource.not_requested", Reason::ProviderResourceNotRequested),
    // The tenant.
    refused(&[90_002], "tenant.not_found", Reason::ProviderTenantNotFound),
    refused(&[900_023, 900_021, 50_059], "tenant.id_malformed", Reason::ProviderTenantIdMalformed),
    refused(&[5_000_224], "tenant.unavailable", Reason::ProviderTenantUnavailable),
    refused(
        &[90_038, 900_382, 900_432, 900_439, 900_440, 90_051],
        "tenant.wrong_cloud",
        Reason::ProviderTenantWrongCloud,
    ),
    // The tenant's policies.
    refused(&[53_003], "policy.conditional_access_blocked", Reason::ProviderPolicyConditionalAccessBlocked),
    refused(&[530_032, 530_035], "policy.security_policy_blocked", Reason::ProviderPolicySecurityPolicyBlocked),
    refused(
        &[500_021, 500_022, 500_212, 500_213],
        "policy.tenant_restriction",
        Reason::ProviderPolicyTenantRestriction,
    ),
    // Our own request.
    refused(
        &[50_194, 9_001_023, 90_124, 50_049, 700_023],
        "request.authority_invalid",
        Reason::ProviderRequestAuthorityInvalid,
    ),
    refused(&[70_011, 1_002_012, 28_002, 28_003], "request.scope_invalid", Reason::ProviderRequestScopeInvalid),
    refused(&[900_144, 90_014, 9_002_313, 90_013, 90_023], "request.malformed", Reason::ProviderRequestMalformed),
    // Rate limits. A token loop ends only when the asking ends.
    row(&[50_196], "throttle.token_loop", Reason::Throttled, Retry::Later),
    row(&[90_055], "throttle.tenant", Reason::Throttled, Retry::Backoff),
    // The service itself.
    row(
        &[50_033, 50_087, 90_006, 90_012, 90_024, 90_033, 90_090],
        "upstream.transient",
        Reason::DependencyUnreachable,
        Retry::Backoff,
    ),
    row(&[50_000, 90_036, 90_092], "upstream.error", Reason::DependencyUnreachable, Retry::Once),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_stands_for_two_causes() {
        let mut seen = std::collections::BTreeSet::new();
        for code in TABLE.iter().flat_map(|row| row.codes) {
            assert!(seen.insert(code), "{code}");
        }
        assert_eq!(seen.len(), 104);
    }

    #[test]
    fn a_detail_is_the_reason_without_its_prefix() {
        for row in TABLE {
            let expected = match row.detail.split_once('.') {
                Some(("throttle", _)) => "throttled".to_owned(),
                Some(("upstream", _)) => "dependency_unreachable".to_owned(),
                Some(_) => format!("provider_{}", row.detail.replace('.', "_")),
                None => panic!("{} has no family", row.detail),
            };
            assert_eq!(row.reason.code(), expected);
        }
    }
}
