//! What Graph's documents look like, and what of them becomes a fact. Names, hints and every other member stay unread.

use std::collections::BTreeSet;

use domain::facts::{AppRoleAssignment, AssignedPlan, Organization};
use domain::id::{EntraTenantId, ObjectId};
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// An assignment without a role, which grants nothing.
const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// A grant for everybody; the other kind is for one user.
const ALL_PRINCIPALS: &str = "AllPrincipals";

/// The states in which a service plan can be used: in order, or in the grace period after its end.
const USABLE: [&str; 2] = ["Enabled", "Warning"];

/// A page of a collection.
#[derive(Deserialize)]
pub(crate) struct Collection<T> {
    pub(crate) value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    pub(crate) next_link: Option<String>,
}

/// `organization`. Its plans are read when its id is known.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationDocument<'a> {
    id: EntraTenantId,
    #[serde(borrow)]
    assigned_plans: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    service: String,
    capability_status: Option<String>,
    #[serde(default)]
    service_plan_id: Value,
}

impl From<OrganizationDocument<'_>> for Organization {
    /// Plans that are absent, or not what Microsoft documents, are as good as unreadable: none.
    fn from(document: OrganizationDocument<'_>) -> Self {
        let plans: Option<Vec<Plan>> = document.assigned_plans.and_then(|plans| serde_json::from_str(plans.get()).ok());
        Organization { id: document.id, plans: plans.into_iter().flatten().map(AssignedPlan::from).collect() }
    }
}

impl From<Plan> for AssignedPlan {
    fn from(plan: Plan) -> Self {
        let enabled = plan.capability_status.is_some_and(|status| USABLE.contains(&status.as_str()));
        let plan_id = plan.service_plan_id.as_str().and_then(|id| id.parse().ok());
        AssignedPlan { service: plan.service, plan_id, enabled }
    }
}

/// `servicePrincipal`, as far as every one looks the same.
#[derive(Deserialize)]
pub(crate) struct ServicePrincipalDocument {
    pub(crate) id: ObjectId,
}

/// `appRoleAssignment`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignmentDocument {
    app_role_id: ObjectId,
    resource_id: ObjectId,
}

impl AssignmentDocument {
    /// The assignment, if it grants something.
    pub(crate) fn granted(self) -> Option<AppRoleAssignment> {
        let granted = self.app_role_id.as_str() != NO_ROLE;
        granted.then_some(AppRoleAssignment { app_role_id: self.app_role_id, resource_id: self.resource_id })
    }
}

/// `oAuth2PermissionGrant`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GrantDocument {
    consent_type: String,
    resource_id: ObjectId,
    scope: Option<String>,
}

/// Delegated permissions on one resource that an administrator granted for everybody.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DelegatedGrant {
    /// Object id of the resource's service principal.
    pub(crate) resource_id: ObjectId,
    /// Their names.
    pub(crate) scopes: BTreeSet<String>,
}

impl GrantDocument {
    /// The grant, if it is for everybody. Its scope has a leading space as often as not.
    pub(crate) fn for_everybody(self) -> Option<DelegatedGrant> {
        let scopes = self.scope.as_deref().unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect();
        let everybody = self.consent_type == ALL_PRINCIPALS;
        everybody.then_some(DelegatedGrant { resource_id: self.resource_id, scopes })
    }
}

/// `application`: of its secrets only when they end.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplicationDocument {
    password_credentials: Vec<PasswordCredential>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PasswordCredential {
    /// Null where the secret has no end.
    end_date_time: Option<Timestamp>,
}

impl ApplicationDocument {
    /// When each of its client secrets expires.
    pub(crate) fn secrets_expire(self) -> Vec<Timestamp> {
        self.password_credentials.into_iter().filter_map(|secret| secret.end_date_time).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

    fn organization(rest: &str) -> Organization {
        let json = format!(r#"{{"id":"{ID}"{rest}}}"#);
        serde_json::from_str::<OrganizationDocument<'_>>(&json).expect("an organization").into()
    }

    #[test]
    fn a_plan_is_enabled_in_order_and_in_its_grace_period() {
        let plans = ["Enabled", "Warning", "Suspended", "Deleted", "LockedOut"]
            .map(|status| format!(r#"{{"service":"SCO","capabilityStatus":"{status}","servicePlanId":"x"}}"#));
        let read = organization(&format!(r#","assignedPlans":[{}]"#, plans.join(",")));
        let enabled: Vec<bool> = read.plans.iter().map(|plan| plan.enabled).collect();
        assert_eq!(enabled, [true, true, false, false, false]);
        assert!(read.plans.iter().all(|plan| plan.service == "SCO"));
    }

    #[test]
    fn absent_or_odd_plans_are_none_and_never_an_error() {
        for rest in [
            "",
            r#","assignedPlans":null"#,
            r#","assignedPlans":[]"#,
            r#","assignedPlans":{"x":1}"#,
            r#","assignedPlans":[7]"#,
        ] {
            assert_eq!(organization(rest).plans, [], "{rest}");
        }
        let unset = organization(r#","assignedPlans":[{"service":"SCO","capabilityStatus":null}]"#);
        assert_eq!(unset.plans, [AssignedPlan { service: "SCO".to_owned(), plan_id: None, enabled: false }]);
    }

    #[test]
    fn a_delegated_grant_counts_when_it_is_for_everybody() {
        let grant = |consent: &str, scope: &str| {
            let json =
                format!(r#"{{"clientId":"{ID}","consentType":"{consent}","resourceId":"{ID}","scope":{scope}}}"#);
            serde_json::from_str::<GrantDocument>(&json).expect("a grant").for_everybody()
        };
        let scopes = |text: &str| grant("AllPrincipals", text).expect("for everybody").scopes;
        assert_eq!(Vec::from_iter(scopes(r#"" User.Read  Mail.Read""#)), ["Mail.Read", "User.Read"]);
        assert!(scopes("null").is_empty() && scopes(r#""""#).is_empty());
        assert_eq!(grant("Principal", r#""User.Read""#), None);
    }

    #[test]
    fn of_a_client_secret_only_its_end_is_read() {
        let json = r#"{"id":7,"passwordCredentials":[{"hint":"abc","displayName":"adele","keyId":null,"endDateTime":"2027-01-31T00:00:00Z"},{"endDateTime":null}]}"#;
        let application: ApplicationDocument = serde_json::from_str(json).expect("an application");
        let ends: Vec<String> = application.secrets_expire().iter().map(Timestamp::to_string).collect();
        assert_eq!(ends, ["2027-01-31T00:00:00.000Z"]);
    }

    #[test]
    fn an_assignment_without_a_role_grants_nothing() {
        let assignment = |role: &str| {
            let json = format!(r#"{{"appRoleId":"{role}","resourceId":"{ID}"}}"#);
            serde_json::from_str::<AssignmentDocument>(&json).expect("an assignment").granted()
        };
        assert!(assignment(ID).is_some() && assignment(NO_ROLE).is_none());
    }
}
