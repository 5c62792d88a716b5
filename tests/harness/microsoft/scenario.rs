//! The scenarios: what can be true of a customer's tenant when a connection is verified.

use std::fmt;
use std::str::FromStr;

use domain::id::{ClientId, EntraTenantId};

use super::tenant::TenantFixture;

macro_rules! scenarios {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// How a tenant of the stand-in behaves.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Scenario {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Scenario {
            /// Every scenario. New ones are appended, so that the well-known ids stay what they are.
            pub const ALL: &'static [Scenario] = &[$(Scenario::$variant,)+];

            /// Its name, as `cargo dev --scenario` takes it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Scenario::$variant => $name,)+
                }
            }

            /// What it is about, for people.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Scenario::$variant => concat!($($doc,)+).trim_ascii(),)+
                }
            }
        }
    };
}

scenarios! {
    /// Everything that the module `intune` needs is granted.
    Healthy = "healthy",
    /// The permission of one blocking cluster, apps, is not granted.
    MissingPermission = "missing-permission",
    /// Only the scripts permission is not granted, which blocks nothing.
    MissingScripts = "missing-scripts",
    /// Nobody consented: the token has no roles, and Graph forbids all but the app's own service principal.
    NoConsent = "no-consent",
    /// Graph does not know the identity that Entra issued the token for.
    IdentityNotFound = "identity-not-found",
    /// The client secret has expired.
    ExpiredSecret = "expired-secret",
    /// The client secret is not the app's.
    WrongSecret = "wrong-secret",
    /// Entra has no such tenant.
    UnknownTenant = "unknown-tenant",
    /// The app is not in the tenant.
    AppNotInTenant = "app-not-in-tenant",
    /// A Conditional Access policy blocks the app.
    ConditionalAccess = "conditional-access",
    /// Entra refuses with a number that nobody knows.
    UnknownErrorCode = "unknown-error-code",
    /// The token reaches another organization than the one that was asked for.
    WrongOrganization = "wrong-organization",
    /// The organization may not be read, everything else may.
    OrganizationForbidden = "organization-forbidden",
    /// Assignments and Graph's principal may not be read; the token's roles tell.
    AssignmentsForbidden = "assignments-forbidden",
    /// Assignments may not be read and the token is opaque: grants are unreadable.
    OpaqueTokenAndAssignmentsForbidden = "opaque-token-and-assignments-forbidden",
    /// Entra throttles and says how long to wait.
    Throttled = "throttled",
    /// Entra throttles and does not say how long to wait.
    ThrottledWithoutRetryAfter = "throttled-without-retry-after",
    /// Graph throttles the question for the organization.
    ThrottledOrganization = "throttled-organization",
    /// Entra throttles the first request and no other.
    ThrottledOnce = "throttled-once",
    /// Graph throttles the assignments and the token is opaque: grants are unreadable for the moment.
    AssignmentsThrottledWithOpaqueToken = "assignments-throttled-with-opaque-token",
    /// Entra is down.
    Down = "down",
    /// Entra answers with a web page in place of a token.
    Garbage = "garbage",
    /// Entra takes the request and never answers.
    Slow = "slow",
    /// Everything is granted, told over three pages.
    Paging = "paging",
    /// The first page of assignments names a next page at another host.
    EvilNextLink = "evil-next-link",
    /// Graph redirects every question to a link-local address.
    Redirect = "redirect",
    /// Graph answers every question with 50 MB.
    HugeBody = "huge-body",
    /// Graph answers every question with arrays nested half a million deep.
    HostileJson = "hostile-json",
    /// The organization has plans, and none of them is Intune's.
    NoIntuneLicence = "no-intune-licence",
    /// The app's client secret expires in ten days.
    SecretExpiring = "secret-expiring",
    /// The application object may not be read.
    ApplicationForbidden = "application-forbidden",
    /// A dangerous permission is granted that nothing needs.
    DangerousGrant = "dangerous-grant",
    /// Graph's answers drip a byte a second and never end.
    SlowDrip = "slow-drip",
    /// Graph answers every question with 128 MB, compressed.
    GzipBomb = "gzip-bomb",
    /// Graph answers every question with JSON that is not UTF-8.
    InvalidUtf8 = "invalid-utf8",
    /// The organization may not be read, which only a nested error tells.
    NestedError = "nested-error",
    /// Every answer comes 200 ms after its question.
    Late = "late",
    /// Consent was given a moment ago: the first token has no roles, and the assignments are told only with the third.
    JustConsented = "just-consented",
    /// The client secret was made a moment ago: Entra does not know it at the first request.
    JustRotated = "just-rotated",
    /// The app's principal is a Global Administrator.
    DirectoryRole = "directory-role",
    /// The app may manage Exchange, which no token for Graph tells.
    GrantElsewhere = "grant-elsewhere",
    /// The app's principal is switched off; Entra has not noticed yet.
    AppDisabled = "app-disabled",
    /// Microsoft has switched the app's principal off; Entra has not noticed yet.
    AppDisabledByMicrosoft = "app-disabled-by-microsoft",
    /// The app is registered in another directory than the tenant's.
    OwnedElsewhere = "owned-elsewhere",
    /// The app is registered in another directory, and somebody put a client secret on its principal in the tenant.
    ForeignCredential = "foreign-credential",
}

impl Scenario {
    /// The Entra tenant id of the scenario's well-known tenant.
    #[must_use]
    pub fn entra_tenant_id(self) -> EntraTenantId {
        TenantFixture::well_known(self).entra_tenant_id
    }

    /// The app registration of the scenario's well-known tenant.
    #[must_use]
    pub fn client_id(self) -> ClientId {
        TenantFixture::well_known(self).client_id
    }

    /// The client secret that is stored for the scenario's well-known tenant.
    #[must_use]
    pub fn secret(self) -> String {
        TenantFixture::well_known(self).secret
    }
}

/// A text that names no scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownScenario;

impl fmt::Display for UnknownScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Scenario::ALL.iter().map(|scenario| scenario.name()).collect();
        write!(f, "a scenario is one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownScenario {}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(text: &str) -> Result<Self, UnknownScenario> {
        Self::ALL.iter().copied().find(|scenario| scenario.name() == text).ok_or(UnknownScenario)
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
