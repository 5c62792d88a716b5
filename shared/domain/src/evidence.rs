//! Evidence: pointers and codes that back a check. The kinds are an allow-list, so no token, secret, name or raw text of a provider
//! finds its way into a report: what has no kind here cannot be written.

use serde::{Serialize, Serializer};

use crate::names::names;

names! {
    /// What a piece of evidence is.
    EvidenceKind: "an evidence kind" {
        /// Id of the connection that was checked, or could not be.
        ProviderConnectionId = "provider_connection_id",
        /// The Entra tenant that the connection should reach, a GUID.
        ExpectedEntraTenantId = "expected_entra_tenant_id",
        /// The organization that the connection reached, a GUID.
        ActualEntraTenantId = "actual_entra_tenant_id",
        /// The cloud that the tenant is in, as its public metadata says.
        TenantCloud = "tenant_cloud",
        /// Which answer a finding rests on: `organization`, `token_tid`, `app_role_assignments`, `token_roles`, `certificate`,
        /// `application`, `operator`.
        Source = "source",
        /// How many permissions are granted.
        GrantedPermissions = "granted_permissions",
        /// How many granted app roles no table knows a name for.
        UnknownRoles = "unknown_roles",
        /// The id of a granted app role without a known name, a GUID.
        UnknownRole = "unknown_role",
        /// The name of a permission that is not granted.
        MissingPermission = "missing_permission",
        /// `application` or `delegated`.
        PermissionType = "permission_type",
        /// The area of the product that needs it.
        Feature = "feature",
        /// The operation of Graph that the permission is needed for, such as `GET /users`.
        Operation = "operation",
        /// An operation about which the operator's manifest says otherwise than the built-in one, and why.
        OverriddenOperation = "overridden_operation",
        /// The name of a dangerous permission that is granted without need.
        ExcessivePermission = "excessive_permission",
        /// The name of a privileged directory role that the app's principal holds.
        DirectoryRole = "directory_role",
        /// What makes the permission or role before it dangerous: `direct` or `indirect` path to Global Administrator, `data_access`,
        /// or `privilege_level_4` in Microsoft's own data.
        Danger = "danger",
        /// What can be done with it, in a few words of the manifest.
        Why = "why",
        /// A permission that the connection relies on and that Graph will soon not accept any more.
        EndingPermission = "ending_permission",
        /// The day from which Graph does not accept it.
        AcceptedUntil = "accepted_until",
        /// The permission to grant in its place.
        ReplacedBy = "replaced_by",
        /// A permission that was granted and does not work yet.
        PendingPermission = "pending_permission",
        /// A permission that was taken back and still works.
        RevokedPermission = "revoked_permission",
        /// How many app roles of other resources than Microsoft Graph are granted.
        RolesElsewhere = "roles_elsewhere",
        /// The Entra tenant in which the app is registered, a GUID.
        AppOwner = "app_owner",
        /// The id of a credential on the app's principal in a tenant that does not own the app, a GUID.
        ForeignCredential = "foreign_credential",
        /// When the credential expires, RFC 3339.
        ExpiresAt = "expires_at",
        /// When the credential begins to be valid, RFC 3339.
        ValidFrom = "valid_from",
        /// Whole days until the credential expires.
        DaysLeft = "days_left",
        /// How many other credentials the app has, when it is not known which one is in use.
        OtherCredentials = "other_credentials",
        /// How many valid credentials of the kind in use the app has: with two, one can be replaced without an outage.
        ValidCredentials = "valid_credentials",
        /// The issuer that must stand in the app's federated credential.
        ExpectedIssuer = "expected_issuer",
        /// The subject that must stand in the app's federated credential.
        ExpectedSubject = "expected_subject",
        /// The audience that must stand in the app's federated credential.
        ExpectedAudience = "expected_audience",
        /// Key of the check that stopped this one.
        StoppedBy = "stopped_by",
        /// HTTP status of the answer.
        HttpStatus = "http_status",
        /// The OAuth error word, only if it is a registered one.
        OauthError = "oauth_error",
        /// An AADSTS number.
        EntraErrorCode = "entra_error_code",
        /// A Graph error code, only if it is a known one.
        GraphErrorCode = "graph_error_code",
        /// Entra's trace id, a GUID: what Microsoft's support asks for.
        TraceId = "trace_id",
        /// Entra's correlation id, a GUID.
        CorrelationId = "correlation_id",
        /// Graph's request id, a GUID.
        RequestId = "request_id",
        /// The id we gave the request, a GUID.
        ClientRequestId = "client_request_id",
        /// When Microsoft says that it happened, RFC 3339.
        Timestamp = "timestamp",
        /// A finer cause: one of our own words, such as `upstream.timeout`.
        Detail = "detail",
        /// How long Microsoft asks to wait, in seconds.
        RetryAfterSeconds = "retry_after_seconds",
    }
}

/// One pointer or code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Its value.
    pub value: EvidenceValue,
}

/// A text or an integer from 0 to 2^53-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceValue {
    /// A GUID, a code or one of our own words.
    Text(String),
    /// A count, a code or an id.
    Number(u64),
}

impl Evidence {
    /// Evidence with a text. What came from outside must have been parsed before: a GUID, a time, a word of a closed set.
    pub fn text(kind: EvidenceKind, value: impl Into<String>) -> Self {
        Self { kind, value: EvidenceValue::Text(value.into()) }
    }

    /// Evidence with a number.
    pub fn number(kind: EvidenceKind, value: impl Into<u64>) -> Self {
        Self { kind, value: EvidenceValue::Number(value.into()) }
    }
}

impl Serialize for EvidenceValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            EvidenceValue::Text(text) => serializer.serialize_str(text),
            EvidenceValue::Number(number) => serializer.serialize_u64(*number),
        }
    }
}
