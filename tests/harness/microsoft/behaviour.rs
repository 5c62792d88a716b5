//! What each scenario makes of a tenant: how the token endpoint and each of Graph's answers differ from a healthy
//! tenant's.

use super::refusal::EntraRefusal;
use super::scenario::Scenario;
use super::trick::Trick;

/// How one tenant answers. Without a trick it answers as it should.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behaviour {
    /// In place of a token, though the secret is right.
    pub(crate) login: Option<Trick>,
    /// Whether the token can be read.
    pub(crate) token: TokenFormat,
    /// What of the module's permissions is granted.
    pub(crate) grants: Grants,
    /// When they are known.
    pub(crate) arrival: Arrival,
    /// Whether the organization is another one.
    pub(crate) other_organization: bool,
    /// In place of the organization.
    pub(crate) organization: Option<Trick>,
    /// In place of the app's own service principal.
    pub(crate) service_principal: Option<Trick>,
    /// In place of the assignments.
    pub(crate) assignments: Option<Trick>,
    /// In place of Graph's principal.
    pub(crate) resource: Option<Trick>,
    /// In place of the application object.
    pub(crate) application: Option<Trick>,
    /// How the assignments are told.
    pub(crate) paging: Paging,
    /// Whether the organization has an Intune licence.
    pub(crate) intune_licence: bool,
    /// A permission that is granted beside those that the module needs.
    pub(crate) granted_beside: Option<&'static str>,
    /// A role that is granted on another resource than Graph.
    pub(crate) granted_elsewhere: Option<&'static str>,
    /// A directory role that the app's principal holds.
    pub(crate) directory_role: Option<&'static str>,
    /// What Graph says of the app's principal.
    pub(crate) principal: Principal,
    /// In how many days the app's client secret expires.
    pub(crate) secret_expires_in_days: u32,
}

/// The app's own principal in the tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Principal {
    /// Whether it may sign in.
    pub(crate) is_enabled: bool,
    /// What Microsoft did to it.
    pub(crate) disabled_by_microsoft: Option<&'static str>,
    /// Whether the app is registered in another directory.
    pub(crate) is_owned_elsewhere: bool,
    /// Whether it has a client secret that the registration does not know.
    pub(crate) has_secret: bool,
}

/// What kind of access token Entra issues.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TokenFormat {
    /// A JWT.
    Readable,
    /// Characters that tell a client nothing.
    Opaque,
}

/// Which of the permissions that the module needs are granted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Grants {
    /// Every one.
    All,
    /// Every one but this.
    AllBut(&'static str),
    /// None: nobody consented.
    None,
}

/// When grants are known to everybody who tells of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// They always were.
    Arrived,
    /// The second token has them, and the assignments tell of them with the third.
    OnTheWay,
}

/// How a list is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paging {
    /// In pages of this size.
    Of(usize),
    /// A first page that leads to another host.
    Evil,
}

const PRINCIPAL: Principal =
    Principal { is_enabled: true, disabled_by_microsoft: None, is_owned_elsewhere: false, has_secret: false };

const HEALTHY: Behaviour = Behaviour {
    login: None,
    token: TokenFormat::Readable,
    grants: Grants::All,
    arrival: Arrival::Arrived,
    other_organization: false,
    organization: None,
    service_principal: None,
    assignments: None,
    resource: None,
    application: None,
    paging: Paging::Of(100),
    intune_licence: true,
    granted_beside: None,
    granted_elsewhere: None,
    directory_role: None,
    principal: PRINCIPAL,
    secret_expires_in_days: 200,
};

/// Template id of a directory role (Microsoft, "Microsoft Entra built-in roles").
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Id of a role of Exchange Online.
const EXCHANGE_MANAGE_AS_APP: &str = "dc50a0fb-09a3-484d-be87-e023b12c6440";

const fn principal(principal: Principal) -> Behaviour {
    Behaviour { principal, ..HEALTHY }
}

const fn at_login(trick: Trick) -> Behaviour {
    Behaviour { login: Some(trick), ..HEALTHY }
}

const fn refused(refusal: EntraRefusal) -> Behaviour {
    at_login(Trick::Refuse(refusal))
}

const fn everywhere_in_graph(trick: Trick) -> Behaviour {
    Behaviour {
        organization: Some(trick),
        service_principal: Some(trick),
        assignments: Some(trick),
        resource: Some(trick),
        ..HEALTHY
    }
}

const ASSIGNMENTS_FORBIDDEN: Behaviour =
    Behaviour { assignments: Some(Trick::Forbid), resource: Some(Trick::Forbid), ..HEALTHY };

impl Scenario {
    /// How a tenant of this scenario answers.
    pub(crate) fn behaviour(self) -> Behaviour {
        match self {
            Scenario::Healthy => HEALTHY,
            Scenario::MissingPermission => {
                Behaviour { grants: Grants::AllBut("DeviceManagementApps.Read.All"), ..HEALTHY }
            }
            Scenario::MissingScripts => {
                Behaviour { grants: Grants::AllBut("DeviceManagementScripts.Read.All"), ..HEALTHY }
            }
            Scenario::NoConsent => {
                Behaviour { grants: Grants::None, organization: Some(Trick::Forbid), ..ASSIGNMENTS_FORBIDDEN }
            }
            Scenario::IdentityNotFound => {
                Behaviour { grants: Grants::None, ..everywhere_in_graph(Trick::IdentityNotFound) }
            }
            Scenario::ExpiredSecret => refused(EntraRefusal::SecretExpired),
            Scenario::WrongSecret => refused(EntraRefusal::SecretInvalid),
            Scenario::UnknownTenant => refused(EntraRefusal::TenantNotFound),
            Scenario::AppNotInTenant => refused(EntraRefusal::AppNotFound),
            Scenario::ConditionalAccess => refused(EntraRefusal::ConditionalAccess),
            Scenario::UnknownErrorCode => refused(EntraRefusal::Unheard),
            Scenario::WrongOrganization => Behaviour { other_organization: true, ..HEALTHY },
            Scenario::OrganizationForbidden => Behaviour { organization: Some(Trick::Forbid), ..HEALTHY },
            Scenario::AssignmentsForbidden => ASSIGNMENTS_FORBIDDEN,
            Scenario::OpaqueTokenAndAssignmentsForbidden => {
                Behaviour { token: TokenFormat::Opaque, ..ASSIGNMENTS_FORBIDDEN }
            }
            Scenario::Throttled => at_login(Trick::Throttle),
            Scenario::ThrottledWithoutRetryAfter => at_login(Trick::ThrottleSilently),
            Scenario::ThrottledOrganization => Behaviour { organization: Some(Trick::Throttle), ..HEALTHY },
            Scenario::ThrottledOnce => at_login(Trick::ThrottleOnce),
            Scenario::AssignmentsThrottledWithOpaqueToken => {
                Behaviour { token: TokenFormat::Opaque, assignments: Some(Trick::Throttle), ..HEALTHY }
            }
            Scenario::Down => at_login(Trick::Down),
            Scenario::Garbage => at_login(Trick::WebPage),
            Scenario::Slow => at_login(Trick::Silence),
            Scenario::Paging => Behaviour { paging: Paging::Of(4), ..HEALTHY },
            Scenario::EvilNextLink => Behaviour { paging: Paging::Evil, ..HEALTHY },
            Scenario::Redirect => everywhere_in_graph(Trick::Redirect),
            Scenario::HugeBody => everywhere_in_graph(Trick::Huge),
            Scenario::HostileJson => everywhere_in_graph(Trick::Deep),
            Scenario::NoIntuneLicence => Behaviour { intune_licence: false, ..HEALTHY },
            Scenario::SecretExpiring => Behaviour { secret_expires_in_days: 10, ..HEALTHY },
            Scenario::ApplicationForbidden => Behaviour { application: Some(Trick::Forbid), ..HEALTHY },
            Scenario::Late => Behaviour {
                login: Some(Trick::Late),
                application: Some(Trick::Late),
                ..everywhere_in_graph(Trick::Late)
            },
            Scenario::JustConsented => Behaviour {
                arrival: Arrival::OnTheWay,
                organization: Some(Trick::ForbidWithoutRoles),
                assignments: Some(Trick::ForbidWithoutRoles),
                resource: Some(Trick::ForbidWithoutRoles),
                ..HEALTHY
            },
            Scenario::JustRotated => at_login(Trick::RefuseOnce(EntraRefusal::SecretInvalid)),
            Scenario::DirectoryRole => Behaviour { directory_role: Some(GLOBAL_ADMINISTRATOR), ..HEALTHY },
            Scenario::GrantElsewhere => Behaviour { granted_elsewhere: Some(EXCHANGE_MANAGE_AS_APP), ..HEALTHY },
            Scenario::AppDisabled => principal(Principal { is_enabled: false, ..PRINCIPAL }),
            Scenario::AppDisabledByMicrosoft => principal(Principal {
                disabled_by_microsoft: Some("DisabledDueToViolationOfServicesAgreement"),
                ..PRINCIPAL
            }),
            Scenario::OwnedElsewhere => principal(Principal { is_owned_elsewhere: true, ..PRINCIPAL }),
            Scenario::ForeignCredential => {
                principal(Principal { is_owned_elsewhere: true, has_secret: true, ..PRINCIPAL })
            }
            Scenario::SlowDrip => everywhere_in_graph(Trick::Drip),
            Scenario::GzipBomb => everywhere_in_graph(Trick::GzipBomb),
            Scenario::InvalidUtf8 => everywhere_in_graph(Trick::InvalidUtf8),
            Scenario::NestedError => Behaviour { organization: Some(Trick::NestedError), ..HEALTHY },
            Scenario::DangerousGrant => {
                Behaviour { granted_beside: Some("RoleManagement.ReadWrite.Directory"), ..HEALTHY }
            }
        }
    }
}
