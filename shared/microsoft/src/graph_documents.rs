//! What Graph's documents look like, and what of them becomes a fact. Names, hints and every other member stay unread.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::facts::{
    AppRegistration, AppRoleAssignment, AssignedPlan, Organization, PrincipalCredential, RegisteredCertificate,
    ServicePrincipal,
};
use domain::id::{EntraTenantId, ObjectId};
use domain::manifest::GRAPH_APP_ID;
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::certificate::Certificate;

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
pub(crate) struct PrincipalDocument {
    pub(crate) id: ObjectId,
}

/// `servicePrincipal`, the app's own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnPrincipalDocument {
    id: ObjectId,
    account_enabled: Option<bool>,
    disabled_by_microsoft_status: Option<String>,
    app_owner_organization_id: Option<EntraTenantId>,
    password_credentials: Option<Vec<CredentialDocument>>,
    key_credentials: Option<Vec<CredentialDocument>>,
}

/// What Microsoft writes of an app that it did not switch off, where it writes anything.
const NOT_DISABLED: &str = "NotDisabled";

/// What a key is for with which the app signs in; the other kind signs what the app is told.
const VERIFY: &str = "Verify";

impl OwnPrincipalDocument {
    /// What is said of the principal. Where nothing is said of its being enabled it is: a token was issued to it.
    pub(crate) fn principal(self) -> ServicePrincipal {
        let credentials = self.password_credentials.zip(self.key_credentials).map(|(secrets, keys)| {
            let all = secrets.into_iter().chain(keys.into_iter().filter(CredentialDocument::signs_in));
            all.map(PrincipalCredential::from).collect()
        });
        ServicePrincipal {
            id: self.id,
            is_enabled: self.account_enabled.unwrap_or(true),
            is_disabled_by_microsoft: self.disabled_by_microsoft_status.is_some_and(|status| status != NOT_DISABLED),
            owner: self.app_owner_organization_id,
            credentials,
        }
    }
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
    /// What of these permissions it grants, if it is for everybody and grants any. Its scope has a leading space as often as not.
    pub(crate) fn for_everybody(self, wanted: &BTreeSet<String>) -> Option<DelegatedGrant> {
        let scopes = self.scope.as_deref().unwrap_or_default().split_ascii_whitespace();
        let scopes: BTreeSet<_> = scopes.filter_map(|scope| wanted.get(scope)).cloned().collect();
        let counts = self.consent_type == ALL_PRINCIPALS && !scopes.is_empty();
        counts.then_some(DelegatedGrant { resource_id: self.resource_id, scopes })
    }
}

/// `application`: of its secrets only when they end.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplicationDocument {
    #[serde(default)]
    password_credentials: Vec<CredentialDocument>,
    key_credentials: Option<Vec<CredentialDocument>>,
    required_resource_access: Option<Vec<ResourceAccessDocument>>,
}

/// `requiredResourceAccess`: what consent grants on one resource.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceAccessDocument {
    resource_app_id: String,
    resource_access: Vec<AccessDocument>,
}

/// `resourceAccess`.
#[derive(Deserialize)]
struct AccessDocument {
    id: ObjectId,
    r#type: String,
}

/// An application permission; the other type is a delegated one.
const ROLE: &str = "Role";

/// `passwordCredential` or `keyCredential`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialDocument {
    key_id: Option<ObjectId>,
    /// Null where it has no end.
    end_date_time: Option<Timestamp>,
    /// What a key is for.
    usage: Option<String>,
    /// A certificate, DER in base64. It is public.
    key: Option<String>,
}

impl CredentialDocument {
    /// Whether the app signs in with the key.
    fn signs_in(&self) -> bool {
        self.usage.as_deref() == Some(VERIFY)
    }
}

impl From<CredentialDocument> for PrincipalCredential {
    fn from(document: CredentialDocument) -> Self {
        Self { key_id: document.key_id, expires_at: document.end_date_time }
    }
}

impl ApplicationDocument {
    /// What the app is registered with, beside the certificate that signed in.
    pub(crate) fn registration(self, ours: Option<&Certificate>) -> AppRegistration {
        let is_ours = |key: &str| Some(ours?.is(&STANDARD.decode(key).ok()?));
        let certificate = |key: CredentialDocument| RegisteredCertificate {
            expires_at: key.end_date_time,
            is_ours: key.key.as_deref().and_then(is_ours),
        };
        let keys = self.key_credentials;
        AppRegistration {
            secrets: self.password_credentials.into_iter().map(|secret| secret.end_date_time).collect(),
            certificates: keys
                .map(|keys| keys.into_iter().filter(CredentialDocument::signs_in).map(certificate).collect()),
            asks: self.required_resource_access.map(asks_on_graph),
        }
    }
}

/// The application permissions that are asked for on Graph itself.
fn asks_on_graph(resources: Vec<ResourceAccessDocument>) -> BTreeSet<ObjectId> {
    let graph = resources.into_iter().filter(|resource| resource.resource_app_id == GRAPH_APP_ID);
    let accesses = graph.flat_map(|resource| resource.resource_access);
    accesses.filter(|access| access.r#type == ROLE).map(|access| access.id).collect()
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
    fn a_delegated_grant_counts_when_it_is_for_everybody_and_grants_what_is_wanted() {
        let wanted = ["User.Read", "Mail.Read"].map(str::to_owned).into();
        let grant = |consent: &str, scope: &str| {
            let json =
                format!(r#"{{"clientId":"{ID}","consentType":"{consent}","resourceId":"{ID}","scope":{scope}}}"#);
            serde_json::from_str::<GrantDocument>(&json).expect("a grant").for_everybody(&wanted)
        };
        let scopes = |text: &str| grant("AllPrincipals", text).expect("for everybody").scopes;
        assert_eq!(Vec::from_iter(scopes(r#"" User.Read  Mail.Read a b c User.Read""#)), ["Mail.Read", "User.Read"]);
        for nothing in ["null", r#""""#, r#""Sites.Read.All""#] {
            assert_eq!(grant("AllPrincipals", nothing), None, "{nothing}");
        }
        assert_eq!(grant("Principal", r#""User.Read""#), None);
    }

    #[test]
    fn an_own_principal_tells_its_state_its_owner_and_what_else_signs_in_as_it() {
        let principal = |rest: &str| {
            let json = format!(r#"{{"id":"{ID}"{rest}}}"#);
            serde_json::from_str::<OwnPrincipalDocument>(&json).expect("a principal").principal()
        };
        let whole = principal(&format!(
            r#","accountEnabled":false,"disabledByMicrosoftStatus":"DisabledDueToViolationOfServicesAgreement",
            "appOwnerOrganizationId":"{ID}","passwordCredentials":[{{"keyId":"{ID}","endDateTime":null}}],
            "keyCredentials":[{{"keyId":"{ID}","usage":"Verify"}},{{"keyId":null,"usage":"Sign"}}]"#
        ));
        assert!(!whole.is_enabled && whole.is_disabled_by_microsoft);
        assert_eq!(whole.owner.as_ref().map(EntraTenantId::as_str), Some(ID));
        assert_eq!(
            whole.credentials.map(|all| all.len()),
            Some(2),
            "a key that signs what the app is told does not count"
        );

        let usual = principal(
            r#","accountEnabled":true,"disabledByMicrosoftStatus":null,"passwordCredentials":[],"keyCredentials":[]"#,
        );
        assert!(usual.is_enabled && !usual.is_disabled_by_microsoft);
        assert_eq!((usual.owner, usual.credentials), (None, Some(Vec::new())));
        assert!(!principal(r#","disabledByMicrosoftStatus":"NotDisabled""#).is_disabled_by_microsoft);
        let silent = principal(r#","passwordCredentials":[]"#);
        assert_eq!((silent.is_enabled, silent.credentials), (true, None), "what is not told is not none");
    }

    #[test]
    fn a_registered_certificate_is_ours_when_it_is_shown_whole_and_the_same() {
        let der = |name: &str| {
            let path = format!("{}/src/testdata/{name}.crt", env!("CARGO_MANIFEST_DIR"));
            let pem = std::fs::read_to_string(path).expect("a certificate");
            pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()
        };
        let key = |key: &str| format!(r#"{{"usage":"Verify","endDateTime":null,"key":{key}}}"#);
        let keys =
            [key(&format!("{:?}", der("rsa2048"))), key(&format!("{:?}", der("rsa4096"))), key("null"), key("7")];
        let ours = |keys: &[String]| {
            let json = format!(r#"{{"keyCredentials":[{}]}}"#, keys.join(","));
            let read = serde_json::from_str::<ApplicationDocument>(&json);
            let ours = crate::certificate::tests::certificate("rsa2048");
            let registration = read.ok()?.registration(Some(&ours));
            Some(registration.certificates?.iter().map(|certificate| certificate.is_ours).collect::<Vec<_>>())
        };
        assert_eq!(ours(&keys[..3]), Some(vec![Some(true), Some(false), None]));
        assert_eq!(ours(&keys), None);
    }

    #[test]
    fn an_app_asks_for_roles_of_graph() {
        let other = "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee";
        let resource = |app: &str, kind: &str, id: &str| {
            format!(r#"{{"resourceAppId":"{app}","resourceAccess":[{{"id":"{id}","type":"{kind}"}}]}}"#)
        };
        let resources = [
            resource(GRAPH_APP_ID, "Role", ID),
            resource(GRAPH_APP_ID, "Scope", other),
            resource(other, "Role", other),
        ];
        let json = format!(r#"{{"requiredResourceAccess":[{}]}}"#, resources.join(","));
        let application: ApplicationDocument = serde_json::from_str(&json).expect("an application");
        assert_eq!(application.registration(None).asks, Some([ID.parse().expect("a GUID")].into()));
    }

    #[test]
    fn of_a_client_secret_only_its_end_is_read() {
        let json = r#"{"id":7,"passwordCredentials":[{"hint":"abc","displayName":"adele","keyId":null,"endDateTime":"2027-01-31T00:00:00Z"},{"endDateTime":null}]}"#;
        let application: ApplicationDocument = serde_json::from_str(json).expect("an application");
        let AppRegistration { secrets, certificates, asks } = application.registration(None);
        assert_eq!(asks, None);
        let end = "2027-01-31T00:00:00Z".parse::<Timestamp>().expect("a time");
        assert_eq!((secrets, certificates), (vec![Some(end), None], None));
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
