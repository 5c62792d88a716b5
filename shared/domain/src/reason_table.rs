//! Every reason code, in one table: its spelling, a label and a plain message for people, who can mend it, and the next step.
//!
//! Codes are stable: new ones are appended to their group, none is renamed or removed. Messages name no customer data, so they are
//! safe wherever a report goes. Which of Microsoft's own codes means which of these reasons is a table in the `microsoft` crate.

use crate::next_step::{NextStepTemplate, Target};
use crate::reason_text::{FixedBy, ReasonText};

/// The code and the text of a check where there is no problem.
pub(crate) type InOrder = (&'static str, ReasonText);

/// A check passed.
pub(crate) static OK: InOrder = (
    "ok",
    ReasonText {
        label: "In order",
        message: "Everything this check looks at is in order.",
        fixed_by: FixedBy::Nobody,
        next_step: None,
    },
);

/// A check says nothing here.
pub(crate) static NOT_APPLICABLE: InOrder = (
    "not_applicable",
    ReasonText {
        label: "Not applicable",
        message: "This check does not apply here.",
        fixed_by: FixedBy::Nobody,
        next_step: None,
    },
);

macro_rules! reasons {
    ($($variant:ident = $code:literal, $label:literal, $message:literal, $fixed_by:ident $(, $step:literal => $target:ident)?;)+) => {
        /// What is wrong, or why a run could not start. One entry of the table each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason {
            $(#[doc = $message] $variant,)+
        }

        impl Reason {
            /// Every reason, in the order of the table.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)+];

            /// The stable code, as reports and the API carry it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Reason::$variant => $code,)+
                }
            }

            /// What people read about it.
            #[must_use]
            pub fn text(self) -> &'static ReasonText {
                match self {
                    $(Reason::$variant => &ReasonText {
                        label: $label,
                        message: $message,
                        fixed_by: FixedBy::$fixed_by,
                        next_step: reasons!(@step $($step => $target)?),
                    },)+
                }
            }
        }
    };
    (@step) => { None };
    (@step $label:literal => $target:ident) => { Some(NextStepTemplate { label: $label, target: Target::$target }) };
}

reasons! {
    // Base codes: the same for every flow.
    MissingConfiguration = "missing_configuration", "Configuration is missing",
        "A setting that this check needs is missing.",
        Operator, "Review the connection" => Connection;
    PermissionDenied = "permission_denied", "Not allowed to read",
        "Microsoft does not let the connection read what this check needs, so it could not be verified.",
        TenantAdmin, "Review the permissions" => Permissions;
    AuthenticationFailed = "authentication_failed", "Authentication failed",
        "Microsoft did not accept the connection's credential.",
        Operator, "Correct the connection" => Connection;
    Throttled = "throttled", "Throttled by Microsoft",
        "Microsoft limits the rate of requests at the moment, so this could not be verified. Nothing is known to be broken.",
        Nobody;
    DependencyUnreachable = "dependency_unreachable", "Microsoft could not be reached",
        "Microsoft did not give a usable answer in time, so this could not be verified. Nothing is known to be broken.",
        Nobody;
    InvalidState = "invalid_state", "Not possible in this state",
        "The connection's state does not allow this check.",
        Operator, "Review the connection" => Connection;
    UnknownError = "unknown_error", "Refused for an unknown reason",
        "Microsoft refused the request for a reason that is not in the list of known causes. The evidence holds its codes.",
        Operator, "Review the connection" => Connection;
    // Why a run could not start, or could not go on.
    InitiatorNotEntitled = "initiator_not_entitled", "Initiator is no longer entitled",
        "The person who started the verification is no longer entitled to the tenant.",
        Operator, "Review the tenant" => Tenant;
    MissingCapability = "missing_capability", "Initiator lacks a capability",
        "The person who started the verification may no longer run verifications for the tenant.",
        Operator, "Review the tenant" => Tenant;
    TenantNotOperable = "tenant_not_operable", "Tenant is archived",
        "The tenant is archived, so nothing runs for it.",
        Operator, "Review the tenant" => Tenant;
    ProviderConnectionMissing = "provider_connection_missing", "No connection to use",
        "The tenant has no provider connection that the verification could use.",
        Operator, "Add a connection" => Connections;
    ProviderConnectionDisabled = "provider_connection_disabled", "Connection is disabled",
        "The provider connection is disabled.",
        Operator, "Enable the connection" => Connection;
    ProviderConnectionInvalid = "provider_connection_invalid", "Connection is invalid",
        "The provider connection's ids, cloud or module are malformed, or its Entra tenant is not the tenant's own.",
        Operator, "Correct the connection" => Connection;
    ProviderCredentialMissing = "provider_credential_missing", "Credential is missing",
        "The provider connection has no credential to sign in with.",
        Operator, "Add a credential" => Connection;
    ProviderCredentialInvalid = "provider_credential_invalid", "Credential cannot be used",
        "The provider connection's credential is not where it must be, or cannot be read.",
        Operator, "Add a credential" => Connection;
    ProviderCredentialNotPem = "provider_credential_not_pem", "Credential is a PKCS#12 file",
        "The stored credential is a PKCS#12 file, and only PEM is read. `tenantcheck credential put` stores the file as PEM.",
        Operator, "Store the certificate again" => Connection;
    ProviderCredentialNotEncrypted = "provider_credential_not_encrypted", "Credential is not encrypted",
        "The parameter that holds the credential is no `SecureString`, so it is not used. `tenantcheck credential put` stores it as one; replace the credential, others may have read it.",
        Operator, "Replace the credential" => AppCredentials;
    ProviderConsentMissing = "provider_consent_missing", "Admin consent is missing",
        "An administrator of the Microsoft tenant has not consented to the app.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderConsentFailed = "provider_consent_failed", "Admin consent failed",
        "The last attempt to grant admin consent failed.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderConsentRevoked = "provider_consent_revoked", "Admin consent was revoked",
        "Admin consent to the app was taken back.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    // What a check of the stored and granted configuration finds.
    ProviderTenantMismatch = "provider_tenant_mismatch", "Wrong organization",
        "The connection reaches another organization than the tenant's own.",
        Operator, "Correct the connection" => Connection;
    ProviderCredentialExpiring = "provider_credential_expiring", "Credential expires soon",
        "The connection's credential expires soon.",
        Operator, "Renew the credential" => AppCredentials;
    ProviderCredentialExpired = "provider_credential_expired", "Credential has expired",
        "The connection's credential is past its expiry date.",
        Operator, "Renew the credential" => AppCredentials;
    ProviderPermissionMissing = "provider_permission_missing", "Permissions are missing",
        "Permissions that the connection needs are not granted.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderPermissionExcessive = "provider_permission_excessive", "Dangerous permissions are granted",
        "The app holds dangerous permissions that the connection does not need.",
        TenantAdmin, "Review the app's permissions" => EnterpriseAppPermissions;
    ProviderPermissionPending = "provider_permission_pending", "Granted, not in effect yet",
        "Permissions that the connection needs are granted and not in its token yet. That takes minutes.",
        Nobody;
    ProviderPermissionRevoked = "provider_permission_revoked", "Taken back, still in effect",
        "Permissions that the connection needs are in its token and no longer granted. They end within the hour.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderPermissionEnding = "provider_permission_ending", "Permission ends soon",
        "Microsoft Graph will soon not accept a permission any more that the connection relies on. The evidence names the one to grant in its place.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderLicenseMissing = "provider_license_missing", "Licence is missing",
        "The Microsoft tenant has no enabled licence for this feature.",
        TenantAdmin, "Review the tenant" => Tenant;
    // Why Entra or Graph refuses.
    ProviderCredentialSecretInvalid = "provider_credential_secret_invalid", "Client secret is wrong",
        "Entra does not accept the client secret. Often the secret's id was stored in place of its value.",
        Operator, "Replace the client secret" => AppCredentials;
    ProviderCredentialSecretExpired = "provider_credential_secret_expired", "Client secret has expired",
        "The client secret has expired.",
        Operator, "Replace the client secret" => AppCredentials;
    ProviderCredentialCertificateNotRegistered = "provider_credential_certificate_not_registered", "Certificate is not registered",
        "The certificate that signs the assertion is not registered on the app.",
        Operator, "Register the certificate" => AppCredentials;
    ProviderCredentialCertificateRejected = "provider_credential_certificate_rejected", "Certificate was rejected",
        "Entra does not accept the certificate's subject, thumbprint or chain.",
        Operator, "Register the certificate" => AppCredentials;
    ProviderCredentialCertificateExpired = "provider_credential_certificate_expired", "Certificate has expired",
        "The certificate that signs the assertion has expired.",
        Operator, "Renew the certificate" => AppCredentials;
    ProviderCredentialCertificateNotYetValid = "provider_credential_certificate_not_yet_valid", "Certificate is not valid yet",
        "The certificate that signs the assertion is not valid yet.",
        Operator, "Review the certificate" => AppCredentials;
    ProviderCredentialCertificateRevoked = "provider_credential_certificate_revoked", "Certificate was revoked",
        "The certificate that signs the assertion was revoked.",
        Operator, "Renew the certificate" => AppCredentials;
    ProviderCredentialAssertionTime = "provider_credential_assertion_time", "Assertion is outside its time",
        "Entra sees the signed assertion outside its validity. The clocks differ.",
        Vendor, "Review the connection" => Connection;
    ProviderCredentialAssertionInvalid = "provider_credential_assertion_invalid", "Assertion is malformed",
        "Entra cannot read the signed assertion.",
        Vendor, "Review the connection" => Connection;
    ProviderCredentialDelegatedNotSupported = "provider_credential_delegated_not_supported", "Credential belongs to a user",
        "The credential is one of a signed-in user. The connection needs one of the app itself.",
        Operator, "Correct the connection" => Connection;
    ProviderFederationNoMatch = "provider_federation_no_match", "No federated credential matches",
        "No federated credential on the app matches the token's issuer, subject and audience.",
        Operator, "Correct the federated credential" => AppCredentials;
    ProviderFederationIssuerMismatch = "provider_federation_issuer_mismatch", "Federated issuer differs",
        "The federated credential on the app names another issuer.",
        Operator, "Correct the federated credential" => AppCredentials;
    ProviderFederationAudienceMismatch = "provider_federation_audience_mismatch", "Federated audience differs",
        "The federated credential on the app names another audience.",
        Operator, "Correct the federated credential" => AppCredentials;
    ProviderFederationSubjectMismatch = "provider_federation_subject_mismatch", "Federated subject differs",
        "The federated credential on the app names another subject.",
        Operator, "Correct the federated credential" => AppCredentials;
    ProviderFederationSubjectCase = "provider_federation_subject_case", "Federated subject differs in case",
        "The federated credential on the app names the subject in other upper and lower case letters. Entra compares them exactly.",
        Operator, "Correct the federated credential" => AppCredentials;
    ProviderFederationCredentialMissing = "provider_federation_credential_missing", "No federated credential",
        "The app has no federated credential.",
        Operator, "Add a federated credential" => AppCredentials;
    ProviderFederationIssuerKeyUnknown = "provider_federation_issuer_key_unknown", "Issuer's key is not known yet",
        "Entra does not know the issuer's signing key yet. It looks for new keys within half an hour.",
        Nobody;
    ProviderAwsFederationDisabled = "provider_aws_federation_disabled", "Federation is switched off in AWS",
        "The AWS account of this deployment does not issue tokens for other services: outbound web identity federation is not switched on.",
        Vendor, "Review the connection" => Connection;
    ProviderFederationPolicyBlocked = "provider_federation_policy_blocked", "Federation is blocked by a policy",
        "A policy of the app's directory does not allow this issuer, or demands other claims of it.",
        Operator, "Review the app registration" => AppRegistration;
    ProviderFederationTokenType = "provider_federation_token_type", "Federated token has the wrong type",
        "The federated token is not one of an app.",
        Vendor, "Review the connection" => Connection;
    ProviderAppPublicClient = "provider_app_public_client", "App is a public client",
        "The app is registered as a public client, which cannot use a credential of its own.",
        Operator, "Review the app registration" => AppRegistration;
    ProviderAppNotFoundInTenant = "provider_app_not_found_in_tenant", "App is not in the tenant",
        "The app was not found in the Microsoft tenant: a wrong id, the wrong tenant, or no consent yet.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderAppServicePrincipalMissing = "provider_app_service_principal_missing", "App has no service principal",
        "The app has no service principal in the Microsoft tenant.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderAppDisabled = "provider_app_disabled", "App is disabled",
        "The app is disabled in the Microsoft tenant.",
        TenantAdmin, "Review the enterprise application" => EnterpriseApp;
    ProviderAppDisabledByMicrosoft = "provider_app_disabled_by_microsoft", "App is disabled by Microsoft",
        "Microsoft has disabled the app for a violation of its services agreement.",
        Operator, "Review the app registration" => AppRegistration;
    ProviderAppOwnerMismatch = "provider_app_owner_mismatch", "App belongs to another directory",
        "The app is registered in another directory than the tenant's own, although the connection is a dedicated one.",
        Operator, "Correct the connection" => Connection;
    ProviderAppForeignCredential = "provider_app_foreign_credential", "App has a credential of somebody else",
        "The platform's app has a credential in the customer's tenant with which somebody else can sign in as the app.",
        TenantAdmin, "Review the enterprise application" => EnterpriseApp;
    ProviderAppBlocked = "provider_app_blocked", "App cannot be used now",
        "The Microsoft tenant does not let the app be used at this time.",
        TenantAdmin, "Review the enterprise application" => EnterpriseApp;
    ProviderAppManagedIdentity = "provider_app_managed_identity", "Id is a managed identity's",
        "The client id is that of a managed identity, which cannot be used from outside Azure.",
        Operator, "Correct the connection" => Connection;
    ProviderAppAssignmentRequired = "provider_app_assignment_required", "App must be assigned",
        "The resource demands that the app is assigned to it, and it is not.",
        TenantAdmin, "Review the enterprise application" => EnterpriseApp;
    ProviderAppGrantNotAllowed = "provider_app_grant_not_allowed", "Grant is not allowed",
        "The app may not sign in with a credential of its own.",
        Operator, "Review the app registration" => AppRegistration;
    ProviderConsentAdminRequired = "provider_consent_admin_required", "Admin consent is required",
        "The Microsoft tenant requires an administrator's consent to the app.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderConsentRedirectUri = "provider_consent_redirect_uri", "Consent has nowhere to return to",
        "The app registration names no address that consent may return to.",
        Operator, "Review the app registration" => AppRegistration;
    ProviderResourceNotAvailable = "provider_resource_not_available", "Microsoft Graph is not available",
        "The Microsoft tenant does not offer the API.",
        TenantAdmin, "Grant admin consent" => AdminConsent;
    ProviderResourceNotRequested = "provider_resource_not_requested", "App does not ask for Microsoft Graph",
        "The app's registration does not ask for permissions on Microsoft Graph, so no consent can grant them.",
        Operator, "Add the permissions to the app registration" => AppPermissions;
    ProviderTenantNotFound = "provider_tenant_not_found", "Entra tenant was not found",
        "Entra does not know the tenant: a wrong id, a deleted tenant, or another cloud.",
        Operator, "Correct the connection" => Connection;
    ProviderTenantIdMalformed = "provider_tenant_id_malformed", "Entra tenant id is malformed",
        "Entra cannot read the tenant id.",
        Operator, "Correct the connection" => Connection;
    ProviderTenantUnavailable = "provider_tenant_unavailable", "Entra tenant is not available",
        "The Entra tenant is not available. It may have been deleted.",
        Operator, "Review the tenant" => Tenant;
    ProviderTenantWrongCloud = "provider_tenant_wrong_cloud", "Tenant is in another cloud",
        "The Entra tenant is in another national cloud than the connection names.",
        Operator, "Correct the connection" => Connection;
    ProviderRequestAuthorityInvalid = "provider_request_authority_invalid", "Sign-in address is not allowed",
        "The sign-in address does not support an app's own sign-in.",
        Vendor, "Review the connection" => Connection;
    ProviderRequestScopeInvalid = "provider_request_scope_invalid", "Scope is not allowed",
        "Entra does not accept the requested scope.",
        Vendor, "Review the connection" => Connection;
    ProviderRequestMalformed = "provider_request_malformed", "Request is malformed",
        "Entra cannot read the token request.",
        Vendor, "Review the connection" => Connection;
    ProviderPolicyConditionalAccessBlocked = "provider_policy_conditional_access_blocked", "Blocked by Conditional Access",
        "A Conditional Access policy of the Microsoft tenant blocks the app.",
        TenantAdmin, "Review the tenant" => Tenant;
    ProviderPolicySecurityPolicyBlocked = "provider_policy_security_policy_blocked", "Blocked by a security policy",
        "A security policy of the Microsoft tenant blocks the app.",
        TenantAdmin, "Review the tenant" => Tenant;
    ProviderPolicyTenantRestriction = "provider_policy_tenant_restriction", "Blocked by a tenant restriction",
        "A tenant restriction or cross-tenant access policy blocks the app.",
        TenantAdmin, "Review the tenant" => Tenant;
    ProviderGraphTokenRejected = "provider_graph_token_rejected", "Graph rejects the token",
        "Microsoft Graph does not accept the token that Entra issued.",
        Operator, "Review the connection" => Connection;
    // Specific to one flow: `ext.<flow>.<detail>`.
    Interrupted = "ext.provider_connection_check.interrupted", "Verification was interrupted",
        "The verification was interrupted and could not be finished. Start it again.",
        Nobody;
}
