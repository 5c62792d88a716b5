//! Graph's error codes that mean something to a connection check: one table. Codes that are not here leave the HTTP
//! status to decide.
//!
//! Source: Microsoft Graph, "Error responses and resource types", and what public code reports of the rest.

use domain::reason::Reason;

/// A code that Graph may answer with.
#[derive(Debug)]
pub(crate) struct GraphError {
    /// As Graph spells it.
    pub(crate) code: &'static str,
    /// What it means; none when only the HTTP status tells.
    pub(crate) reason: Option<Reason>,
}

const fn row(code: &'static str, reason: Option<Reason>) -> GraphError {
    GraphError { code, reason }
}

/// The known code of this spelling. Graph's services do not agree on upper and lower case.
pub(crate) fn graph_error(code: &str) -> Option<&'static GraphError> {
    TABLE.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}

/// Every known code.
pub(crate) const TABLE: &[GraphError] = &[
    row("InvalidAuthenticationToken", Some(Reason::ProviderGraphTokenRejected)),
    row("Authentication_ExpiredToken", Some(Reason::ProviderGraphTokenRejected)),
    row("Authentication_MissingOrMalformed", Some(Reason::ProviderGraphTokenRejected)),
    row("Authentication_Unauthorized", Some(Reason::ProviderGraphTokenRejected)),
    // For minutes before Entra says so itself.
    row("Authorization_IdentityDisabled", Some(Reason::ProviderAppDisabled)),
    row("OrganizationFromTenantGuidNotFound", Some(Reason::ProviderTenantUnavailable)),
    // Usually the app was never consented to in this tenant.
    row("Authorization_IdentityNotFound", Some(Reason::ProviderConsentMissing)),
    row("Authorization_RequestDenied", Some(Reason::PermissionDenied)),
    row("TooManyRequests", Some(Reason::Throttled)),
    row("activityLimitReached", Some(Reason::Throttled)),
    // Seen with an empty message for rate limits and for missing permissions alike.
    row("UnknownError", None),
    row("Request_ResourceNotFound", Some(Reason::ProviderAppServicePrincipalMissing)),
    row("serviceNotAvailable", Some(Reason::DependencyUnreachable)),
];
