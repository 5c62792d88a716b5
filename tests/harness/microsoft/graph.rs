//! Graph: the questions of a connection check, for whoever holds a token of the stand-in.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::ObjectId;
use domain::manifest::GRAPH_APP_ID;
use domain::time::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use uuid::Uuid;

use super::behaviour::{Paging, Principal};
use super::refusal::graph_error;
use super::registration::Registration;
use super::tenant::{Tenant, required_roles};
use super::{RecordedCall, State as StandIn};

/// Where an evil next page would be.
const EVIL_PAGE: &str = "https://graph.microsoft.com.evil.example/v1.0/page2";

/// Everything that is not the token endpoint.
pub(crate) async fn answer(
    State(stand_in): State<Arc<StandIn>>,
    uri: Uri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(tenant) = bearer.and_then(|token| stand_in.bearer(token)) else {
        return graph_error(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            "Access token is empty or invalid.",
        );
    };
    tenant.record(RecordedCall::of(&method, &uri, &headers));
    let own = format!("/v1.0/servicePrincipals(appId='{}')", tenant.fixture.client_id);
    let resource = format!("/v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')");
    let application = format!("/v1.0/applications(appId='{}')", tenant.fixture.client_id);
    let behaviour = &tenant.behaviour;
    let (trick, document): (_, fn(&StandIn, &Tenant, &Uri) -> Value) = match uri.path() {
        "/v1.0/organization" if method == Method::GET => (behaviour.organization, organization),
        path if method == Method::GET && path == own => (behaviour.service_principal, service_principal),
        path if method == Method::GET && path == resource => (behaviour.resource, graph_resource),
        path if method == Method::GET && path.strip_prefix(&own) == Some("/appRoleAssignments") => {
            (behaviour.assignments, assignments)
        }
        path if method == Method::GET && path.strip_prefix(&own) == Some("/oauth2PermissionGrants") => {
            (None, delegated_grants)
        }
        path if method == Method::GET && path == application => (behaviour.application, application_object),
        _ => return graph_error(StatusCode::NOT_FOUND, "Request_ResourceNotFound", "Resource does not exist."),
    };
    let tricked = match trick {
        Some(trick) => trick.answer(&tenant).await,
        None => None,
    };
    let answer = tricked.unwrap_or_else(|| {
        let request_id = [("request-id", Uuid::new_v4().to_string())];
        (request_id, Json(document(&stand_in, &tenant, &uri))).into_response()
    });
    tenant.count_bytes(&answer);
    answer
}

fn context(of: &str) -> String {
    format!("https://graph.microsoft.com/v1.0/$metadata#{of}")
}

fn organization(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    let plan = |service: &str, id: &str| {
        json!({
            "assignedDateTime": "2026-01-31T08:30:00Z",
            "capabilityStatus": "Enabled",
            "service": service,
            "servicePlanId": id,
        })
    };
    let mut plans = vec![plan("exchange", "efb87545-963c-4e0d-99df-69c6916d9eb0")];
    // Basic Mobility and Security goes by the same service's name.
    plans.push(plan("SCO", "882e1d05-acd1-4ccb-8708-6ee03664b117"));
    if tenant.behaviour.intune_licence {
        plans.push(plan("SCO", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"));
    }
    let organization = json!({ "id": tenant.organization(), "assignedPlans": plans });
    json!({ "@odata.context": context("organization(id,assignedPlans)"), "value": [organization] })
}

/// The application object: when its client secrets expire, and what nobody may keep of them.
fn application_object(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    let of = context("applications(passwordCredentials,keyCredentials)/$entity");
    let (mut secrets, mut keys) = (Vec::new(), Vec::new());
    match &tenant.fixture.registration {
        Registration::ClientSecret => secrets.push(secret(tenant.behaviour.secret_expires_in_days)),
        Registration::Certificate(certificate) => keys.push(json!({
            "customKeyIdentifier": STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate.der)),
            "displayName": "CN=Fabrikam Sync",
            "endDateTime": Timestamp::from(certificate.expires_at).to_string(),
            "key": STANDARD.encode(&certificate.der),
            "keyId": Uuid::new_v4().to_string(),
            "startDateTime": "2026-01-31T08:30:00Z",
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
        })),
        Registration::Federated(_) => {}
    }
    // Whoever consents grants what the registration asks for.
    let roles = required_roles().into_values();
    let access: Vec<_> = roles.map(|role| json!({ "id": role.as_str(), "type": "Role" })).collect();
    json!({
        "@odata.context": of,
        "passwordCredentials": secrets,
        "keyCredentials": keys,
        "requiredResourceAccess": [{ "resourceAppId": GRAPH_APP_ID, "resourceAccess": access }],
    })
}

fn secret(expires_in_days: u32) -> Value {
    let expires_at = SystemTime::now() + Duration::from_hours(24 * u64::from(expires_in_days));
    json!({
        "customKeyIdentifier": null,
        "displayName": "Made by adele@contoso.com",
        "endDateTime": Timestamp::from(expires_at).to_string(),
        "hint": "x7Q",
        "keyId": Uuid::new_v4().to_string(),
        "secretText": null,
        "startDateTime": "2026-01-31T08:30:00Z",
    })
}

/// One grant for everybody, one for a single user, and one on another API.
fn delegated_grants(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    let grant = |consent: &str, resource: &str, scope: &str| {
        json!({
            "clientId": tenant.service_principal.as_str(),
            "consentType": consent,
            "id": Uuid::new_v4().simple().to_string(),
            "principalId": (consent == "Principal").then(|| Uuid::new_v4().to_string()),
            "resourceId": resource,
            "scope": scope,
        })
    };
    let (graph, other) = (tenant.resource.as_str(), Uuid::new_v4().to_string());
    let grants = [
        grant("AllPrincipals", graph, " User.Read  Group.Read.All "),
        grant("Principal", graph, "Mail.Read"),
        grant("AllPrincipals", &other, "Sites.Read.All"),
    ];
    json!({ "@odata.context": context("oauth2PermissionGrants"), "value": grants })
}

fn service_principal(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    let Principal { is_enabled, disabled_by_microsoft, is_owned_elsewhere, has_secret } = tenant.behaviour.principal;
    let owner =
        if is_owned_elsewhere { Uuid::new_v4().to_string() } else { tenant.fixture.entra_tenant_id.to_string() };
    let secrets: Vec<_> = has_secret.then(|| secret(300)).into_iter().collect();
    json!({
        "@odata.context": context("servicePrincipals/$entity"),
        "id": tenant.service_principal.as_str(),
        "accountEnabled": is_enabled,
        "disabledByMicrosoftStatus": disabled_by_microsoft,
        "appOwnerOrganizationId": owner,
        "passwordCredentials": secrets,
        "keyCredentials": [],
    })
}

fn graph_resource(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    json!({ "@odata.context": context("servicePrincipals(id)/$entity"), "id": tenant.resource.as_str() })
}

/// One page. The skip token is simply how many were told before.
fn assignments(stand_in: &StandIn, tenant: &Tenant, uri: &Uri) -> Value {
    let skip_token = uri.query().and_then(|query| query.strip_prefix("$skiptoken="));
    let skipped: usize = skip_token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let granted = tenant.assigned();
    let (size, next) = match tenant.behaviour.paging {
        Paging::Evil => (granted.len(), Some(EVIL_PAGE.to_owned())),
        Paging::Of(size) => {
            let told = skipped + size;
            let next = format!("{}{}?$skiptoken={told}", stand_in.origin, uri.path());
            (size, (told < granted.len()).then_some(next))
        }
    };
    let page: Vec<_> =
        granted.iter().skip(skipped).take(size).map(|(role, resource)| assignment(tenant, role, resource)).collect();
    let mut document = json!({ "@odata.context": context("appRoleAssignments"), "value": page });
    if let Some(next) = next {
        document["@odata.nextLink"] = json!(next);
    }
    document
}

/// Whatever the resource is, its name is what its owner calls it.
fn assignment(tenant: &Tenant, role: &ObjectId, resource: &ObjectId) -> Value {
    json!({
        "id": Uuid::new_v4().simple().to_string(),
        "deletedDateTime": null,
        "appRoleId": role.as_str(),
        "createdDateTime": "2026-01-31T08:30:00.1234567Z",
        "principalDisplayName": "Fabrikam Sync",
        "principalId": tenant.service_principal.as_str(),
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": resource.as_str(),
    })
}
