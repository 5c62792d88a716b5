//! What Microsoft told us about one connection, typed. Each part is known, or unknown for a reason: the checks never see an HTTP
//! answer, and "we could not find out" can never be mistaken for "there is nothing".

use std::collections::BTreeSet;
use std::time::Duration;

use crate::evidence::Evidence;
use crate::id::{EntraTenantId, ObjectId};
use crate::reason::Reason;
use crate::time::Timestamp;

/// An answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The answer.
    Known(T),
    /// Why there is none.
    Unknown(Cause),
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// `throttled` and `dependency_unreachable` pass by themselves, `permission_denied` hands over to the next source, every other
    /// reason is a refusal.
    pub reason: Reason,
    /// Codes and ids of the answer, nothing of its text.
    pub evidence: Vec<Evidence>,
    /// How long Microsoft asks to wait, if it said.
    pub retry_after: Option<Duration>,
}

impl<T> Known<T> {
    /// The answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Known::Known(answer) => Some(answer),
            Known::Unknown(_) => None,
        }
    }

    /// Why there is no answer, if there is none.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Known::Known(_) => None,
            Known::Unknown(cause) => Some(cause),
        }
    }
}

/// Everything that one check learned from Microsoft.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "made once a check and taken apart at once")]
pub enum Facts {
    /// Entra issued no token, so Graph was not asked.
    NoToken(Cause),
    /// Entra issued a token, and Graph was asked with it.
    Token(GraphFacts),
}

impl Facts {
    /// Trouble that passes by itself and keeps the check from a conclusion: worth another try. Of several, the one that asks to
    /// wait longest.
    #[must_use]
    pub fn passing_trouble(&self) -> Option<&Cause> {
        let causes = match self {
            Facts::NoToken(cause) => vec![cause],
            // The own service principal, the names of roles and expiry dates can be done without; these cannot.
            Facts::Token(graph) => {
                let delegated = graph.delegated.as_ref().and_then(Known::cause);
                [graph.organization.cause(), graph.assignments.cause(), delegated].into_iter().flatten().collect()
            }
        };
        causes.into_iter().filter(|cause| cause.reason.is_transient()).max_by_key(|cause| cause.retry_after)
    }
}

/// What the token and Graph say. The Graph calls run side by side, so each may fail alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphFacts {
    /// What the token itself says; none when it cannot be read, which is Entra's right: its format is not a contract.
    pub token: Option<TokenClaims>,
    /// `GET /organization`: the organization that the token reaches.
    pub organization: Known<Organization>,
    /// `GET /servicePrincipals(appId='..')`: the app's own service principal.
    pub service_principal: Known<ServicePrincipal>,
    /// `GET /servicePrincipals(appId='..')/appRoleAssignments`, all pages.
    pub assignments: Known<Vec<AppRoleAssignment>>,
    /// `GET /servicePrincipals(appId='00000003-..')`: the object id of Graph's own service principal in this tenant, which tells
    /// Graph's roles from those of other resources.
    pub graph_resource: Known<ObjectId>,
    /// `GET /servicePrincipals(appId='..')/oauth2PermissionGrants`: delegated permissions by name that an administrator granted for
    /// everybody. None when nothing requires one, so that it was not asked.
    pub delegated: Option<Known<BTreeSet<String>>>,
    /// `GET /applications(appId='..')`: what the app is registered with. None when it was not asked: the application object stands in
    /// the app's home tenant alone.
    pub registration: Option<Known<AppRegistration>>,
    /// When the certificate that signed the assertion expires; none for other credentials.
    pub certificate_expires_at: Option<Timestamp>,
}

/// What else Graph is asked besides what every check needs. Each costs a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Questions {
    /// The names of the delegated permissions that count, of which nothing is asked when there are none. Whatever else is granted is not
    /// kept: a tenant may have any number of them.
    pub delegated: BTreeSet<String>,
    /// The application object stands in this tenant, and the credential stands on it.
    pub registration: bool,
}

/// What stands of an app in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// Its object id.
    pub id: ObjectId,
    /// Whether it may sign in.
    pub is_enabled: bool,
    /// Whether Microsoft has switched it off.
    pub is_disabled_by_microsoft: bool,
    /// The tenant in which the app is registered, where Microsoft says so.
    pub owner: Option<EntraTenantId>,
    /// What signs in as the app through this principal alone, which the registration does not know; none where Graph does not say.
    pub credentials: Option<Vec<PrincipalCredential>>,
}

/// A credential on a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalCredential {
    /// Its id, where Graph names one.
    pub key_id: Option<ObjectId>,
    /// When it expires; none where it has no end.
    pub expires_at: Option<Timestamp>,
}

/// Whether the end of a credential is still ahead; one without an end never expires.
#[must_use]
pub fn is_ahead(end: Option<Timestamp>, now: Timestamp) -> bool {
    end.is_none_or(|at| at > now)
}

/// What an app is registered with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppRegistration {
    /// When each client secret expires; none where it has no end.
    pub secrets: Vec<Option<Timestamp>>,
    /// Its certificates; none where they were not asked for.
    pub certificates: Option<Vec<RegisteredCertificate>>,
    /// Ids of the application permissions on Graph that consent to it grants; none where Graph does not say.
    pub asks: Option<BTreeSet<ObjectId>>,
}

/// A certificate of an app's registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisteredCertificate {
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// Whether it is the one that signed in; none where Graph does not show it whole.
    pub is_ours: Option<bool>,
}

/// The organization behind an Entra tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id, which is its Entra tenant id.
    pub id: EntraTenantId,
    /// The service plans assigned to it; empty when they may not be read, which looks the same as having none.
    pub plans: Vec<AssignedPlan>,
}

/// A service plan assigned to an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedPlan {
    /// The service, in Microsoft's spelling; Intune is `SCO`, and so is Basic Mobility and Security.
    pub service: String,
    /// Which plan of the service it is, where Microsoft says so readably.
    pub plan_id: Option<ObjectId>,
    /// Whether it can be used: enabled, or in its grace period.
    pub enabled: bool,
}

/// Claims of an app-only access token that say who it is for and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClaims {
    /// The tenant that issued it.
    pub tenant_id: Option<EntraTenantId>,
    /// Granted application permissions by name. A readable token without the claim grants none: the set is empty.
    pub roles: BTreeSet<String>,
    /// Template ids of the directory roles that the app's principal holds (`wids`).
    pub directory_roles: BTreeSet<ObjectId>,
}

/// One granted application permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRoleAssignment {
    /// Id of the app role; what it is called depends on the resource.
    pub app_role_id: ObjectId,
    /// Object id of the resource's service principal in this tenant.
    pub resource_id: ObjectId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn of_several_troubles_that_pass_the_one_that_asks_to_wait_longest_is_told() {
        let waits =
            |reason, seconds| Cause { retry_after: Some(Duration::from_secs(seconds)), ..testing::cause(reason) };
        let refusal = waits(Reason::PermissionDenied, 90);
        assert_eq!(Facts::NoToken(refusal.clone()).passing_trouble(), None);
        let throttled = waits(Reason::Throttled, 30);
        assert_eq!(Facts::NoToken(throttled.clone()).passing_trouble(), Some(&throttled));

        let mut graph = testing::graph_facts();
        graph.service_principal = Known::Unknown(throttled.clone());
        assert_eq!(Facts::Token(graph.clone()).passing_trouble(), None, "it can be done without");
        graph.organization = Known::Unknown(refusal);
        graph.assignments = Known::Unknown(waits(Reason::DependencyUnreachable, 10));
        graph.delegated = Some(Known::Unknown(throttled.clone()));
        assert_eq!(Facts::Token(graph).passing_trouble(), Some(&throttled));
    }
}
